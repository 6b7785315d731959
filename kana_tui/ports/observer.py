"""Who is told of what intake does, as it happens: metrics count it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from kana_tui.domain.errors import Stage
from kana_tui.domain.intake import Outcome


class IntakeObserver(Protocol):
    """Returns at once and never raises. Mailboxes are told by their e-mail address."""

    def stored(self, mailbox: str, outcomes: Mapping[Outcome, int], size_bytes: int) -> None:
        """A batch of so many read bytes is committed."""
        ...

    def visited(self, seconds: float) -> None:
        """A visit has ended, well or not, after so long."""
        ...

    def failed(self, mailbox: str, stage: Stage) -> None:
        """A visit, or a look at the depth, failed at this stage."""
        ...


class Unobserved:
    """The observer of an engine that nobody watches."""

    def stored(self, mailbox: str, outcomes: Mapping[Outcome, int], size_bytes: int) -> None:
        """Tell nobody."""

    def visited(self, seconds: float) -> None:
        """Tell nobody."""

    def failed(self, mailbox: str, stage: Stage) -> None:
        """Tell nobody."""
