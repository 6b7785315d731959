"""What the store keeps of changes of a node's config.xml."""

from __future__ import annotations

from typing import Final, Protocol

from kana_tui.domain.audit import Actor
from kana_tui.ports.settings_file import Written

SETTINGS: Final = "config:"
"""Before the node's name: the object of their audit lines."""


class NodeSettings(Protocol):
    async def record(
        self,
        written: Written,
        actor: Actor,
        *,
        undoes: int | None = None,
        command_id: int | None = None,
    ) -> None:
        """The audit lines of what was written on the actor's node, and the receivers' new names.

        One transaction. A renamed receiver is the same one: it keeps its ID and
        its stop; another of its new name, which config.xml has no more, goes.
        `undoes`: the ID of the audit entry whose change this one sets back.
        `command_id`: the order that it carries out, which is recorded once,
        however often it is taken up.
        """
        ...
