"""The workers that let mail out: what they bear, and what they finish."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from attrs import define, evolve, field

from kana_tui.domain.errors import MailError, Stage
from kana_tui.domain.settings import SenderSettings, Settings
from kana_tui.engine.sender import AT_ONCE, Sender
from kana_tui.ports.outbox import OutboundKind, Outgoing
from kana_tui.services.sending import Sending, SendingPorts
from kana_tui.wiring.clock import SystemClock
from tests.services.memory_mailboxes import MemoryMailboxes
from tests.services.memory_post import MemoryOutbox, MemorySecrets, MemorySender

LETTER = Outgoing(1, OutboundKind.ALERT, "kana@acme.test", ("a@x.test",), b"raw", 0)
DEADLINE_S = 20.0


@define
class Post:
    outbox: MemoryOutbox = field(factory=MemoryOutbox)
    sender: MemorySender = field(factory=MemorySender)
    written: asyncio.Event = field(factory=asyncio.Event)

    @property
    def worker(self) -> Sender:
        ports = SendingPorts(
            self.outbox, self.sender, MemorySecrets(), SystemClock(), lambda: 0.0, MemoryMailboxes()
        )
        settings = Settings(sender=SenderSettings(server="mx"))
        return Sender(Sending(ports, lambda: settings, "mx1"), self.written)

    def write(self, *letters: Outgoing) -> None:
        self.outbox.waiting.extend(letters)
        self.written.set()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[asyncio.Task[None]]:
        task = asyncio.create_task(self.worker.run())
        try:
            yield task
        finally:
            task.cancel()
            await asyncio.wait([task])
            assert task.cancelled()


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(DEADLINE_S):
        while not holds():
            await asyncio.sleep(0.01)


async def test_at_the_start_what_was_under_way_is_taken_up_however_long_the_store_is_away() -> None:
    post = Post(MemoryOutbox(away_for=1))
    async with post.running():
        await until(lambda: post.outbox.recovered == 1)


async def test_a_letter_that_left_is_not_sent_again_because_the_store_was_away() -> None:
    post = Post()

    async def gone() -> None:
        post.outbox.away_for = 1

    post.sender.before = gone
    async with post.running():
        post.write(LETTER)
        await until(lambda: len(post.outbox.settled) == 1)
    assert len(post.sender.sent) == 1


async def test_a_slow_server_holds_up_no_other_letter() -> None:
    post, held = Post(), asyncio.Event()

    async def hold() -> None:
        if len(post.sender.sent) == 1:
            await held.wait()

    post.sender.before = hold
    async with post.running():
        post.write(LETTER, evolve(LETTER, id=2), evolve(LETTER, id=3))
        await until(lambda: len(post.outbox.settled) == 2)
        held.set()
        await until(lambda: len(post.outbox.settled) == 3)


async def test_so_many_leave_at_once_and_no_more() -> None:
    post, held = Post(), asyncio.Event()

    async def hold() -> None:
        await held.wait()

    post.sender.before = hold
    async with post.running():
        post.write(*(evolve(LETTER, id=number) for number in range(AT_ONCE + 3)))
        await until(lambda: len(post.sender.sent) == AT_ONCE)
        assert len(post.outbox.waiting) == 3
        held.set()
        await until(lambda: len(post.outbox.settled) == AT_ONCE + 3)


REPLY = evolve(LETTER, kind=OutboundKind.REPLY)
MANY_REPLIES = [evolve(REPLY, id=number) for number in range(2, 2 * AT_ONCE)]


async def test_an_alert_waits_for_no_customers_letters_however_slow_their_servers_are() -> None:
    post = Post()

    async def hold() -> None:
        if post.outbox.under_way.keys() - {LETTER.id}:
            await asyncio.Event().wait()

    post.sender.before = hold
    async with post.running():
        post.write(*MANY_REPLIES)
        await until(lambda: len(post.sender.sent) == AT_ONCE)
        post.sender.before = None
        post.write(LETTER)
        await until(lambda: len(post.outbox.settled) == 1)


async def test_one_pass_begins_with_alerts() -> None:
    post = Post()
    post.write(*MANY_REPLIES, LETTER)
    order: list[int] = []

    async def note() -> None:
        order.extend(post.outbox.under_way)

    post.sender.before = note
    async with asyncio.timeout(DEADLINE_S):
        await post.worker.finish()
    assert order[0] == LETTER.id
    assert len(post.outbox.settled) == len(MANY_REPLIES) + 1


async def test_at_the_end_what_is_under_way_is_finished() -> None:
    post, held, ending = Post(), asyncio.Event(), asyncio.Event()

    async def hold() -> None:
        ending.set()
        await held.wait()

    post.sender.before = hold
    async with post.running() as task:
        post.write(LETTER)
        await ending.wait()
        task.cancel()
        await asyncio.sleep(0)
        held.set()
    assert len(post.outbox.settled) == 1


async def test_at_the_end_nobody_waits_for_a_server_that_does_not_answer() -> None:
    post, begun = Post(), asyncio.Event()

    async def hold() -> None:
        begun.set()
        await asyncio.Event().wait()

    post.sender.before = hold
    async with asyncio.timeout(DEADLINE_S):
        async with post.running():
            post.write(LETTER)
            await begun.wait()
    assert post.outbox.settled == []


async def test_a_fault_of_the_program_costs_one_attempt_and_not_the_engine() -> None:
    post = Post()

    async def fault() -> None:
        if len(post.sender.sent) == 1:
            raise ZeroDivisionError

    post.sender.before = fault
    async with post.running():
        post.write(LETTER, evolve(LETTER, id=2))
        await until(lambda: len(post.outbox.settled) == 2)
    errors = sorted(str(error) for _refused, _next, error in post.outbox.settled)
    assert errors == ["A fault in this program; its log tells more.", "None"]


async def test_one_pass_sends_what_is_due_and_waits_for_nothing_that_failed() -> None:
    away = MailError(Stage.SMTP, "mx refuses the connection.", temporary=True)
    post = Post(sender=MemorySender({"mx": away}))
    post.write(LETTER, evolve(LETTER, id=2))
    await post.worker.finish()
    assert [error for _r, _n, error in post.outbox.settled] == [str(away)] * 2
    assert post.outbox.recovered == 1


async def test_one_pass_tries_each_letter_once_even_if_its_next_time_comes_meanwhile() -> None:
    silent = MailError(Stage.SMTP, "mx does not answer.", deadline=True)
    post = Post(MemoryOutbox(at_once=True), MemorySender({"mx": silent}))
    post.write(*(evolve(LETTER, id=number) for number in range(AT_ONCE + 3)))
    async with asyncio.timeout(DEADLINE_S):
        await post.worker.finish()
    assert len(post.sender.sent) == AT_ONCE + 3
    assert len(post.outbox.waiting) == AT_ONCE + 3
