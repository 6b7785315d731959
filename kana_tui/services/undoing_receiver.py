"""Undo of a receiver's priority, stop or start, as an order to its engine."""

from __future__ import annotations

from attrs import evolve, frozen

from kana_tui.domain.audit import Change
from kana_tui.ports.audit import AuditLog
from kana_tui.ports.commands import CommandKind, Order
from kana_tui.ports.nodes import Nodes, ReceiverRow, ReceiverState
from kana_tui.services.undoing import PastChange, Undo, newest_since


@frozen
class ReceiverUndoer:
    nodes: Nodes
    audit: AuditLog

    async def look(self, change: PastChange) -> Undo:
        receivers = await self.nodes.receivers()
        found = next((one for one in receivers if str(one.id) == change.about), None)
        if found is None:
            return Undo(change, "The receiver", refusal="The receiver is gone from config.xml.")
        undo = Undo(change, f"Receiver {found.name} of {found.node}")
        (one,) = change.changes
        order = _order(found, one)
        if order is None:
            return evolve(undo, refusal=f"{undo.what}: its {one.field} is not undone.")
        now: str = getattr(found, one.field).value
        undo = evolve(
            undo,
            back=(Change(one.field, one.new, one.old),),
            order=evolve(order, undoes=change.id),
        )
        if now == one.new:
            return undo
        return evolve(
            undo,
            refusal=f"{undo.what}: its {one.field} was changed since, to {now}.",
            since=(await newest_since(self.audit, change)).get(one.field),
        )


def _order(receiver: ReceiverRow, change: Change) -> Order | None:
    """What sets the change back; None for a field that no order changes."""
    match change.field, change.old:
        case "priority", str(old):
            return Order(receiver.node, CommandKind.PRIORITY, receiver.name, value=old)
        case "state", ReceiverState.RUNNING:
            return Order(receiver.node, CommandKind.START, receiver.name)
        case "state", ReceiverState.STOPPED:
            return Order(receiver.node, CommandKind.STOP, receiver.name)
    return None
