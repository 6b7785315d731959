"""One registry of actions: what is bound, listed and told comes from it, and nothing else is."""

from __future__ import annotations

from collections import defaultdict

import pytest

from kana_tui.tui import actions
from kana_tui.tui.action import Situation
from kana_tui.tui.actions import ACTIONS, SCREENS, actions_in, by_key, footer
from kana_tui.tui.app import KanaApp
from kana_tui.tui.board_screen import BoardScreen
from kana_tui.tui.form_choice_panel import ChoicePanel
from kana_tui.tui.keys_panel import KeysPanel
from kana_tui.tui.log_page import LogPage
from kana_tui.tui.mailbox_form_page import MailboxFormPage
from kana_tui.tui.palette_panel import PalettePanel
from kana_tui.tui.panel import QuestionPanel
from kana_tui.tui.places import PAGES, TYPED, Place
from kana_tui.tui.probe_panel import ProbePanel
from kana_tui.tui.receivers_page import ReceiversPage
from kana_tui.tui.screens import OPENERS, TOP_PAGES
from kana_tui.tui.sign_in_panel import SignInPanel
from kana_tui.tui.unframed_page import UnframedPage
from tests.tui.seat import Seat, seated
from tests.tui.stage import Stage, mailbox

TO: dict[Place, tuple[str, ...]] = {
    Place.BOARD: (),
    Place.FILTER: ("slash",),
    Place.RECEIVERS: ("2",),
    Place.LOG: ("L",),
    Place.UNFRAMED: ("c",),
    Place.KEYS: ("question_mark",),
    Place.PALETTE: ("colon",),
    Place.QUESTION: ("q",),
}
"""The keys from the board to each place."""
CLASSES = {
    Place.BOARD: BoardScreen,
    Place.FILTER: BoardScreen,
    Place.RECEIVERS: ReceiversPage,
    Place.FORM: MailboxFormPage,
    Place.FIELD: MailboxFormPage,
    Place.SEARCH: MailboxFormPage,
    Place.CHOICE: ChoicePanel,
    Place.LOG: LogPage,
    Place.UNFRAMED: UnframedPage,
    Place.KEYS: KeysPanel,
    Place.PALETTE: PalettePanel,
    Place.QUESTION: QuestionPanel,
    Place.SIGN_IN: SignInPanel,
    Place.REDIRECT: SignInPanel,
    Place.PROBE: ProbePanel,
}


ABSENT = [s.digit for s in SCREENS if s.place not in {Place.BOARD, *TOP_PAGES}]
"""The digits of screens that do not exist."""


def bound(seat: Seat) -> set[str]:
    return {key for key, active in seat.app.active_bindings.items() if active.enabled}


@pytest.mark.parametrize("place", TO)
async def test_exactly_the_declared_keys_are_bound(place: Place) -> None:
    async with seated() as seat:
        await seat.press(*TO[place])
        assert bound(seat) == set(by_key(place))
        assert all(a.binding.action.startswith("press(") for a in seat.app.active_bindings.values())


@pytest.mark.parametrize("place", CLASSES)
def test_every_action_that_can_be_possible_has_its_method(place: Place) -> None:
    never = {f"screen_{n}" for n in range(5, 8)}
    for action in actions_in(place):
        if action.id not in never and action.opens is None and action.never is None:
            assert callable(getattr(CLASSES[place], f"do_{action.id}")), action.id


def test_no_action_is_declared_twice() -> None:
    ids = [action.id for action in ACTIONS]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("place", Place)
def test_no_key_has_two_meanings_in_a_place(place: Place) -> None:
    keys = [key for action in actions_in(place) for key in action.keys_in(place)]
    assert len(keys) == len(set(keys))


def test_one_key_has_one_meaning_everywhere() -> None:
    meant = defaultdict(set)
    for action in ACTIONS:
        for key in action.keys if action.never is None else ():
            meant[key].add(action.id)
    of_one_meaning = (
        {"open", "apply", "open_message", "edit_field"},
        {"edit", "edit_field"},
        {"undo", "restore"},
        {"erase", "erase_forward", "remove"},
        {"first", "caret_home"},
        {"last", "caret_end"},
        {"copy", "copy_message"},
        {"stop", "stop_mailbox"},
        {"next", "section", "next_field"},
        {"previous", "section_back", "previous_field"},
        {"next", "caret_right"},
        {"previous", "caret_left"},
    )
    for key, ids in meant.items():
        assert len(ids) == 1 or any(ids <= kin for kin in of_one_meaning), key


DESIGNED = {"Enter", "Esc", *"jkgGq/?:Le+anztpxoucs"}
"""The design's keys, as they are written."""


@pytest.mark.parametrize("place", sorted(PAGES))
def test_on_every_page_each_key_of_the_design_does_something_or_says_why_not(place: Place) -> None:
    """`s` elsewhere than on forms too: somebody who meant to save learns that nothing is lost."""
    shown = {word for action in actions_in(place) for word in action.shown_in(place).split()}
    assert shown >= DESIGNED


async def test_a_key_that_means_nothing_on_a_page_says_so_there_and_in_the_panel() -> None:
    async with seated() as seat:
        for keys, told in (
            (("a",), "Acknowledging alerts is not available yet."),
            (("z",), "Silencing alerts is not available yet."),
            (("s",), "Nothing here to save."),
            (("4", "a"), "Nothing here to acknowledge."),
            (("p",), "Receivers are on screen 2."),
            (("L", "o"), "The order here is always the same."),
        ):
            await seat.press(*keys)
            assert told in seat.header()
        await seat.press("question_mark", "G")
        assert "(The order here is always the same.)" in seat.panel()


def test_nothing_is_bound_to_what_a_split_function_key_sends() -> None:
    keys = {key for action in ACTIONS for key in action.keys}
    assert keys.isdisjoint({*"OPQRS", "[", "~", "left_square_bracket", "tilde"})


@pytest.mark.parametrize("place", sorted(TYPED))
def test_where_one_types_no_printable_key_is_bound(place: Place) -> None:
    assert not {key for key in by_key(place) if len(key) == 1}
    assert not set(by_key(place)) & {"question_mark", "slash", "colon", "plus", "space"}


async def test_nothing_of_textuals_own_is_left() -> None:
    assert KanaApp.ENABLE_COMMAND_PALETTE is False
    async with seated() as seat:
        assert list(seat.app.get_system_commands(seat.app.screen)) == []
        before = seat.app.screen
        for key in ("ctrl+q", "ctrl+z", "tab", "ctrl+backslash", "f12"):
            await seat.press(key)
        assert seat.app.screen is before
        assert seat.app.focused is None


async def test_the_palette_lists_every_action_of_the_page_and_nothing_else() -> None:
    async with seated() as seat:
        await seat.press("colon")
        panel = seat.app.screen
        assert isinstance(panel, PalettePanel)
        assert tuple(panel.found) == actions_in(Place.BOARD)


async def test_the_palette_finds_by_typing_and_does_what_is_marked() -> None:
    async with seated() as seat:
        await seat.press("ctrl+p", *"worst")
        assert "order worst first" in seat.panel()
        await seat.press("ctrl+u", *"log")
        await seat.press("enter")
        assert seat.page == Place.LOG


async def test_the_palette_says_why_what_cannot_be_done_is_not() -> None:
    async with seated() as seat:
        await seat.press("colon", *"rules")
        assert "(Screen 5, Rules, is not there yet.)" in seat.panel()
        await seat.press("enter")
        assert seat.panel() == ""
        assert "Screen 5, Rules, is not there yet." in seat.header()


async def test_in_the_palette_every_letter_is_text_and_escape_closes_it() -> None:
    async with seated() as seat:
        await seat.press("colon", "q", "j", "n")
        assert ": qjn" in seat.panel()
        assert "Nothing here is called that." in seat.panel()
        await seat.press("backspace", "backspace", "backspace", "down", "escape")
        assert seat.panel() == ""
        assert seat.app.is_running


async def test_the_panel_of_keys_lists_every_action_and_scrolls() -> None:
    async with seated() as seat:
        await seat.press("question_mark")
        told = seat.panel()
        wide = len(told.split("\n")[0])
        await seat.press("G")
        assert len(seat.panel().split("\n")[0]) == wide
        told += seat.panel()
        for action in actions_in(Place.BOARD):
            assert action.help_in(Place.BOARD) in told
        await seat.press("question_mark")
        assert seat.panel() == ""


async def test_the_panel_of_keys_says_why_one_does_not_work_now() -> None:
    async with seated(Stage((mailbox(1, "a", active=False),))) as seat:
        await seat.press("question_mark")
        assert "(a is not active: nothing is download" in seat.panel()


@pytest.mark.parametrize("place", sorted(PAGES))
def test_a_footer_has_at_most_eight_keys_that_fit_80_cells(place: Place) -> None:
    shown = footer(place)
    assert 0 < len(shown) <= actions.FOOTER_AT_MOST
    line = "".join(f"{a.shown_in(place).split()[0]} {a.label_in(place)}  " for a in shown)
    assert len(line) <= 79


async def test_on_a_narrow_screen_the_help_and_the_way_out_stay_in_the_footer() -> None:
    async with seated(size=(60, 15)) as seat:
        assert seat.last_line().startswith(" Enter open  ")
        assert seat.last_line().rstrip().endswith("? keys  q leave")
        assert len(seat.last_line().rstrip()) <= 60


async def test_the_panel_of_keys_tells_a_long_reason_below() -> None:
    async with seated(size=(60, 15), read_only=True) as seat:
        assert "read-only" in seat.header()
        await seat.press("question_mark")
        lines = [line.strip("\u2502 ") for line in seat.panel().splitlines()]
        at = next(i for i, line in enumerate(lines) if line.startswith("n "))
        assert lines[at] == "n         poll the mailbox now"
        assert lines[at + 1] == "(This screen is read-only (--read-only).)"


async def test_the_footer_of_the_board_shows_them() -> None:
    async with seated() as seat:
        assert seat.last_line() == (
            " Enter open  n now  e edit  / filter  o order  L log  ? keys  q leave"
        )


@pytest.mark.parametrize("keys", [key for digit in ABSENT for key in (str(digit), f"f{digit}")])
async def test_a_screen_that_is_not_there_yet_is_told(keys: str) -> None:
    async with seated() as seat:
        await seat.press(keys)
        assert "is not there yet" in seat.header()
        assert seat.page == Place.BOARD


async def test_1_goes_to_the_board_from_anywhere() -> None:
    async with seated() as seat:
        for key in ("1", "f1"):
            await seat.press("L", "c", key)
            assert seat.page == Place.BOARD


def test_a_read_only_screen_refuses_every_write_and_nothing_else() -> None:
    seen = Situation(read_only=True)
    for action in ACTIONS:
        assert ("read-only" in str(action.refusal(seen))) == (action.writes is not None)


async def test_on_a_read_only_screen_a_write_is_refused_with_the_reason() -> None:
    async with seated(read_only=True) as seat:
        await seat.press("n")
        assert "This screen is read-only (--read-only)." in seat.header()
        await seat.press("plus")
        assert seat.page == Place.BOARD
        assert seat.stage.desk.commands.kept == []


@pytest.mark.skipif(Place.DETAIL in OPENERS, reason="there is one")
async def test_opening_is_refused_where_there_is_no_page_for_it() -> None:
    async with seated() as seat:
        await seat.press("enter")
        assert "cannot be opened yet" in seat.header()


async def test_plus_opens_the_form_of_a_new_mailbox() -> None:
    async with seated() as seat:
        await seat.press("plus")
        assert seat.page == Place.FORM
        await seat.press("q")
        assert seat.page == Place.BOARD


async def test_escape_on_the_board_does_nothing() -> None:
    async with seated() as seat:
        await seat.press("escape", "escape")
        assert seat.app.is_running
        assert seat.panel() == ""


async def test_a_refresh_closes_no_panel() -> None:
    async with seated() as seat:
        await seat.press("question_mark")
        seat.stage.change(2, remote=444)
        await seat.told()
        assert "Keys" in seat.panel()
        assert "444" in seat.row(3)


async def test_keys_work_again_after_what_they_are_about_was_hidden() -> None:
    async with seated() as seat:
        await seat.pilot.resize_terminal(50, 12)
        await seat.press("j")
        await seat.pilot.resize_terminal(80, 24)
        await seat.press("j")
        assert seat.selected == "faxes"
        for mailbox_id in range(1, 7):
            seat.stage.remove(mailbox_id)
        await seat.told()
        assert not seat.board_shown()
        seat.stage.put(mailbox(1, "one"))
        seat.stage.put(mailbox(2, "two"))
        await seat.told()
        await seat.press("j")
        assert seat.selected == "two"
