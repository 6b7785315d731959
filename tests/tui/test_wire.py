"""What goes over the line, in bytes: a real terminal of 80x24 with 256 colours."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.tui.show import Show


@pytest.fixture
def show() -> Iterator[Show]:
    with Show(40) as running:
        running.wait_for("q leave")
        running.wait_for("support")
        running.settle()
        yield running


def test_first_paint_is_at_most_25_kilobytes(show: Show) -> None:
    assert 0 < len(show.written) <= 25_000


def test_nothing_visible_changes_nothing_is_sent(show: Show) -> None:
    before = len(show.written)
    assert show.settle() == before


def test_only_ages_and_rates_change_nothing_is_sent_before_the_minute(show: Show) -> None:
    before = len(show.written)
    show.do("older", id=3)
    assert show.settle() == before


def test_a_change_out_of_view_sends_nothing(show: Show) -> None:
    before = len(show.written)
    show.do("change", id=7, remote=8)
    assert show.settle() == before


def test_a_changed_row_sends_at_most_300_bytes(show: Show) -> None:
    before = len(show.written)
    show.do("change", id=2, remote=191)
    show.wait_for("191")
    assert 0 < show.settle() - before <= 300


@pytest.mark.parametrize(
    "size", [(80, 24), (120, 40), (200, 50)], ids=["80x24", "120x40", "200x50"]
)
def test_a_snapshot_in_which_all_of_fifty_mailboxes_changed_sends_at_most_6_kilobytes(
    size: tuple[int, int],
) -> None:
    """And at most one a second is read: test_feed."""
    with Show(50, size=size) as show:
        show.wait_for("support")
        show.do("rush", step=0)
        show.settle()
        for step in range(1, 13):
            before, shown = len(show.written), show.text
            show.do("rush", step=step)
            assert 0 < show.settle() - before <= 6_000
            rows = zip(shown.split("\n")[4:20], show.text.split("\n")[4:20], strict=True)
            assert all(old != new for old, new in rows)


def test_a_crossing_of_the_selected_mailbox_sends_at_most_800_bytes(show: Show) -> None:
    before = len(show.written)
    show.do("change", id=1, remote=80, level="normal")
    show.wait_for("0 HIGH")
    assert 0 < show.settle() - before <= 800


def test_a_cursor_move_sends_at_most_700_bytes(show: Show) -> None:
    before = len(show.written)
    show.press("j")
    show.wait_for("box5@acme.test")
    assert 0 < show.settle() - before <= 700


def test_a_full_minute_sends_at_most_2_kilobytes(show: Show) -> None:
    before = len(show.written)
    show.do("minute")
    show.wait_for("10m")
    assert 0 < show.settle() - before <= 2_000


PANELS = {"?": ("Keys 1-", 5_000), ":": ("Enter     open", 4_000), "q": ("[Stay]", 2_000)}
"""What each shows, and the bytes that it may take."""


@pytest.mark.parametrize("key", PANELS)
def test_a_panel_sends_only_the_cells_that_it_changes_and_leaves_the_page_as_it_was(
    show: Show, key: str
) -> None:
    before, cells = len(show.written), show.cells
    told, most = PANELS[key]
    show.press(key)
    show.wait_for(told)
    opened = show.settle()
    assert 0 < opened - before <= most
    show.press("\x1b")
    show.wait(lambda: told not in show.text, "the panel is closed")
    assert 0 < show.settle() - opened <= most
    assert show.cells == cells


def test_what_changes_under_a_panel_is_there_when_it_closes(show: Show) -> None:
    show.press("?")
    show.wait_for("Keys 1-")
    show.do("change", id=2, remote=191)
    show.settle()
    show.press("q")
    show.wait_for("191")
    show.settle()
    assert sum("Keys 1-" in line or "│" in line for line in show.lines) == 0


def test_another_page_is_painted_whole_though_something_else_wrote_on_the_terminal(
    show: Show,
) -> None:
    lines = show.lines
    show.scribble("\x1b[10;1Hkernel: something happened, and nobody asked")
    assert show.lines != lines
    show.press("2")
    show.wait_for("Coverage:")
    show.press("1")
    show.wait_for("low/high")
    show.settle()
    assert show.lines == lines


def test_the_log_opens_within_25_kilobytes_and_then_is_silent(show: Show) -> None:
    before = len(show.written)
    show.press("L")
    show.wait_for("q back")
    opened = show.settle()
    assert 0 < opened - before <= 25_000
    show.do("change", id=2, remote=191)
    assert show.settle() == opened


def test_a_typed_character_of_a_filter_sends_at_most_300_bytes_and_the_rows(show: Show) -> None:
    show.press("/b")
    show.wait_for("/ b")
    show.settle()
    show.press("o")
    show.wait_for("/ bo")
    before = show.settle()
    show.press("x")
    show.wait_for("/ box")
    assert 0 < show.settle() - before <= 300


def test_a_toast_sends_at_most_700_bytes(show: Show) -> None:
    before = len(show.written)
    show.press("5")
    show.wait_for("is not there yet")
    assert 0 < show.settle() - before <= 700


def test_a_function_key_split_by_a_slow_line_does_no_harm(show: Show) -> None:
    for split in ("\x1b", "O", "P", "\x1b", "[", "1", "5", "~", "\x1b", "O", "S"):
        show.press(split)
        show.settle()
    assert "Leave?" not in show.text
    assert "▶ ▲▲ HIGH" in show.text


def test_after_a_storm_of_resizes_the_board_is_right(show: Show) -> None:
    for step in range(40):
        show.resize(60 + step * 3, 15 + step % 36)
    show.resize(50, 12)
    show.wait_for("needs 60x15")
    show.resize(100, 30)
    show.wait_for("▶ ▲▲ HIGH")
    show.settle()
    assert show.lines[0].endswith("12:00")
    assert show.lines[2].startswith("[1 Mailboxes]")
    assert "low/high" in show.lines[3]
    assert "q leave" in show.lines[29]
    assert sum("NORMAL" in line for line in show.lines) >= 20


def test_screen_2_comes_within_25_kilobytes_and_then_is_silent(show: Show) -> None:
    before = len(show.written)
    show.press("2")
    show.wait_for("Coverage:")
    opened = show.settle()
    assert 0 < opened - before <= 25_000
    show.do("older", id=3)
    assert show.settle() == opened


@pytest.fixture
def receivers(show: Show) -> Show:
    show.press("2")
    show.wait_for("Coverage:")
    show.settle()
    return show


def test_a_cursor_move_on_screen_2_sends_at_most_700_bytes(receivers: Show) -> None:
    before = len(receivers.written)
    receivers.press("j")
    receivers.wait_for("r2 runs,")
    assert 0 < receivers.settle() - before <= 700


def test_a_pending_priority_sends_at_most_700_bytes(receivers: Show) -> None:
    receivers.press("j")
    receivers.wait_for("r2 runs,")
    before = receivers.settle()
    receivers.press("p")
    receivers.wait_for("MED>HIGH?")
    assert 0 < receivers.settle() - before <= 700


def test_a_changed_number_of_a_receiver_sends_at_most_300_bytes(receivers: Show) -> None:
    receivers.do("receiver", name="r2", messages_per_min=41.0, busy_share=0.31)
    receivers.wait_for("31%")
    before = receivers.settle()
    receivers.do("receiver", name="r2", messages_per_min=42.0, busy_share=0.32)
    receivers.wait_for("32%")
    assert 0 < receivers.settle() - before <= 300
