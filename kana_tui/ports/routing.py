"""The stages' side of the store: ready messages, rules, and what a stage did."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from kana_tui.domain.rules.ruleset import RuleSet
from kana_tui.domain.rules.stages import ReadyMessage, StageOutcome


class Routing(Protocol):
    async def rules(self) -> RuleSet:
        """The enabled rules of all groups, in their order, and all queues by path."""
        ...

    async def ready(self, limit: int) -> Sequence[ReadyMessage]:
        """Up to `limit` messages whose stages are unfinished, oldest first."""
        ...

    async def apply(self, outcomes: Sequence[StageOutcome]) -> int:
        """Write what stages did, each conditional on the message's old stage number.

        An outcome's effects and its next stage are one transaction; one whose
        message is no longer at the old stage is left out. A lost queue becomes
        the mailbox's department's General, or root's. Returns how many took effect.
        """
        ...
