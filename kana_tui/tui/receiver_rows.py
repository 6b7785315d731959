"""A receiver's row, and what stands in it at which width."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from attrs import frozen

from kana_tui.domain.cover import Priority
from kana_tui.ports.commands import CommandKind, Order
from kana_tui.ports.nodes import ReceiverRow, ReceiverState
from kana_tui.services.overview import MailboxView, Snapshot
from kana_tui.services.receivers import left_uncovered, newly_covered
from kana_tui.tui.amounts import short_count, short_moment
from kana_tui.tui.glyphs import Glyphs
from kana_tui.tui.line import Ink, Line, Run
from kana_tui.tui.pending_priority import PendingPriority
from kana_tui.tui.reading_row import Row
from kana_tui.tui.row import SHORT_PRIORITIES
from kana_tui.tui.safe import cells, fit, safe

_PRIORITY: Final = 9
_STATE: Final = 11
_RATE: Final = 6
_BUSY: Final = 4
_NAME_LEAST: Final = 8
_NAME_MOST: Final = 24
_WITH_ERROR: Final = 72
_UNDER_WAY: Final = {CommandKind.STOP: "stopping", CommandKind.START: "starting"}
_INKS: Final = {
    ReceiverState.RUNNING: Ink.PLAIN,
    ReceiverState.STOPPED: Ink.WARNING,
    ReceiverState.STALE: Ink.UNKNOWN,
}


@frozen
class OnReceiver:
    """A row is about this receiver."""

    node: str
    name: str


@frozen
class Widths:
    """`name`, and the two columns that share what is left; `error` 0: no room for it."""

    name: int
    visiting: int
    error: int


@frozen
class Told:
    """What is drawn beside a receiver's own row: what was chosen for it, and is ordered of it."""

    pending: PendingPriority | None = None
    order: Order | None = None


def full_name(receiver: ReceiverRow, snapshot: Snapshot) -> str:
    """With its node where there are several."""
    nodes = {one.node for one in snapshot.receivers}
    return receiver.name if len(nodes) == 1 else f"{receiver.node}/{receiver.name}"


def some_names(mailboxes: Sequence[MailboxView], most: int = 3) -> str:
    """`support, sales, faxes and 4 more`."""
    named = ", ".join(mailbox.name for mailbox in mailboxes[:most])
    more = len(mailboxes) - most
    return f"{named} and {more:,} more" if more > 0 else named


def widths(snapshot: Snapshot, width: int) -> Widths:
    longest = max((cells(safe(full_name(r, snapshot))) for r in snapshot.receivers), default=0)
    name = max(_NAME_LEAST, min(_NAME_MOST, longest, width // 5))
    left = width - 2 - name - _PRIORITY - _STATE - _RATE - _BUSY - 5
    if width < _WITH_ERROR:
        return Widths(name, left, 0)
    visiting = left * 2 // 5
    return Widths(name, visiting, left - visiting - 1)


def receiver_headings(shown: Widths) -> Line:
    parts = [
        "  " + fit("Receiver", shown.name),
        fit("Priority", _PRIORITY),
        fit("  State", _STATE),
        fit("msg/m", _RATE, right=True),
        fit("busy", _BUSY, right=True),
        fit("Visiting", shown.visiting),
        fit("Last error", shown.error),
    ]
    return (Run(" ".join(parts).rstrip(), Ink.TITLE),)


def receiver_row(
    receiver: ReceiverRow, snapshot: Snapshot, shown: Widths, glyphs: Glyphs, told: Told
) -> Row:
    name = fit(full_name(receiver, snapshot), shown.name, ellipsis=glyphs.ellipsis)
    priority, changing = _priority(receiver, told, glyphs)
    state = fit(_state(receiver, told, glyphs), _STATE, ellipsis=glyphs.ellipsis)
    works = receiver.state is ReceiverState.RUNNING or bool(receiver.visiting)
    rate = short_count(round(receiver.messages_per_min)) if works else "-"
    busy = f"{receiver.busy_share:.0%}" if works else "-"
    line = (
        Run(f"  {name} "),
        Run(fit(priority, _PRIORITY), Ink.WARNING if changing else Ink.PLAIN),
        Run(" "),
        Run(state, _INKS[receiver.state]),
        Run(f" {fit(rate, _RATE, right=True)} {fit(busy, _BUSY, right=True)} "),
        *_beside(receiver, snapshot, shown, glyphs, told),
    )
    return Row(line, OnReceiver(receiver.node, receiver.name))


def _priority(receiver: ReceiverRow, told: Told, glyphs: Glyphs) -> tuple[str, bool]:
    """The engine's, and whether another one is chosen (`?`) or ordered."""
    own, wanted = SHORT_PRIORITIES[receiver.priority], told.order
    if told.pending is not None:
        return f"{own}>{SHORT_PRIORITIES[told.pending.priority]}?", True
    if wanted is not None and wanted.kind is CommandKind.PRIORITY and wanted.value:
        return f"{own}>{SHORT_PRIORITIES[Priority(wanted.value)]}{glyphs.ellipsis}", True
    return own, False


def _state(receiver: ReceiverRow, told: Told, glyphs: Glyphs) -> str:
    word = receiver.state.value
    if told.order is not None and told.order.kind in _UNDER_WAY:
        word = f"{_UNDER_WAY[told.order.kind]}{glyphs.ellipsis}"
    return f"{glyphs.states[receiver.state]}{word}"


def _beside(
    receiver: ReceiverRow, snapshot: Snapshot, shown: Widths, glyphs: Glyphs, told: Told
) -> Line:
    """The last two columns, or one text in their place."""
    room = shown.visiting + (shown.error + 1 if shown.error else 0)
    if told.pending is not None:
        text, ink = effect(told.pending, snapshot)
        return (Run(fit(text, room, ellipsis=glyphs.ellipsis), ink),)
    if receiver.state is not ReceiverState.RUNNING:
        text = _why_not_running(receiver, snapshot.time)
        return (Run(fit(text, room, ellipsis=glyphs.ellipsis), Ink.QUIET),)
    visiting, error = _visiting(receiver), receiver.last_error or ""
    if not shown.error:
        ink = Ink.WARNING if error else Ink.PLAIN
        return (Run(fit(error or visiting, room, ellipsis=glyphs.ellipsis), ink),)
    return (
        Run(f"{fit(visiting, shown.visiting, ellipsis=glyphs.ellipsis)} "),
        Run(fit(error, shown.error, ellipsis=glyphs.ellipsis), Ink.WARNING),
    )


def effect(pending: PendingPriority, snapshot: Snapshot) -> tuple[str, Ink]:
    """What a pending priority would leave uncovered, and cover anew, in a few words."""
    receiver, priority = pending.receiver, pending.priority
    current = next(filter(pending.is_of, snapshot.receivers), receiver)
    if current.state is not ReceiverState.RUNNING:
        return "it is stopped: covers nothing yet", Ink.QUIET
    lost = left_uncovered(snapshot, current, priority)
    if lost:
        return f"leaves {len(lost):,} uncovered: {some_names(lost)}", Ink.WARNING
    won = newly_covered(snapshot, priority)
    if won:
        return f"covers {len(won):,} more: {some_names(won)}", Ink.PLAIN
    return "leaves nothing uncovered", Ink.PLAIN


def _visiting(receiver: ReceiverRow) -> str:
    """The first, and how many more."""
    more = len(receiver.visiting) - 1
    return "".join(receiver.visiting[:1]) + (f" +{more}" if more > 0 else "")


def _why_not_running(receiver: ReceiverRow, now: datetime) -> str:
    if receiver.state is ReceiverState.STALE:
        return f"no engine is live on {receiver.node}"
    if receiver.stopped_by is None or receiver.stopped_at is None:
        return ""
    ending = f"; still visits {_visiting(receiver)}" if receiver.visiting else ""
    return f"by {receiver.stopped_by} since {short_moment(receiver.stopped_at, now)}{ending}"
