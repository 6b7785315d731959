"""A program: `secrets rotate` on a home, killed at its first call of the system, then at a later
one, …

Counted are the calls on files and every question to the database. After each
kill another process opens every secret. Prints what happened, as JSON.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import aiosqlite.core

from kana_tui.domain.settings import Settings
from kana_tui.services.rotation import Rotation
from kana_tui.wiring.home import open_home
from kana_tui.wiring.invocation import Invocation
from kana_tui.wiring.rotation import rotate
from kana_tui.wiring.storage import open_home_store

WALKED: Final = (
    *("open", "fdopen", "fsync", "fchmod", "fchown", "rename", "replace", "unlink", "close"),
)
MOST: Final = 400


class Walk:
    """Kills this process at the `at`-th call once it has `begun`."""

    def __init__(self, at: int) -> None:
        self.left = at
        self.begun = False

    def step(self) -> None:
        if self.begun:
            self.left -= 1
            if self.left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    def through(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def walked(*arguments: Any, **named: Any) -> Any:
            self.step()
            return call(*arguments, **named)

        return walked

    def begin(self) -> None:
        for name in WALKED:
            setattr(os, name, self.through(getattr(os, name)))
        asked = aiosqlite.core.Connection._execute
        setattr(aiosqlite.core.Connection, "_execute", self.through(asked))  # noqa: B010
        rotated = Rotation.rotate

        def begun(rotation: Rotation, actor: Any) -> Any:
            self.begun = True
            return rotated(rotation, actor)

        setattr(Rotation, "rotate", begun)  # noqa: B010  # a method for all rotations


def invocation(home: Path) -> Invocation:
    return Invocation(
        home=home,
        config=None,
        operator=None,
        read_only=False,
        at=None,
        mouse=False,
        ascii=False,
        log_level="info",
    )


async def opened(home: Path) -> int:
    """How many secrets of mailboxes can be opened; an error where one cannot."""
    count = 0
    async with open_home_store(open_home(invocation(home))) as store:
        for one in await store.mailboxes.all():
            for key in one.secrets:
                assert await store.mailboxes.secret(one.mailbox.id, key) is not None
                count += 1
        proofs = await store.audit.verify()
        assert all(proof.broken_at is None for proof in proofs)
    return count


def in_a_process(work: Callable[[], Any]) -> int:
    """What `work` ends with, in a process of its own: 0, or that it was killed."""
    child = os.fork()
    if child == 0:
        try:
            work()
        except BaseException:  # the parent learns of it by the exit code
            import traceback  # noqa: PLC0415

            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def rotate_killed(home: Path, at: int) -> None:
    walk = Walk(at)
    walk.begin()
    asyncio.run(rotate(invocation(home)))


def main(home: Path, secrets: int, each: int) -> None:
    def check() -> None:
        assert asyncio.run(opened(home)) == secrets

    Settings()  # loaded before the first fork
    for at in range(1, MOST, each):
        ended = in_a_process(lambda at=at: rotate_killed(home, at))  # type: ignore[misc]
        if in_a_process(check) != 0:
            sys.exit(f"after a kill at call {at} a secret could not be opened")
        if ended == 0:
            print(json.dumps({"calls": at - 1}))
            return
        if ended != -signal.SIGKILL:
            sys.exit(f"call {at}: exit code {ended}")
    sys.exit("no end")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
