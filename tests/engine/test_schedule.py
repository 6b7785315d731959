"""Which mailbox is served next: due, free, covered, and not too many on one server."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from kana_tui.domain.cover import Priority
from kana_tui.domain.mailbox import Mailbox
from kana_tui.engine.schedule import Schedule
from tests.mailboxes import make_mailbox

POLL_S = 30.0


def anything(_mailbox: Mailbox) -> bool:
    return True


class Ticks:
    """A monotonic clock that stands still unless it is moved."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


async def schedule(
    *mailboxes: Mailbox, clock: Callable[[], float], per_server: int = 10
) -> Schedule:
    made = Schedule(clock, POLL_S, per_server)
    await made.load({mailbox.id: mailbox for mailbox in mailboxes})
    return made


async def would_wait(made: Schedule, priority: Priority = Priority.LOW) -> bool:
    """Whether `take` finds nothing to serve now."""
    taking = asyncio.create_task(made.take(anything, priority))
    for _ in range(5):
        await asyncio.sleep(0)
    done = taking.done()
    taking.cancel()
    await asyncio.wait({taking})
    return not done


async def test_a_new_mailbox_is_due_at_once_and_then_after_its_interval() -> None:
    clock = Ticks()
    made = await schedule(make_mailbox(1), clock=clock)
    assert (await made.take(anything, Priority.LOW)).id == 1
    await made.done(1, POLL_S)
    assert await would_wait(made)
    clock.now += POLL_S
    assert (await made.take(anything, Priority.LOW)).id == 1


async def test_a_mailbox_is_served_by_one_receiver_at_a_time() -> None:
    made = await schedule(make_mailbox(1), clock=Ticks())
    await made.take(anything, Priority.LOW)
    assert await would_wait(made)


async def test_a_receiver_only_gets_what_it_covers() -> None:
    made = await schedule(make_mailbox(1, priority=Priority.MEDIUM), clock=Ticks())
    assert await would_wait(made, Priority.HIGH)
    assert (await made.take(anything, Priority.MEDIUM)).id == 1


async def test_one_server_gets_no_more_visits_at_once_than_allowed() -> None:
    boxes = [make_mailbox(i, server="mx.example") for i in (1, 2, 3)]
    other = make_mailbox(4, server="other.example")
    made = await schedule(*boxes, other, clock=Ticks(), per_server=2)
    served = {(await made.take(anything, Priority.LOW)).id for _ in range(3)}
    assert served == {1, 2, 4}
    assert await would_wait(made)
    await made.done(1, POLL_S)
    assert (await made.take(anything, Priority.LOW)).id == 3


async def test_an_edited_mailbox_is_due_at_once() -> None:
    made = await schedule(make_mailbox(1), clock=Ticks())
    await made.take(anything, Priority.LOW)
    await made.done(1, POLL_S)
    edited = make_mailbox(1, version=2)
    await made.load({1: edited})
    assert await made.take(anything, Priority.LOW) is edited


async def test_a_mailbox_removed_while_it_is_visited_is_forgotten_in_good_order() -> None:
    made = await schedule(make_mailbox(1), clock=Ticks())
    await made.take(anything, Priority.LOW)
    await made.load({})
    await made.done(1, 0)
    assert await would_wait(made)


async def test_who_waits_is_woken_by_a_mailbox_that_comes_free() -> None:
    made = await schedule(make_mailbox(1), clock=Ticks())
    await made.take(anything, Priority.LOW)
    waiting = asyncio.create_task(made.take(anything, Priority.LOW))
    await made.done(1, 0.0)
    async with asyncio.timeout(5):
        assert (await waiting).id == 1


@pytest.mark.parametrize("count", [1, 5])
async def test_every_due_mailbox_is_handed_out_once(count: int) -> None:
    made = await schedule(*(make_mailbox(i) for i in range(1, count + 1)), clock=Ticks())
    served = [(await made.take(anything, Priority.LOW)).id for _ in range(count)]
    assert sorted(served) == list(range(1, count + 1))
