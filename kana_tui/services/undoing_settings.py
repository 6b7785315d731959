"""Undo of a change of a node's config.xml, as an order to its engine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from attrs import evolve, frozen

from kana_tui.domain.audit import CHANGED, Change
from kana_tui.domain.change_set import (
    AddReceiver,
    ChangeSet,
    Operation,
    RemoveReceiver,
    SetValue,
)
from kana_tui.domain.settings import Role
from kana_tui.ports.audit import AuditLog
from kana_tui.ports.commands import CommandKind, Order
from kana_tui.ports.nodes import Nodes
from kana_tui.services.undoing import PastChange, Undo, newest_since

FALLBACK: Final = "sender.fallback."


@frozen
class SettingsUndoer:
    """The engine refuses what stands otherwise in its file now; the log and the receivers tell
    of it before."""

    nodes: Nodes
    audit: AuditLog

    async def look(self, change: PastChange) -> Undo:
        node = change.about
        operations = tuple(_back(one) for one in _on_their_own(change.changes))
        undo = Undo(
            change,
            f"config.xml of {node}",
            back=tuple(Change(one.field, one.new, one.old) for one in change.changes),
            needs=Role.ADMIN,
            order=Order(
                node,
                CommandKind.SETTINGS,
                value=ChangeSet(operations).to_json(),
                undoes=change.id,
            ),
        )
        secret = next((one.field for one in change.changes if CHANGED in (one.old, one.new)), None)
        if secret is not None:
            refusal = f"{undo.what}: the {secret} that was before is not known: give it anew."
            return evolve(undo, refusal=refusal)
        since, priorities = await newest_since(self.audit, change), await self._priorities(node)
        for one in change.changes:
            later = since.get(one.field)
            changed = later is not None and later.change is not None and later.change.new != one.new
            if changed or priorities.get(one.field, one.new) != one.new:
                refusal = f"{undo.what}: {one.field} was changed since."
                return evolve(undo, refusal=refusal, since=later)
        return undo

    async def _priorities(self, node: str) -> Mapping[str, str]:
        """As they are now, by key: an order to a receiver is no entry of config.xml's."""
        return {
            f"receiver.{one.name}.priority": one.priority.value
            for one in await self.nodes.receivers()
            if one.node == node
        }


def _on_their_own(changes: Sequence[Change]) -> Sequence[Change]:
    """Those to set back one by one: a fall-back that was not there goes with its server."""
    if all(one.field != f"{FALLBACK}server" or one.old for one in changes):
        return changes
    return [
        one
        for one in changes
        if one.field == f"{FALLBACK}server" or not one.field.startswith(FALLBACK)
    ]


def _back(change: Change) -> Operation:
    sort, _, rest = change.field.partition(".")
    receiver = rest.rpartition(".")[0] if sort == "receiver" else None
    old, new = change.old or "", change.new or ""
    if receiver is not None and change.old is None:
        return RemoveReceiver(receiver, was=change.new)
    if receiver is not None and change.new is None:
        return AddReceiver(receiver, old)
    if receiver is not None and change.field.endswith(".name"):
        return SetValue(f"receiver.{new}.name", old, was=new)
    return SetValue(change.field, old, was=change.new)
