"""What an undo would leave without a receiver."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from attrs import evolve

from kana_tui.domain.audit import Change
from kana_tui.domain.cover import Priority, covers
from kana_tui.ports.commands import CommandKind, Order
from kana_tui.ports.nodes import ReceiverRow, ReceiverState
from kana_tui.services.overview import MailboxView, Snapshot
from kana_tui.services.undoing import Undo


def left_by(undo: Undo, known: Snapshot) -> tuple[str, ...]:
    """The names of active mailboxes that nobody covers after it, but somebody does now; and that
    of the mailbox which it is about."""
    before = _receivers(undo, known.receivers, lambda change: change.old)
    after = _receivers(undo, known.receivers, lambda change: change.new)
    return tuple(
        mailbox.name
        for mailbox in known.mailboxes
        if _is_left(mailbox, _about(undo, mailbox), before, after)
    )


def _is_left(
    mailbox: MailboxView,
    then: tuple[Priority, bool] | None,
    before: Sequence[ReceiverRow],
    after: Sequence[ReceiverRow],
) -> bool:
    if then is not None:
        priority, active = then
        return active and not _covered(priority, after)
    covered = _covered(mailbox.priority, before)
    return mailbox.active and covered and not _covered(mailbox.priority, after)


def _covered(priority: Priority, receivers: Sequence[ReceiverRow]) -> bool:
    return any(
        one.state is ReceiverState.RUNNING and covers(one.priority, priority) for one in receivers
    )


def _about(undo: Undo, mailbox: MailboxView) -> tuple[Priority, bool] | None:
    """Its priority after the undo and whether it is active then, if the undo touches these."""
    old = {one.field: one.old for one in undo.change.changes}
    if undo.change.object_ != f"mailbox:{mailbox.id}" or not old.keys() & {"priority", "active"}:
        return None
    priority = Priority(old.get("priority") or mailbox.priority.value)
    return priority, (old["active"] == "yes") if "active" in old else mailbox.active


def _receivers(
    undo: Undo, receivers: Sequence[ReceiverRow], value: Callable[[Change], str | None]
) -> Sequence[ReceiverRow]:
    """As they are before or after the undo, whatever was known of those that it touches."""
    order = undo.order
    if order is None:
        return receivers
    if order.kind is CommandKind.SETTINGS:
        return _declared(undo, order, receivers, value)
    (change,) = undo.back
    return [
        _set(one, change.field, value(change) or "")
        if (one.node, one.name) == (order.node, order.receiver)
        else one
        for one in receivers
    ]


def _set(receiver: ReceiverRow, field: str, value: str) -> ReceiverRow:
    if field == "priority":
        return evolve(receiver, priority=Priority(value))
    return evolve(receiver, state=ReceiverState(value))


def _declared(
    undo: Undo,
    order: Order,
    receivers: Sequence[ReceiverRow],
    value: Callable[[Change], str | None],
) -> Sequence[ReceiverRow]:
    """Those of config.xml; by what names they go does not matter for what they cover."""
    touched = {
        change.field: value(change) for change in undo.back if change.field.endswith(".priority")
    }
    found = []
    for one in receivers:
        key = f"receiver.{one.name}.priority"
        if one.node != order.node or key not in touched:
            found.append(one)
        elif (priority := touched.pop(key)) is not None:
            found.append(evolve(one, priority=Priority(priority)))
    for key, priority in touched.items():
        if priority is not None:
            row = ReceiverRow(order.node, key, Priority(priority), ReceiverState.RUNNING)
            found.append(row)
    return found
