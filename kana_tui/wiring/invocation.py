"""What stands before the command: where the home is, who acts, how the screen looks."""

from __future__ import annotations

import getpass
import os
import socket
from pathlib import Path

from attrs import frozen

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
        return Actor(self.operator or getpass.getuser(), node_name())


def node_name() -> str:
    """The node's name: KANA_TUI_NODE, or the host's."""
    return os.environ.get("KANA_TUI_NODE") or socket.gethostname()
