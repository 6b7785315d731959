"""What a screen is told when it opens."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from attrs import frozen
from textual.theme import Theme

from kana_tui.ports.clock import Clock
from kana_tui.services.overview import Snapshot
from kana_tui.tui.feed import Source
from kana_tui.tui.glyphs import Glyphs


class Host(Protocol):
    """Whether this screen's process hosts the engine."""

    @property
    def hosting(self) -> bool: ...


@frozen
class Scene:
    """`who`: operator@node. `at`: the mailbox to open on. `story`: the demo's line.

    `may_leave_running`: whether an engine hosted here can outlive the screen.
    `trouble`: a sentence on what is wrong with this node's settings, if anything.
    """

    who: str
    node: str
    open_source: Callable[[], Source]
    clock: Clock
    host: Host
    glyphs: Glyphs
    palette: Theme
    config: Path
    log: Path
    at: str | None = None
    story: Callable[[Snapshot], str] | None = None
    may_leave_running: bool = True
    every_s: float = 1.0
    trouble: Callable[[], str | None] = lambda: None
