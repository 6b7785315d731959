"""How many mailboxes one taker serves at once, and how many of those may be failing ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from kana_tui.engine.schedule import Turn

FAILING_SHARE: Final = 4
"""Failing mailboxes get a quarter of the slots: each may hold its slot until its deadline."""


class Slots:
    """The mailboxes in hand, by ID; `at_once` is asked each time."""

    def __init__(self, at_once: Callable[[], int]) -> None:
        self._at_once = at_once
        self._turns: dict[int, Turn] = {}

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(sorted(turn.mailbox.name for turn in self._turns.values()))

    def has_room(self, *, failing: bool) -> bool:
        at_once = self._at_once()
        if len(self._turns) >= at_once:
            return False
        held = sum(turn.failing for turn in self._turns.values())
        return not failing or held < max(1, at_once // FAILING_SHARE)

    def hold(self, turn: Turn) -> None:
        self._turns[turn.mailbox.id] = turn

    def free(self, turn: Turn) -> None:
        del self._turns[turn.mailbox.id]
