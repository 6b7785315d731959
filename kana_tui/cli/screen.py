"""No command: the screen."""

from __future__ import annotations

import sys

from kana_tui.domain.errors import InvalidValueError
from kana_tui.wiring.invocation import Invocation


def show_screen(invocation: Invocation) -> int:
    """Show the board until it is left; its exit code. InvalidValueError without a terminal."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise InvalidValueError(
            "The screen needs a terminal.",
            hint="Without one: kana-tui status, or kana-tui --help for all commands.",
        )
    from kana_tui.wiring.screen import run_screen  # noqa: PLC0415  # loads Textual

    return run_screen(invocation)
