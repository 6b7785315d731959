"""A terminal as a program must leave it."""

from __future__ import annotations

from tests.tui.terminal import Terminal


def assert_usable(terminal: Terminal) -> None:
    """The normal screen, a cursor, line wrap, no reports, and the settings of before."""
    written = bytes(terminal.written)
    for off, on in (
        (b"\x1b[?1049l", b"\x1b[?1049h"),
        (b"\x1b[?25h", b"\x1b[?25l"),
        (b"\x1b[?2004l", b"\x1b[?2004h"),
        (b"\x1b[?1004l", b"\x1b[?1004h"),
        (b"\x1b[?7h", b"\x1b[?7l"),
        (b"\x1b[<u", b"\x1b[>"),
    ):
        assert written.rfind(off) > written.rfind(on), off
    assert terminal.restored
