"""Changes of this node's config.xml that are ordered: written, recorded, in force."""

from __future__ import annotations

from kana_tui.domain.errors import UnreachableError
from kana_tui.engine.borne import borne
from kana_tui.engine.crew import Crew
from kana_tui.ports.commands import Command
from kana_tui.ports.settings_file import Standing
from kana_tui.services.redeclaration import Redeclaration


class Redeclaring:
    """The live engine is who writes the file, so that nobody's change is lost."""

    def __init__(self, node: str, redeclaration: Redeclaration, crew: Crew) -> None:
        self._node = node
        self._redeclaration = redeclaration
        self._crew = crew
        self._unrecorded: set[int] = set()

    async def settle(self) -> None:
        """Before the engine's receivers are stored: record what another wrote before it ended, so
        that a receiver which it renamed is the same one. UnreachableError: the store."""
        await self._redeclaration.settle(self._node)

    async def carry_out(self, command: Command) -> None:
        """All of an order. UnreachableError: the store; the order is to be taken up again."""
        self._unrecorded.add(command.id)
        try:
            written = await self._redeclaration.carry_out(command)
        except UnreachableError:
            raise
        except Exception:
            self._unrecorded.discard(command.id)
            raise
        self._unrecorded.discard(command.id)
        self._crew.rename(written.renamed)
        with borne("settings"):
            await self._crew.follow()

    async def is_ahead(self, command: Command) -> bool:
        """Whether nothing of it is done yet."""
        return await self._redeclaration.standing(command) is Standing.AHEAD

    async def follow(self) -> None:
        """Take up what config.xml says of the receivers. UnreachableError: the store.

        Not before all that is written is recorded: until then a renamed receiver
        looks like one that goes and another that comes.
        """
        if not self._unrecorded:
            await self._crew.follow()
