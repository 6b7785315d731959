"""Changes of this node's config.xml that are ordered: written, recorded, in force."""

from __future__ import annotations

import asyncio

from attrs import frozen

from kana_tui.domain.audit import Actor
from kana_tui.domain.change_set import ChangeSet
from kana_tui.domain.errors import KanaError, UnreachableError
from kana_tui.engine.borne import borne
from kana_tui.engine.crew import Crew
from kana_tui.ports.commands import Command
from kana_tui.ports.node_settings import NodeSettings
from kana_tui.ports.settings_file import SettingsFile, Written


@frozen
class _Record:
    written: Written
    actor: Actor
    undoes: int | None


class Redeclaring:
    """The live engine is who writes the file, so that nobody's change is lost."""

    def __init__(
        self, node: str, settings_file: SettingsFile, node_settings: NodeSettings, crew: Crew
    ) -> None:
        self._node = node
        self._settings_file = settings_file
        self._node_settings = node_settings
        self._crew = crew
        self._unrecorded: list[_Record] = []
        self._newest = 0

    async def write(self, change: ChangeSet) -> Written:
        """Change the file alone. KanaError, never UnreachableError: waiting would not help."""
        try:
            return await asyncio.to_thread(self._settings_file.change, change)
        except UnreachableError as error:
            raise KanaError(str(error)) from error

    async def carry_out(self, command: Command) -> None:
        """All of a SETTINGS order. UnreachableError: the store; what is written already is not
        written again when the order is taken up again."""
        if command.id > self._newest:
            written = await self.write(ChangeSet.from_json(command.order.value or ""))
            actor = Actor(command.requested_by, self._node)
            self._unrecorded.append(_Record(written, actor, command.order.undoes))
            self._newest = command.id
        await self.catch_up()
        with borne("settings"):
            await self._crew.follow()

    async def catch_up(self) -> None:
        """Record what is written. UnreachableError: the store.

        Until then a renamed receiver looks like one that goes and another that comes.
        """
        while self._unrecorded:
            record = self._unrecorded[0]
            await self._node_settings.record(record.written, record.actor, undoes=record.undoes)
            del self._unrecorded[0]
            self._crew.rename(record.written.renamed)
