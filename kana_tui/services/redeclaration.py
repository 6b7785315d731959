"""Orders that change config.xml, carried out so that one may be killed at any moment of it.

What is to be written is stored with the order first. Whoever takes the order
up again, this process or the next one, sees by the file how far it came: what
is written is recorded, what is not is written, and what is neither is told.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import ClassVar, Final, TypeVar

from attrs import frozen

from kana_tui.domain.audit import Actor
from kana_tui.domain.change_set import ChangeSet, priority_change
from kana_tui.domain.cover import Priority
from kana_tui.domain.errors import ConflictError, InvalidValueError, KanaError, UnreachableError
from kana_tui.ports.clock import Clock
from kana_tui.ports.commands import Command, CommandKind, Commands, Order
from kana_tui.ports.node_settings import NodeSettings
from kana_tui.ports.nodes import Nodes
from kana_tui.ports.settings_file import MovedOnError, SettingsFile, Standing, Written

UNCLEAR: Final = (
    "config.xml was changed by somebody else while this was carried out: whether it holds what "
    "was ordered is not known, and nothing of it is in the audit log."
)
TRIES: Final = 10
LOOK: Final = "Look at it: kana-tui config show."

Answer = TypeVar("Answer")


class UnwritableError(KanaError):
    """config.xml cannot be read or written: unlike for a store, waiting would not help."""

    code: ClassVar[str] = "unreachable"
    exit_code: ClassVar[int] = 6


@frozen
class Redeclaration:
    settings_file: SettingsFile
    commands: Commands
    node_settings: NodeSettings
    nodes: Nodes
    clock: Clock

    async def foresee(self, change: ChangeSet) -> Written:
        """Errors as of SettingsFile, but never UnreachableError."""
        return await _of_file(lambda: self.settings_file.foresee(change))

    async def carry_out(self, command: Command) -> Written:
        """Write what a SETTINGS or PRIORITY order changes, and record it, each only if that is
        still to be done.

        Errors as of SettingsFile. UnreachableError is the store's alone: the
        order is taken up again.
        """
        written = command.foreseen
        if written is None:
            written = await self._begin(command, change_of(command.order))
        elif not command.recorded:
            await self._go_on(command, written)
        await self._record(command, written)
        return written

    async def standing(self, command: Command) -> Standing:
        """AHEAD also for what is not begun."""
        if command.recorded:
            return Standing.IN_FILE
        foreseen = command.foreseen
        if foreseen is None:
            return Standing.AHEAD
        return await asyncio.to_thread(self.settings_file.standing, foreseen)

    async def settle(self, node: str) -> None:
        """Record what a process that is gone has written. UnreachableError: the store."""
        for command in await self.commands.pending(node):
            begun = command.foreseen is not None
            if begun and await self.standing(command) is Standing.IN_FILE:
                await self.commands.finish(command.id, await self.ended(command))

    async def ended(self, command: Command) -> str | None:
        """None once it is carried out, or the sentence for why it is not. UnreachableError."""
        try:
            await self.carry_out(command)
        except UnreachableError:
            raise
        except KanaError as error:
            return str(error)
        return None

    async def _begin(self, command: Command, change: ChangeSet) -> Written:
        """Foreseen again each time that somebody else was faster with the file."""
        tries = TRIES
        while True:
            tries -= 1
            foreseen = await self.foresee(change)
            if foreseen.changes and not await self.commands.begin(command.id, foreseen):
                raise ConflictError("The order was withdrawn: nothing was changed.")
            try:
                return await self._write(change, foreseen) if foreseen.changes else foreseen
            except MovedOnError:
                if not tries:
                    raise

    async def _write(self, change: ChangeSet, foreseen: Written) -> Written:
        return await _of_file(lambda: self.settings_file.change(change, foreseen))

    async def _go_on(self, command: Command, foreseen: Written) -> None:
        standing = await self.standing(command)
        if standing is Standing.UNCLEAR:
            raise ConflictError(UNCLEAR, hint=LOOK)
        if standing is Standing.AHEAD:
            await self._write(change_of(command.order), foreseen)

    async def _record(self, command: Command, written: Written) -> None:
        order, by = command.order, command.requested_by
        if order.kind is CommandKind.PRIORITY:
            await self.nodes.prioritize(
                order.node,
                order.receiver or "",
                priority_of(order),
                by,
                self.clock.now(),
                undoes=order.undoes,
                command_id=command.id,
            )
        else:
            actor = Actor(by, order.node)
            await self.node_settings.record(
                written, actor, undoes=order.undoes, command_id=command.id
            )


def change_of(order: Order) -> ChangeSet:
    """What a SETTINGS or PRIORITY order changes. InvalidValueError: nothing that there is."""
    if order.kind is CommandKind.PRIORITY:
        return priority_change(order.receiver or "", priority_of(order))
    return ChangeSet.from_json(order.value or "")


def priority_of(order: Order) -> Priority:
    """That of a PRIORITY order; InvalidValueError."""
    try:
        return Priority(order.value or "")
    except ValueError:
        raise InvalidValueError(f"{order.value!r} is no priority: low, medium or high.") from None


async def _of_file(job: Callable[[], Answer]) -> Answer:
    try:
        return await asyncio.to_thread(job)
    except UnreachableError as error:
        raise UnwritableError(error.message, hint=error.hint) from error
