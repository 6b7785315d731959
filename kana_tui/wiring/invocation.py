"""What stands before the command: where the home is, who acts, how the screen looks."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import frozen

if TYPE_CHECKING:
    from kana_tui.domain.audit import Actor


@frozen
class Invocation:
    """The global options, as given."""

    home: Path | None
    config: Path | None
    operator: str | None
    read_only: bool
    at: str | None
    mouse: bool
    ascii: bool
    log_level: str

    @property
    def actor(self) -> Actor:
        """Who acts: `--operator` where SSH forces the command, otherwise the OS user."""
        import getpass  # noqa: PLC0415  # `--version` must not wait for any of these

        from kana_tui.domain.audit import Actor  # noqa: PLC0415

        return Actor(self.operator or getpass.getuser(), node_name())


def node_name() -> str:
    """The node's name: KANA_TUI_NODE, or the host's."""
    return os.environ.get("KANA_TUI_NODE") or os.uname().nodename
