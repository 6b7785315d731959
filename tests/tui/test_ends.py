"""However the screen ends, the terminal is usable afterwards."""

from __future__ import annotations

import os
import pty
import signal
import termios

import pytest

from kana_tui.tui.ends import Ends
from tests.tui.show import Show
from tests.tui.usable import assert_usable


def opened(mailboxes: int = 6, size: tuple[int, int] = (80, 24)) -> Show:
    show = Show(mailboxes, size=size)
    show.wait_for("support")
    show.settle()
    return show


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)], ids=["TERM", "HUP"]
)
def test_a_signal_ends_it_with_128_and_its_number(number: int, code: int) -> None:
    with opened() as show:
        assert not show.restored
        show.signal(number)
        assert show.wait_for_end() == code
        assert_usable(show)


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)], ids=["TERM", "HUP"]
)
@pytest.mark.parametrize("size", [(80, 24), (200, 50)], ids=["80x24", "200x50"])
def test_a_signal_ends_it_while_nobody_reads_the_terminal(
    number: int, code: int, size: tuple[int, int]
) -> None:
    with opened(60, size) as show:
        show.do("flood")
        show.wait_until_full()
        show.signal(number)
        assert show.wait_for_end(read=False) == code
        assert_usable(show)


def test_a_terminal_that_goes_without_a_signal_ends_it_like_one() -> None:
    with opened() as show:
        show.hang_up()
        assert show.wait_for_end(read=False) == 129


def test_a_second_signal_changes_nothing() -> None:
    with opened(40) as show:
        show.do("flood")
        show.wait_until_full()
        show.signal(signal.SIGHUP)
        show.signal(signal.SIGTERM)
        assert show.wait_for_end(read=False) == 129
        assert_usable(show)


def test_leaving_by_the_keys_ends_it_with_0() -> None:
    with opened() as show:
        show.press("q")
        show.wait_for("[Stay]")
        show.press("l")
        show.wait_for("[Leave, and stop the engine]")
        show.press("\r")
        assert show.wait_for_end() == 0
        assert_usable(show)


def test_a_crash_leaves_a_sentence_and_no_local_variable() -> None:
    with opened() as show:
        show.do("crash", secret="hunter2")
        assert show.wait_for_end() == 1
        assert_usable(show)
        assert b"crashed: ZeroDivisionError" in show.written
        assert b"hunter2" not in show.written
        assert b"Traceback" not in show.written


def test_a_stalled_terminal_is_right_at_once_when_it_is_read_again() -> None:
    with opened() as show:
        show.do("flood")
        show.wait_until_full()
        show.do("calm", remote=4321)
        show.wait_for("4321")


def test_ctrl_z_and_ctrl_q_do_nothing() -> None:
    with opened() as show:
        before = len(show.written)
        show.press("\x1a\x11")
        assert show.settle() == before
        show.press("?")
        show.wait_for("all keys")


def test_the_terminal_gets_its_keys_raw_while_the_screen_is_open() -> None:
    with opened() as show:
        assert not termios.tcgetattr(show.slave)[3] & termios.ICANON


def test_a_terminal_that_went_before_anything_was_shown_is_a_hang_up() -> None:
    ours, theirs = pty.openpty()
    try:
        with Ends(theirs) as ends:
            assert ends.received is None
        os.close(ours)
        with Ends(theirs) as ends:
            assert ends.received is signal.SIGHUP
    finally:
        os.close(theirs)
