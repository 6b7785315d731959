"""Two lines of words about what the cursor is on among the receivers and their coverage."""

from __future__ import annotations

from datetime import datetime

from kana_tui.domain.cover import Priority
from kana_tui.ports.nodes import ReceiverRow, ReceiverState
from kana_tui.services.coverage import Coverage, covering
from kana_tui.services.overview import MailboxView, Snapshot
from kana_tui.services.receivers import left_uncovered, newly_covered
from kana_tui.tui.amounts import short_moment
from kana_tui.tui.coverage_rows import covering_names, mailboxes_told
from kana_tui.tui.line import Ink, Line, Run
from kana_tui.tui.pending_priority import PendingPriority
from kana_tui.tui.receiver_rows import full_name, some_names

_COVERS = {
    Priority.HIGH: "only high mailboxes",
    Priority.MEDIUM: "high and medium mailboxes",
    Priority.LOW: "all mailboxes",
}

TwoLines = tuple[Line, Line]


def receiver_details(
    receiver: ReceiverRow, snapshot: Snapshot, pending: PendingPriority | None
) -> TwoLines:
    if pending is not None:
        return _of_pending(pending, receiver, snapshot)
    name = f" {full_name(receiver, snapshot)}"
    priority = f"priority {receiver.priority.value}"
    match receiver.state:
        case ReceiverState.STALE:
            sign = _last_sign(receiver, snapshot)
            told = f"is stale: no engine is live on node {receiver.node}{sign}"
            return (
                (Run(f"{name} "), Run(told, Ink.UNKNOWN), Run(f"; its {priority}")),
                (Run(" It covers nothing. kana-tui run on that node starts its engine."),),
            )
        case ReceiverState.STOPPED:
            stopped = (Run(f"{name} "), Run(_stopped(receiver, snapshot.time), Ink.WARNING))
            return (*stopped, Run(f"; its {priority}")), (
                Run(f" {_if_started(receiver, snapshot)}"),
            )
        case ReceiverState.RUNNING:
            return (
                (Run(f"{name} runs, {priority}: {_cover(receiver, snapshot)}"),),
                _doing(receiver),
            )


def priority_details(priority: Priority, coverage: Coverage, snapshot: Snapshot) -> TwoLines:
    of = next(one for one in coverage.by_priority if one.priority is priority)
    count = f" {mailboxes_told(len(of.mailboxes))} of {priority.value} priority"
    if of.receivers:
        first: Line = (Run(f"{count}, covered by {covering_names(of.receivers, snapshot)}"),)
    else:
        ink = Ink.WARNING if of.mailboxes else Ink.PLAIN
        first = (Run(f"{count}, "), Run("covered by no running receiver", ink))
    return first, (
        Run(" High receivers cover only high; medium ones high and medium; low ones all."),
    )


def cover_details(mailbox: MailboxView, snapshot: Snapshot) -> TwoLines:
    """Of a mailbox: who covers it, or who could."""
    waiting = "depth unknown" if mailbox.watched is None else f"{mailbox.watched:,} waiting"
    first: Line = (Run(f" {mailbox.email_address}  {mailbox.priority.value} priority, {waiting}"),)
    if not mailbox.active:
        return first, (Run(" It is not active: nothing is downloaded. x on screen 1 starts it."),)
    if not mailbox.uncovered:
        names = covering_names(covering(snapshot.receivers, mailbox.priority), snapshot)
        return first, (Run(f" Covered by {names}."),)
    return first, (
        Run(" Uncovered: nothing is downloaded.", Ink.WARNING),
        Run(f" {_remedy(mailbox, snapshot)}"),
    )


def _remedy(mailbox: MailboxView, snapshot: Snapshot) -> str:
    here = [one for one in snapshot.receivers if one.state is not ReceiverState.STALE]
    stopped = [
        one
        for one in here
        if one.state is ReceiverState.STOPPED and mailbox.priority.rank >= one.priority.rank
    ]
    if stopped:
        return f"{full_name(stopped[0], snapshot)} would cover it: x on it starts it."
    if here:
        return f"Give a receiver the priority {mailbox.priority.value}: p on it."
    return "No engine is live: kana-tui run starts one."


def _of_pending(pending: PendingPriority, receiver: ReceiverRow, snapshot: Snapshot) -> TwoLines:
    chosen = pending.priority
    first: Line = (
        Run(f" {full_name(receiver, snapshot)}: "),
        Run(f"{chosen.value} is pending", Ink.WARNING),
        Run(f" (now {receiver.priority.value}). Enter applies it, Esc drops it, p goes on."),
    )
    if receiver.state is not ReceiverState.RUNNING:
        return first, (Run(" It is stopped: it covers nothing until it is started, by x."),)
    lost = left_uncovered(snapshot, receiver, chosen)
    won = newly_covered(snapshot, chosen)
    second: list[Run] = [Run(" ")]
    if lost:
        told = f"Would leave {mailboxes_told(len(lost))} uncovered: {some_names(lost)}."
        second += [Run(told, Ink.WARNING), Run(" ")]
    if won:
        second.append(Run(f"Would cover {len(won):,} more: {some_names(won)}."))
    if not lost and not won:
        second.append(Run("Would leave no mailbox uncovered, and cover none that is."))
    return first, tuple(second)


def _cover(receiver: ReceiverRow, snapshot: Snapshot) -> str:
    alone = left_uncovered(snapshot, receiver, None)
    told = f", {len(alone):,} of them alone" if alone else ""
    return f"covers {_COVERS[receiver.priority]}{told}"


def _doing(receiver: ReceiverRow) -> Line:
    visiting = ", ".join(receiver.visiting) or "nothing now"
    if receiver.last_error is None:
        return (Run(f" Visits {visiting}"),)
    return Run(" Last error: "), Run(receiver.last_error, Ink.WARNING), Run(f"  visits {visiting}")


def _stopped(receiver: ReceiverRow, now: datetime) -> str:
    if receiver.stopped_by is None or receiver.stopped_at is None:
        return "is stopped"
    return f"was stopped by {receiver.stopped_by} at {short_moment(receiver.stopped_at, now)}"


def _if_started(receiver: ReceiverRow, snapshot: Snapshot) -> str:
    won = newly_covered(snapshot, receiver.priority)
    if not won:
        return "x starts it; no mailbox is uncovered for want of it."
    return f"x starts it: it would cover {mailboxes_told(len(won))}: {some_names(won)}."


def _last_sign(receiver: ReceiverRow, snapshot: Snapshot) -> str:
    node = next((one.row for one in snapshot.nodes if one.row.name == receiver.node), None)
    if node is None:
        return ""
    if node.ended_at is not None:
        return f" since {short_moment(node.ended_at, snapshot.time)}"
    return f", last heard of at {short_moment(node.heartbeat_at, snapshot.time)}"
