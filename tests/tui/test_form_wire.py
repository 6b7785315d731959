"""What a form sends: a real terminal of 80x24 with 256 colours."""

from __future__ import annotations

import pytest

from tests.tui.show import Show

OPEN_MOST = 25_000
MOVE_MOST = 600
TYPED_MOST = 200


def opened(show: Show) -> int:
    """The bytes written up to when the form of the first mailbox is there."""
    show.press("e")
    show.wait_for("POP server timeout")
    return show.settle()


def cursor(show: Show) -> str:
    return next((line for line in show.lines if line.startswith(("▶", ">"))), "")


def typed(show: Show, keys: str, shown: str) -> int:
    """The bytes that come of keys, once `shown` is in the cursor's line."""
    before = len(show.written)
    show.press(keys)
    show.wait(lambda: shown in cursor(show), shown)
    return show.settle() - before


def test_opening_sends_at_most_25_kilobytes(show: Show) -> None:
    before = len(show.written)
    assert 0 < opened(show) - before <= OPEN_MOST


def test_an_open_form_is_silent_though_the_board_changes(show: Show) -> None:
    before = opened(show)
    assert show.settle() == before
    show.do("change", id=3, remote=13)
    show.do("older", id=1)
    assert show.settle() == before


def test_an_editor_at_rest_sends_nothing_no_caret_blinks(show: Show) -> None:
    opened(show)
    show.press("\r")
    show.wait_for("Enter keep")
    before = show.settle()
    assert show.settle() == before
    assert show.cursor_hidden


@pytest.mark.parametrize("key", ["j", "\t"])
def test_every_move_sends_at_most_600_bytes(show: Show, key: str) -> None:
    opened(show)
    for shown in ("E-mail", "Active", "Priority", "Departments", "Default Queue", "Force"):
        assert 0 < typed(show, key, shown) <= MOVE_MOST


def test_a_typed_character_sends_at_most_200_bytes(show: Show) -> None:
    opened(show)
    show.press("\r")
    show.wait_for("Enter keep")
    show.settle()
    for end in ("supportx", "supportxy", "supportxyz"):
        assert 0 < typed(show, end[-1], end) <= TYPED_MOST
    before = len(show.written)
    show.press("\x7f")
    show.wait(lambda: cursor(show).endswith("supportxy"), "erased")
    assert 0 < show.settle() - before <= TYPED_MOST
    for _ in range(9):
        before = len(show.written)
        show.press("\x1b[D")
        assert 0 <= show.settle() - before <= TYPED_MOST


def test_a_character_of_a_secret_sends_at_most_200_bytes_and_never_itself(show: Show) -> None:
    opened(show)
    show.press("/pop pass\r")
    show.wait(lambda: "POP password" in cursor(show), "the password")
    show.press("\r")
    show.wait_for("Enter keep")
    before = show.settle()
    for count, character in enumerate("ZQX", 1):
        assert 0 < typed(show, character, "•" * count) <= TYPED_MOST
    show.press("\r")
    show.wait_for("not saved yet")
    show.settle()
    assert not {*b"ZQX"} & {*bytes(show.written[before:])}


def test_a_switch_sends_at_most_600_bytes(show: Show) -> None:
    opened(show)
    show.press("jj")
    show.wait(lambda: "Active" in cursor(show), "the flag")
    show.settle()
    assert 0 < typed(show, " ", "[ ] no") <= MOVE_MOST


def test_a_choice_opens_and_closes_within_25_kilobytes(show: Show) -> None:
    opened(show)
    show.press("jjj")
    show.wait(lambda: "Priority" in cursor(show), "the choice")
    before = show.settle()
    show.press("\r")
    show.wait_for("( ) High")
    show.press("\x1b")
    show.wait(lambda: "( ) High" not in show.text, "the panel is closed")
    assert 0 < show.settle() - before <= OPEN_MOST


def test_resizes_and_a_paste_while_one_edits_lose_nothing(show: Show) -> None:
    opened(show)
    show.press("\r\x15")
    show.wait_for("Enter keep")
    show.press("\x1b[200~two\nlines\x1b[201~")
    show.wait(lambda: "two lines" in cursor(show), "the paste")
    for columns, lines in ((60, 15), (50, 12), (200, 50), (80, 24)):
        show.resize(columns, lines)
        show.settle()
    assert "two lines" in cursor(show)
    show.press("\r")
    show.wait(lambda: "* Name" in cursor(show), "kept")


def test_with_ascii_alone_nothing_else_is_sent() -> None:
    with Show(6, ascii_only=True) as show:
        show.wait_for("support")
        show.press("e")
        show.wait_for("POP server timeout")
        show.press("/pop pass\r\rxy")
        show.wait(lambda: "**" in cursor(show), "the mask")
        show.press("\rs")
        show.wait_for("[Cancel]")
        show.settle()
        assert bytes(show.written).isascii()


def test_without_colour_every_state_has_its_sign() -> None:
    with Show(6, style="terminal", environment={"NO_COLOR": "1"}) as show:
        show.wait_for("support")
        show.press("e")
        show.wait_for("POP server timeout")
        show.press("\r\x15\r")
        show.wait_for("! Name")
        assert show.lines[4].startswith("▶!* Name")
        assert any(line.startswith(" -  E-mail address") for line in show.lines)


def test_unsaved_work_ends_with_the_terminal_that_hangs_up(show: Show) -> None:
    opened(show)
    show.press("\rxyz")
    show.wait(lambda: "supportxyz" in cursor(show), "typed")
    show.signal(1)
    assert show.wait_for_end() == 129
    assert show.restored
