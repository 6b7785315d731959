"""Undo: an operator's last change that still stands, found in the audit log, and set back.

The log is all that is looked at, so that it works on a new screen, too. An
undo is a change like any other, with a mark of what it undid: the one after
it undoes the change before.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Final, Protocol

from attrs import field, frozen

from kana_tui.domain.audit import Actor, Change, Entry
from kana_tui.domain.errors import ConflictError
from kana_tui.domain.settings import Role
from kana_tui.ports.audit import AuditLog
from kana_tui.ports.commands import Order

LOOKED_BACK: Final = 1_000
"""Entries of the operator's own: farther back nobody means with "my last change"."""
AT_ONCE: Final = 50


@frozen
class PastChange:
    """What one transaction changed of one object. `id`: of its first entry.

    `undoes`: it is an undo, of the change whose `id` this is.
    """

    id: int
    at: datetime
    operator: str
    object_: str
    action: str
    changes: tuple[Change, ...]
    last_id: int
    undoes: int | None = None

    @property
    def sort(self) -> str:
        """What it is about: `mailbox`, `receiver`."""
        return self.object_.partition(":")[0]

    @property
    def about(self) -> str:
        """Which one: what stands behind the colon."""
        return self.object_.partition(":")[2]


@frozen
class Undo:
    """What it would be to set a change back.

    `what`: the object in words. `back`: its values from now to then, by labels
    that people read. `needs`: the role. `refusal`: a sentence on why it cannot
    be; `since`: the entry that changed it meanwhile, if that is why and it is
    known. `order`: what its engine is to be given; or else `set_back` does it,
    with the errors of any such change.
    """

    change: PastChange
    what: str
    back: tuple[Change, ...] = ()
    needs: Role = Role.OPERATOR
    refusal: str | None = None
    since: Entry | None = None
    order: Order | None = None
    set_back: Callable[[Actor], Awaitable[None]] | None = field(default=None, eq=False)


class Undoer(Protocol):
    """How changes of one sort of object are undone."""

    async def look(self, change: PastChange) -> Undo:
        """What it would be, as everything is now; changes nothing."""
        ...


@frozen
class Undoing:
    """`undoers` by the sort of their objects."""

    audit: AuditLog
    undoers: Mapping[str, Undoer]

    async def find(self, operator: str) -> Undo | None:
        """What would be undone now; None: nothing."""
        change = await last_change(self.audit, operator)
        if change is None:
            return None
        undoer = self.undoers.get(change.sort)
        if undoer is None:
            return Undo(change, change.object_, refusal=f"A change of {change.object_} stays.")
        return await undoer.look(change)

    async def begin(self, undo: Undo, actor: Actor) -> Order | None:
        """Set back what was shown, or give the order that does.

        ConflictError if it is not what would be undone now.
        """
        now = await self.find(actor.operator)
        if now is None or now != undo:
            raise ConflictError(
                f"{undo.what} was changed meanwhile: nothing is undone.", hint="Look again: u."
            )
        if now.refusal is not None:
            raise ConflictError(now.refusal)
        if now.set_back is not None:
            await now.set_back(actor)
        return now.order


async def last_change(audit: AuditLog, operator: str) -> PastChange | None:
    """The newest of an operator's changes that is neither undone nor an undo."""
    undone: set[int] = set()
    async for change in _past_changes(audit, operator):
        if change.undoes is not None:
            undone.add(change.undoes)
        elif change.id not in undone:
            return change
    return None


async def newest_since(audit: AuditLog, change: PastChange) -> Mapping[str, Entry]:
    """The newest entry of each field of its object, by whomever, after `change`; as far as they
    are near."""
    newest = await audit.list(object_=change.object_, limit=LOOKED_BACK)
    return {
        entry.change.field: entry
        for entry in newest
        if entry.id > change.last_id and entry.change is not None
    }


async def _past_changes(audit: AuditLog, operator: str) -> AsyncIterator[PastChange]:
    """Newest first."""
    lines: list[Entry] = []
    looked, before = 0, None
    while looked < LOOKED_BACK:
        entries = await audit.newest_by(operator, AT_ONCE, before=before)
        for entry in entries:
            if lines and not _together(entry, lines):
                yield _past_change(lines)
                lines = []
            lines.insert(0, entry)
        if len(entries) < AT_ONCE:
            if lines:
                yield _past_change(lines)
            return
        looked, before = looked + len(entries), entries[-1].id


def _together(entry: Entry, after: Sequence[Entry]) -> bool:
    """Whether it belongs to the transaction of the entries right after it: one writes its entries
    in a row, at one moment, and no field twice."""
    first = after[0]
    return (
        entry.id == first.id - 1
        and (entry.at, entry.node, entry.object_, entry.action)
        == (first.at, first.node, first.object_, first.action)
        and entry.change is not None
        and entry.change.field not in {one.change.field for one in after if one.change}
    )


def _past_change(lines: Sequence[Entry]) -> PastChange:
    first = lines[0]
    return PastChange(
        id=first.id,
        at=first.at,
        operator=first.operator,
        object_=first.object_,
        action=first.action,
        changes=tuple(entry.change for entry in lines if entry.change),
        last_id=lines[-1].id,
        undoes=first.undoes,
    )
