"""What screen 8 sends: a real terminal of 80x24 with 256 colours."""

from __future__ import annotations

from tests.tui.show import Show
from tests.tui.test_form_wire import MOVE_MOST, OPEN_MOST, TYPED_MOST, cursor, typed


def opened(show: Show) -> int:
    """The bytes written up to when the form is there."""
    show.press("8")
    show.wait_for("Poll interval")
    return show.settle()


def test_opening_sends_at_most_25_kilobytes_and_then_nothing(show: Show) -> None:
    before = len(show.written)
    after = opened(show)
    assert 0 < after - before <= OPEN_MOST
    show.do("change", id=3, remote=13)
    assert show.settle() == after


def test_every_move_sends_at_most_600_bytes(show: Show) -> None:
    opened(show)
    for shown in ("Receivers", "Poll interval", "Visits of", "Visits to", "r1"):
        assert 0 < typed(show, "j", shown) <= MOVE_MOST


def test_a_typed_character_sends_at_most_200_bytes(show: Show) -> None:
    opened(show)
    show.press("/poll\r\r")
    show.wait_for("Enter keep")
    show.settle()
    for text in ("301", "3012", "30123"):
        assert 0 < typed(show, text[-1], text) <= TYPED_MOST


def test_a_switch_and_a_choice_in_place_send_at_most_600_bytes(show: Show) -> None:
    opened(show)
    assert "SSL enabled" in cursor(show)
    assert 0 < typed(show, " ", "[ ] no") <= MOVE_MOST
    show.press("/r1.pri\r")
    show.wait(lambda: "Priority of r1" in cursor(show), "the choice")
    show.settle()
    assert 0 < typed(show, " ", "low") <= MOVE_MOST


def test_another_receiver_is_shown_within_25_kilobytes(show: Show) -> None:
    before = opened(show)
    show.press("+")
    show.wait(lambda: "r4" in cursor(show), "the new receiver")
    assert 0 < show.settle() - before <= OPEN_MOST
