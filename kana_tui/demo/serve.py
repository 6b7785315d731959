"""The demo's process: `python -m kana_tui.demo.serve --mailboxes N --rate PER_MIN`.

When all servers stand, one line of JSON on standard output tells their ports on
127.0.0.1: {"pop3": …, "imap": …, "smtp": …}; the traffic begins with it. The
process ends at end of file on standard input (a pipe that its parent holds, so
also when the parent is killed), and on SIGTERM, SIGINT or SIGHUP. With `--home`
it then removes the throw-away home: it is the one that outlives a killed parent.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from kana_tui.demo.cast import STORY_SIZE, Member, cast
from kana_tui.demo.connection import listening
from kana_tui.demo.imap_server import ImapServer
from kana_tui.demo.letters import alarm, letter
from kana_tui.demo.maildrop import Account
from kana_tui.demo.pop3_server import Pop3Server
from kana_tui.demo.smtp_sink import SmtpSink
from kana_tui.demo.throttle import Throttle
from kana_tui.demo.throw_away import remove_home
from kana_tui.demo.traffic import MEAN_PER_MIN, Arrival, Bursts, arrivals, deliver

SEED: Final = 1
_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until told to end. 0 after end of file, 128 + n after signal n."""
    parser = argparse.ArgumentParser(prog="python -m kana_tui.demo.serve")
    parser.add_argument("--mailboxes", type=int, default=STORY_SIZE)
    parser.add_argument("--rate", type=float, default=MEAN_PER_MIN, help="mean a minute of each")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--home", type=Path, help="removed at the end")
    given = parser.parse_args(arguments)
    try:
        return asyncio.run(_serve(cast(given.mailboxes), given.rate, given.seed))
    finally:
        if given.home is not None:
            remove_home(given.home)


async def _serve(members: Sequence[Member], mean_per_min: float, seed: int) -> int:
    accounts = {member.user: account_of(member) for member in members}
    schedule = arrivals({m.name: m.traffic for m in members}, mean_per_min, seed)
    ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    async with _end_noticed(ended), servers(accounts) as ports:
        _tell(ports)
        async with asyncio.TaskGroup() as tasks:
            post = poster(members, accounts, seed, lambda: datetime.now(UTC))
            traffic = tasks.create_task(deliver(schedule, post, time.monotonic, asyncio.sleep))
            await ended
            traffic.cancel()
    return ended.result()


def account_of(member: Member) -> Account:
    """A member's account on the servers, still empty."""
    traffic = member.traffic
    throttle = Throttle(traffic.served_per_s) if isinstance(traffic, Bursts) else None
    return Account(member.user, member.password, throttle=throttle)


def poster(
    members: Sequence[Member],
    accounts: Mapping[str, Account],
    seed: int,
    now: Callable[[], datetime],
) -> Callable[[Arrival], None]:
    """What writes the message of an arrival and puts it into its account."""
    by_name = {member.name: member for member in members}

    def post(arrival: Arrival) -> None:
        member = by_name[arrival.name]
        write = alarm if isinstance(member.traffic, Bursts) else letter
        at = now()
        raw = write(member.email_address, arrival.index, seed, at)
        accounts[member.user].drop.deliver(raw, at)

    return post


@asynccontextmanager
async def servers(accounts: Mapping[str, Account]) -> AsyncIterator[dict[str, int]]:
    """All three servers; yields their ports by protocol."""
    async with AsyncExitStack() as stack:
        yield {
            "pop3": await stack.enter_async_context(listening(Pop3Server(accounts).talk)),
            "imap": await stack.enter_async_context(listening(ImapServer(accounts).talk)),
            "smtp": await stack.enter_async_context(SmtpSink().listening()),
        }


@asynccontextmanager
async def _end_noticed(ended: asyncio.Future[int]) -> AsyncIterator[None]:
    """Set `ended` to the exit code at end of file on standard input, or at a signal."""
    loop = asyncio.get_running_loop()

    def end(code: int) -> None:
        if not ended.done():
            ended.set_result(code)

    class UntilClosed(asyncio.Protocol):
        """Standard input; what it says does not matter, only its end."""

        def connection_lost(self, _error: Exception | None) -> None:
            end(0)

    for number in _SIGNALS:
        loop.add_signal_handler(number, end, 128 + number)
    transport, _ = await loop.connect_read_pipe(UntilClosed, sys.stdin)
    try:
        yield
    finally:
        transport.close()


def _tell(ports: Mapping[str, int]) -> None:
    with suppress(BrokenPipeError):  # whoever asked has gone: end of file comes next
        os.write(sys.stdout.fileno(), json.dumps(ports).encode() + b"\n")


if __name__ == "__main__":
    sys.exit(main())
