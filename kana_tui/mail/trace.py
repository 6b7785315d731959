"""Following a login step by step, for whoever wants to see where it stands."""

from __future__ import annotations

from typing import Final, Protocol

from kana_tui.domain.certificate import Certificate
from kana_tui.ports.probe import ProbeStage


class Trace(Protocol):
    """Told by the code that logs in. A step lasts until the next one begins, or the login ends."""

    def begin(self, stage: ProbeStage) -> None: ...

    def tell(self, detail: str) -> None:
        """What the step that is under way found: harmless to show, without secrets.

        Told more than once, it is one list.
        """
        ...

    def accepted(self, certificate: Certificate | None) -> None:
        """The server's, by the step that is under way."""
        ...


class Untraced:
    """Nobody is looking."""

    def begin(self, stage: ProbeStage) -> None: ...

    def tell(self, detail: str) -> None: ...

    def accepted(self, certificate: Certificate | None) -> None: ...


UNTRACED: Final = Untraced()


def is_followed(trace: Trace) -> bool:
    """Whether somebody is looking: for details that cost something to make."""
    return not isinstance(trace, Untraced)
