"""The coverage map: each active mailbox once, by priority, with who downloads from it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kana_tui.domain.cover import Priority
from kana_tui.domain.settings import Settings
from kana_tui.ports.nodes import NodeRow, ReceiverRow, ReceiverState
from kana_tui.ports.overview import OverviewRows
from kana_tui.services.coverage import coverage
from kana_tui.services.overview import Snapshot, judge
from kana_tui.services.receivers import left_uncovered, newly_covered
from tests.tui.stage import NOON, mailbox

PRIORITIES = st.sampled_from(Priority)
MAILBOXES = st.lists(st.tuples(PRIORITIES, st.booleans()), max_size=8)
STATES = st.sampled_from([ReceiverState.RUNNING, ReceiverState.STOPPED])
RECEIVERS = st.lists(st.tuples(PRIORITIES, STATES), min_size=1, max_size=4)

Mailboxes = list[tuple[Priority, bool]]
Receivers = list[tuple[Priority, ReceiverState]]


def seen(mailboxes: Mailboxes, receivers: Receivers) -> Snapshot:
    rows = OverviewRows(
        mailboxes=tuple(
            mailbox(i, f"box {i}", priority=priority, active=active)
            for i, (priority, active) in enumerate(mailboxes, 1)
        ),
        receivers=tuple(
            ReceiverRow("mx1", f"r{i}", priority, state)
            for i, (priority, state) in enumerate(receivers, 1)
        ),
        nodes=(NodeRow("mx1", "mx1", 1, "1", False, None, NOON, NOON),),
        alerts=(),
        ledger=(),
    )
    return judge(rows, Settings(), NOON)


def with_first(receivers: Receivers, priority: Priority, state: ReceiverState) -> Receivers:
    return [(priority, state), *receivers[1:]]


@given(MAILBOXES, RECEIVERS)
def test_every_mailbox_is_in_the_map_once(mailboxes: Mailboxes, receivers: Receivers) -> None:
    known = coverage(seen(mailboxes, receivers))
    active = [one.id for covered in known.by_priority for one in covered.mailboxes]
    assert sorted(active + [one.id for one in known.inactive]) == list(range(1, len(mailboxes) + 1))


@given(MAILBOXES, RECEIVERS)
def test_what_the_map_calls_uncovered_is_what_the_board_does(
    mailboxes: Mailboxes, receivers: Receivers
) -> None:
    snapshot = seen(mailboxes, receivers)
    uncovered = {one.id for one in coverage(snapshot).uncovered}
    assert uncovered == {one.id for one in snapshot.mailboxes if one.uncovered}


@given(MAILBOXES, RECEIVERS)
def test_the_receivers_of_a_priority_are_those_of_its_mailboxes(
    mailboxes: Mailboxes, receivers: Receivers
) -> None:
    for covered in coverage(seen(mailboxes, receivers)).by_priority:
        names = tuple(one.name for one in covered.receivers)
        assert all(one.covered_by == names for one in covered.mailboxes)


@given(MAILBOXES, RECEIVERS, PRIORITIES)
def test_what_a_priority_would_change_is_what_it_then_changes(
    mailboxes: Mailboxes, receivers: Receivers, priority: Priority
) -> None:
    receivers = with_first(receivers, receivers[0][0], ReceiverState.RUNNING)
    before = seen(mailboxes, receivers)
    after = seen(mailboxes, with_first(receivers, priority, ReceiverState.RUNNING))
    was = {one.id for one in before.mailboxes if one.uncovered}
    now = {one.id for one in after.mailboxes if one.uncovered}
    first = before.receivers[0]
    assert {one.id for one in left_uncovered(before, first, priority)} == now - was
    assert {one.id for one in newly_covered(before, priority)} == was - now


@given(MAILBOXES, RECEIVERS)
def test_what_a_start_would_cover_is_what_it_then_covers(
    mailboxes: Mailboxes, receivers: Receivers
) -> None:
    priority = receivers[0][0]
    before = seen(mailboxes, with_first(receivers, priority, ReceiverState.STOPPED))
    after = seen(mailboxes, with_first(receivers, priority, ReceiverState.RUNNING))
    was = {one.id for one in before.mailboxes if one.uncovered}
    now = {one.id for one in after.mailboxes if one.uncovered}
    assert {one.id for one in newly_covered(before, priority)} == was - now
