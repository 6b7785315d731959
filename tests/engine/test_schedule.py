"""Which mailbox is served next: due, free, covered, and not too many on one server."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from attrs import define, evolve, field

from kana_tui.domain.backoff import NO_FAILURES, REFUSED_EACH_S, Failures
from kana_tui.domain.cover import Priority, covers
from kana_tui.domain.mailbox import Mailbox
from kana_tui.domain.settings import ReceiversSettings
from kana_tui.engine.schedule import Schedule, Turn
from kana_tui.engine.slots import Slots
from tests.mailboxes import make_mailbox

POLL_S = 30
FAILING = Failures(1)
REFUSED = Failures(3, 3)


class Ticks:
    """A monotonic clock that stands still unless it is moved."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@define
class Anyone:
    """A taker that wants whatever it covers."""

    priority: Priority = Priority.LOW
    room: bool = True
    room_for_failing: bool = True
    stopped: bool = False

    def has_room(self, *, failing: bool) -> bool:
        return self.room and (self.room_for_failing or not failing)

    def wants(self, mailbox: Mailbox) -> bool:
        return not self.stopped and covers(self.priority, mailbox.mailbox.priority)


ANYONE = Anyone()


@define
class InForce:
    """The settings, which may be edited."""

    settings: ReceiversSettings = field(factory=lambda: ReceiversSettings(poll_interval_s=POLL_S))

    def __call__(self) -> ReceiversSettings:
        return self.settings


async def schedule(
    *mailboxes: Mailbox, clock: Callable[[], float], settings: InForce | None = None
) -> Schedule:
    made = Schedule(clock, settings or InForce())
    await made.load({mailbox.id: mailbox for mailbox in mailboxes})
    return made


async def would_wait(made: Schedule, taker: Anyone = ANYONE) -> bool:
    """Whether `take` finds nothing to serve now; what it finds is given back, due at once."""
    taking = asyncio.create_task(made.take(taker))
    for _ in range(5):
        await asyncio.sleep(0)
    if taking.done():
        await made.done(await taking, 0.0, (await taking).failures)
        return False
    taking.cancel()
    await asyncio.wait({taking})
    return True


async def served(made: Schedule, wait_s: float = POLL_S, failures: Failures = NO_FAILURES) -> Turn:
    """Take what comes next, and give it back."""
    turn = await made.take(ANYONE)
    await made.done(turn, wait_s, failures)
    return turn


async def test_a_new_mailbox_is_due_at_once_and_then_after_its_interval() -> None:
    clock = Ticks()
    made = await schedule(make_mailbox(1), clock=clock)
    assert (await served(made)).mailbox.id == 1
    assert await would_wait(made)
    clock.now += POLL_S
    assert (await made.take(ANYONE)).mailbox.id == 1


async def test_a_mailbox_is_served_by_one_receiver_at_a_time() -> None:
    made = await schedule(make_mailbox(1), clock=Ticks())
    await made.take(ANYONE)
    assert await would_wait(made)


async def test_a_receiver_only_gets_what_it_covers() -> None:
    made = await schedule(make_mailbox(1, priority=Priority.MEDIUM), clock=Ticks())
    assert await would_wait(made, Anyone(Priority.HIGH))
    assert (await made.take(Anyone(Priority.MEDIUM))).mailbox.id == 1


async def test_a_priority_that_changes_counts_from_the_next_choice_on() -> None:
    made = await schedule(make_mailbox(1, priority=Priority.MEDIUM), clock=Ticks())
    taker = Anyone(Priority.HIGH)
    taking = asyncio.create_task(made.take(taker))
    await asyncio.sleep(0)
    taker.priority = Priority.LOW
    await made.wake()
    async with asyncio.timeout(5):
        assert (await taking).mailbox.id == 1


async def test_who_has_no_room_gets_nothing_and_who_has_none_for_failing_ones_gets_the_others() -> (
    None
):
    made = await schedule(make_mailbox(1), make_mailbox(2), clock=Ticks())
    await made.hold(1, FAILING, 0.0)
    assert await would_wait(made, Anyone(room=False))
    taker = Anyone(room_for_failing=False)
    assert (await made.take(taker)).mailbox.id == 2
    assert await would_wait(made, taker)
    assert await made.take(ANYONE) == Turn(make_mailbox(1), FAILING, failing=True)


async def test_one_server_gets_no_more_visits_at_once_than_allowed_even_if_that_changes() -> None:
    boxes = [make_mailbox(i, server="mx.example") for i in (1, 2, 3)]
    other = make_mailbox(4, server="other.example")
    settings = InForce(ReceiversSettings(per_server=2))
    made = await schedule(*boxes, other, clock=Ticks(), settings=settings)
    turns = [await made.take(ANYONE) for _ in range(3)]
    assert {turn.mailbox.id for turn in turns} == {1, 2, 4}
    assert await would_wait(made)
    settings.settings = evolve(settings.settings, per_server=3)
    assert (await made.take(ANYONE)).mailbox.id == 3


async def test_a_server_that_failed_with_one_mailbox_is_failing_with_all_until_one_succeeds() -> (
    None
):
    boxes = [make_mailbox(i, server="mx.example") for i in (1, 2, 3)]
    made = await schedule(*boxes, make_mailbox(4, server="other.example"), clock=Ticks())
    first = await made.take(ANYONE)
    await made.done(first, POLL_S, FAILING)
    turns = {turn.mailbox.id: turn for turn in [await made.take(ANYONE) for _ in range(3)]}
    assert {number: turn.failing for number, turn in turns.items()} == {2: True, 3: True, 4: False}
    await made.done(turns[2], 0.0, NO_FAILURES)
    assert await made.take(ANYONE) == Turn(boxes[1])


async def test_a_server_that_refuses_the_credentials_of_one_mailbox_is_well() -> None:
    boxes = [make_mailbox(i, server="mx.example") for i in (1, 2)]
    made = await schedule(*boxes, clock=Ticks())
    await made.done(await made.take(ANYONE), POLL_S, Failures(1, 1))
    assert await made.take(ANYONE) == Turn(boxes[1])


async def test_an_edited_mailbox_is_due_at_once_and_its_failures_are_forgotten() -> None:
    made = await schedule(make_mailbox(1), clock=Ticks())
    await served(made, REFUSED_EACH_S, REFUSED)
    edited = make_mailbox(1, version=2)
    await made.load({1: edited})
    assert await made.take(ANYONE) == Turn(edited, NO_FAILURES)


async def test_an_edit_that_leaves_a_mailbox_postponed_leaves_its_failures_and_its_time() -> None:
    clock = Ticks()
    made = await schedule(make_mailbox(1), clock=clock)
    await served(made, REFUSED_EACH_S, REFUSED)
    edited = make_mailbox(1, version=2)
    await made.load({1: edited}, postponed=[1])
    assert await would_wait(made)
    clock.now += REFUSED_EACH_S
    assert await made.take(ANYONE) == Turn(edited, REFUSED, failing=True)


async def test_a_mailbox_edited_while_it_is_visited_is_due_at_once_after_it() -> None:
    made = await schedule(make_mailbox(1), clock=Ticks())
    turn = await made.take(ANYONE)
    edited = make_mailbox(1, version=2)
    await made.load({1: edited})
    assert await would_wait(made)
    await made.done(turn, REFUSED_EACH_S, REFUSED)
    assert await made.take(ANYONE) == Turn(edited, NO_FAILURES)


async def test_a_mailbox_removed_while_it_is_visited_is_forgotten_in_good_order() -> None:
    made = await schedule(make_mailbox(1), clock=Ticks())
    turn = await made.take(ANYONE)
    await made.load({})
    await made.done(turn, 0, NO_FAILURES)
    assert await would_wait(made)


async def test_who_waits_is_woken_by_a_mailbox_that_comes_free() -> None:
    made = await schedule(make_mailbox(1), clock=Ticks())
    turn = await made.take(ANYONE)
    waiting = asyncio.create_task(made.take(ANYONE))
    await made.done(turn, 0.0, NO_FAILURES)
    async with asyncio.timeout(5):
        assert (await waiting).mailbox.id == 1


async def test_who_waits_is_woken_by_the_time() -> None:
    made = await schedule(make_mailbox(1), clock=asyncio.get_running_loop().time)
    await served(made, 0.01)
    async with asyncio.timeout(5):
        assert (await made.take(ANYONE)).mailbox.id == 1


async def test_an_order_makes_a_mailbox_due_at_once_whatever_its_failures() -> None:
    made = await schedule(make_mailbox(1), clock=Ticks())
    await served(made, REFUSED_EACH_S, REFUSED)
    assert await would_wait(made)
    assert await made.hurry(1)
    assert await made.take(ANYONE) == Turn(make_mailbox(1), NO_FAILURES)


async def test_an_order_for_a_mailbox_that_is_visited_counts_after_the_visit() -> None:
    made = await schedule(make_mailbox(1), clock=Ticks())
    turn = await made.take(ANYONE)
    assert await made.hurry(1)
    assert await would_wait(made)
    await made.done(turn, POLL_S, FAILING)
    assert await made.take(ANYONE) == Turn(make_mailbox(1), NO_FAILURES)


async def test_an_order_for_a_mailbox_that_is_gone_says_so() -> None:
    made = await schedule(clock=Ticks())
    assert not await made.hurry(1)


async def test_an_order_for_all_leaves_those_whose_credentials_are_refused_to_their_pace() -> None:
    made = await schedule(*(make_mailbox(i) for i in (1, 2, 3)), clock=Ticks())
    for failures in (NO_FAILURES, FAILING, REFUSED):
        await served(made, POLL_S, failures)
    await made.hurry_all(lambda _mailbox: True)
    assert {(await made.take(ANYONE)).mailbox.id for _ in range(2)} == {1, 2}
    assert await would_wait(made)


async def test_what_failed_before_the_engine_began_waits_as_long_as_it_is_told() -> None:
    clock = Ticks()
    made = await schedule(make_mailbox(1), clock=clock)
    await made.hold(1, REFUSED, 100.0)
    clock.now += 99.0
    assert await would_wait(made)
    clock.now += 1.0
    assert await made.take(ANYONE) == Turn(make_mailbox(1), REFUSED, failing=True)


async def test_a_shorter_poll_interval_counts_at_once_but_for_what_fails() -> None:
    clock, settings = Ticks(), InForce(ReceiversSettings(poll_interval_s=3600))
    made = await schedule(make_mailbox(1), make_mailbox(2), clock=clock, settings=settings)
    await served(made, 3600.0)
    await served(made, 3600.0, FAILING)
    settings.settings = ReceiversSettings(poll_interval_s=5)
    await made.follow_settings()
    assert await would_wait(made)
    clock.now += 5.0
    assert (await made.take(ANYONE)).mailbox.id == 1
    assert await would_wait(made)


@pytest.mark.parametrize("count", [1, 5])
async def test_every_due_mailbox_is_handed_out_once(count: int) -> None:
    made = await schedule(*(make_mailbox(i) for i in range(1, count + 1)), clock=Ticks())
    turns = [(await made.take(ANYONE)).mailbox.id for _ in range(count)]
    assert sorted(turns) == list(range(1, count + 1))


def test_failing_mailboxes_get_a_quarter_of_the_slots_and_always_one() -> None:
    for at_once, for_failing in ((8, 2), (4, 1), (1, 1)):
        slots = Slots(lambda at_once=at_once: at_once)  # type: ignore[misc]
        held = 0
        while slots.has_room(failing=True):
            held += 1
            slots.hold(Turn(make_mailbox(held), failing=True))
        assert held == for_failing
        assert slots.has_room(failing=False) == (for_failing < at_once)
