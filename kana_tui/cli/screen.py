"""No command: the screen."""

from __future__ import annotations

import sys

from kana_tui.domain.errors import InvalidValueError
from kana_tui.wiring.invocation import Invocation


def require_terminal(without: str) -> None:
    """InvalidValueError unless keys come from a terminal and all that is written goes to it: the
    screen is drawn on standard error."""
    if not all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr)):
        raise InvalidValueError(
            "The screen needs a terminal for its input, output and standard error.",
            hint=f"Without one: {without}.",
        )


def show_screen(invocation: Invocation) -> int:
    """Show the board until it is left; its exit code. InvalidValueError without a terminal."""
    require_terminal("kana-tui status, or kana-tui --help for all commands")
    from kana_tui.wiring.screen import run_screen  # noqa: PLC0415  # loads Textual

    return run_screen(invocation)
