"""The ledger against a model of a server: whatever happens, all is accounted for.

Every letter has bytes and a size of its own, so that each can be followed from
its delivery to its deletion.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import pytest
from attrs import evolve
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from kana_tui.domain.intake import Envelope, Incoming, Plan
from kana_tui.domain.rules.stages import RuleStage, StageOutcome
from kana_tui.ports.intake import Lease
from kana_tui.ports.mailboxes import Edit
from kana_tui.ports.messages import MessageFilter
from kana_tui.store.open import open_store
from kana_tui.store.store import Store
from tests.contracts.setting import (
    ALICE,
    NOON,
    SetClock,
    add_mailbox,
    commit,
    lease_of,
    letter,
    record,
    sums_of,
)
from tests.store.memory_secret_box import MemorySecretBox

T = TypeVar("T")

UIDS = [b"%d" % number for number in range(4)]
"""Few, so that the server gives them again and again."""


class LedgerMachine(RuleBasedStateMachine):
    """A server, a store, and visits that may end anywhere."""

    new_store: Path

    @initialize()
    def begin(self) -> None:
        self.loop = asyncio.Runner()
        self.home = TemporaryDirectory()
        shutil.copyfile(self.new_store, Path(self.home.name) / "kana.db")
        self.server: dict[bytes, int] = {}
        self.uid_validity = 1
        self.delivered = 0
        self.deleted_by_us: set[int] = set()
        self.keep = False
        self.todo: Plan | None = None
        self.run(self._open())
        self.mailbox = self.run(add_mailbox(self.store))

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.loop.run(work)

    async def _open(self) -> None:
        self.stack = AsyncExitStack()
        self.store: Store = await self.stack.enter_async_context(
            open_store("sqlite:///kana.db", Path(self.home.name), MemorySecretBox(), SetClock())
        )
        self.lease: Lease | None = None

    def mail(self, number: int) -> Incoming:
        uid = next(uid for uid, held in self.server.items() if held == number)
        raw = b"%d" % number + b"x" * number
        envelope = Envelope(str(number), "a@b.test", ())
        return letter(uid, raw, envelope=envelope, reread=self.is_reread(uid))

    def is_reread(self, uid: bytes) -> bool:
        return self.todo is not None and uid in self.todo.taken_before

    # The server

    @rule(uid=st.sampled_from(UIDS))
    def deliver(self, uid: bytes) -> None:
        if uid not in self.server:
            self.delivered += 1
            self.server[uid] = self.delivered

    @rule(uid=st.sampled_from(UIDS))
    def vanish(self, uid: bytes) -> None:
        """Somebody else deletes it, taken or not."""
        self.server.pop(uid, None)

    @rule(uid=st.sampled_from(UIDS))
    def give_again(self, uid: bytes) -> None:
        """Another letter under the same UID."""
        self.vanish(uid)
        self.deliver(uid)

    @rule(order=st.permutations(UIDS))
    def renumber(self, order: list[bytes]) -> None:
        """Another UIDVALIDITY: the same messages under other UIDs. A visit under way ends."""
        self.uid_validity += 1
        self.todo = None
        self.server = dict(zip(order, self.server.values(), strict=False))

    # Visits

    @rule(keep=st.booleans())
    def begin_visit(self, keep: bool) -> None:
        self.keep = keep
        self.lease = self.run(lease_of(self.store, self.mailbox))
        listed = [self.mail(number) for number in self.server.values()]
        self.todo = self.run(
            record(self.store, self.lease, listed, uid_validity=self.uid_validity, keep=keep)
        )
        sums = self.run(sums_of(self.store, self.mailbox))
        assert sums.remaining == self.todo.remaining

    @precondition(lambda self: self.todo is not None)
    @rule(count=st.integers(1, 4), answered=st.booleans())
    def take_some(self, count: int, answered: bool) -> None:
        """Read and commit; unless it is `answered` the visit does not learn that it was stored."""
        assert self.todo is not None
        assert self.lease is not None
        wanted = [*self.todo.healthy, *(row.uid for row in self.todo.suspects)]
        batch = [self.mail(self.server[uid]) for uid in wanted if uid in self.server][:count]
        if not batch:
            return
        taken = self.run(
            commit(self.store, self.lease, batch, uid_validity=self.uid_validity, keep=self.keep)
        )
        assert [one.uid for one in taken] == [message.uid for message in batch]
        if not answered:
            self.todo = None
            return
        done = {one.uid for one in taken}
        self.todo = evolve(
            self.todo,
            take=tuple(one for one in self.todo.take if one.uid not in done),
            reread=tuple(row for row in self.todo.reread if row.uid not in done),
            suspects=tuple(row for row in self.todo.suspects if row.uid not in done),
        )
        if not self.keep:
            self.delete(done, applied=True, told=False)

    @precondition(lambda self: self.todo is not None)
    @rule(uid=st.sampled_from(UIDS))
    def fail_to_read(self, uid: bytes) -> None:
        """It is asked for, and does not come."""
        assert self.todo is not None
        assert self.lease is not None
        if uid in {*self.todo.healthy, *(row.uid for row in self.todo.suspects)}:
            trouble = {uid: "-ERR"}
            self.run(self.store.intake.record_tries(self.lease, self.uid_validity, trouble, NOON))

    @precondition(lambda self: self.todo is not None)
    @rule(applied=st.booleans(), told=st.booleans())
    def delete_old(self, applied: bool, told: bool) -> None:
        """Delete what an earlier visit took. The server may refuse, or not answer."""
        assert self.todo is not None
        self.delete({row.uid for row in self.todo.delete}, applied, told)

    def delete(self, uids: set[bytes], applied: bool, told: bool) -> None:
        assert self.lease is not None
        uids = {uid for uid in uids if self.still_ours(uid)}
        if applied:
            self.deleted_by_us |= {self.server.pop(uid) for uid in uids}
        if told:
            confirmed, refused = (uids, set()) if applied else (set[bytes](), uids)
            self.run(
                self.store.intake.record_deletions(
                    self.lease, self.uid_validity, confirmed, refused
                )
            )

    def still_ours(self, uid: bytes) -> bool:
        """A session does not see arrivals: what it deletes is what it listed."""
        number = self.server.get(uid)
        return number is not None and number in self.stored()

    @rule()
    def kill(self) -> None:
        """The process ends between two calls; another one begins."""
        self.run(self.stack.aclose())
        self.todo = None
        self.run(self._open())

    @rule()
    def another_account(self) -> None:
        edit = Edit({}, {}, (), new_epoch=True, raise_token=True)
        current = self.run(self.store.mailboxes.get(self.mailbox.id))
        assert current is not None
        self.run(self.store.mailboxes.edit(self.mailbox.id, current.mailbox.version, edit, ALICE))
        self.todo = None

    @rule(deleted=st.booleans())
    def pass_stages(self, deleted: bool) -> None:
        ready = self.run(self.store.routing.ready(1))
        outcomes = [
            StageOutcome(one.id, RuleStage.FILTER, RuleStage.DONE, None, deleted=deleted)
            for one in ready
        ]
        assert self.run(self.store.routing.apply(outcomes)) == len(outcomes)

    # What always holds

    def stored(self) -> list[int]:
        """The letters that the store holds, filtered ones too."""
        rows = self.run(self.store.messages.list(MessageFilter()))
        return [int(row.subject) for row in rows]

    @invariant()
    def all_is_accounted_for(self) -> None:
        sums = self.run(sums_of(self.store, self.mailbox))
        assert sums.difference == 0
        assert min(sums.stored, sums.filtered, sums.duplicate, sums.gone, sums.remaining) >= 0
        stored = self.stored()
        assert len(stored) == len(set(stored)) == sums.stored + sums.filtered
        assert self.deleted_by_us <= set(stored)

    def teardown(self) -> None:
        """In the end a visit without trouble takes all that waits."""
        if not hasattr(self, "store"):
            return
        try:
            self.begin_visit(keep=False)
            self.take_some(count=len(UIDS), answered=True)
            assert self.todo is not None
            assert not self.todo.waiting
            assert set(self.server.values()) <= set(self.stored())
            self.all_is_accounted_for()
        finally:
            self.run(self.stack.aclose())
            self.loop.close()
            self.home.cleanup()


def test_nothing_twice_nothing_lost_and_every_number_adds_up(new_store: Path) -> None:
    LedgerMachine.new_store = new_store
    run_state_machine_as_test(
        LedgerMachine,
        settings=settings(
            max_examples=30,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.long
def test_nothing_twice_nothing_lost_at_length(new_store: Path) -> None:
    LedgerMachine.new_store = new_store
    run_state_machine_as_test(
        LedgerMachine,
        settings=settings(
            max_examples=200,
            stateful_step_count=60,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
