"""The command line. Every module of a command is loaded only when that command is asked for."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import NoReturn


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run one command and end the process with its exit code."""
    from kana_tui.cli.root import run_command  # noqa: PLC0415  # keeps the import itself quick
    from kana_tui.cli.streams import open_streams, text_of  # noqa: PLC0415

    open_streams()
    sys.exit(run_command([text_of(a) for a in (sys.argv[1:] if arguments is None else arguments)]))
