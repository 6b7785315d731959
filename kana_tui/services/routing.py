"""The rules worker: every stored message through its stages, each exactly once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from kana_tui.domain.rules.pass_stage import pass_stage
from kana_tui.domain.rules.ruleset import RuleSet
from kana_tui.domain.rules.stages import ReadyMessage
from kana_tui.ports.routing import Routing

READY_AT_ONCE: Final = 200


class Router:
    """Takes ready messages in batches; a batch's outcomes are one write."""

    def __init__(self, routing: Routing) -> None:
        self._routing = routing

    async def drain(self) -> int:
        """Run until no message is ready; returns how many stages took effect."""
        rules = await self._routing.rules()
        done = 0
        while ready := await self._routing.ready(READY_AT_ONCE):
            applied = await self._step(ready, rules)
            if not applied:  # somebody else is ahead of us with all of these
                break
            done += applied
        return done

    async def _step(self, ready: Sequence[ReadyMessage], rules: RuleSet) -> int:
        outcomes = [pass_stage(message, rules) for message in ready]
        return await self._routing.apply(outcomes)
