"""THE registry: every action, declared once.

Bindings, footer, the panel of keys, the palette, role checks and docs/keys.md
are made from it. Nothing of Textual is known here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from attrs import frozen

from kana_tui.domain.settings import Role
from kana_tui.tui.absent_keys import ABSENT, elsewhere
from kana_tui.tui.action import Action, Situation
from kana_tui.tui.form_actions import FORM_ACTIONS, OPENING
from kana_tui.tui.places import PAGES, TOP, TYPED, Place
from kana_tui.tui.probe_action import TEST
from kana_tui.tui.receiver_actions import RECEIVER_ACTIONS, receiver_now

FOOTER_AT_MOST: Final = 8
"""Keys in the footer of 80 columns."""


def actions_in(place: Place) -> tuple[Action, ...]:
    """In the order declared, those that have a key there."""
    return tuple(a for a in ACTIONS if place in a.places and a.keys_in(place))


def by_key(place: Place) -> Mapping[str, Action]:
    return _BY_KEY[place]


def footer(place: Place) -> tuple[Action, ...]:
    """The few that matter there, in the order of importance."""
    return tuple(_BY_ID[name] for name in _FOOTERS.get(place, ()))


def _mailbox(situation: Situation) -> str | None:
    return None if situation.selected or situation.listed else situation.nothing


def _open(situation: Situation) -> str | None:
    if Place.DETAIL not in situation.there:
        return "A mailbox cannot be opened yet; c shows all that is known of it here."
    return _mailbox(situation)


def _now(situation: Situation) -> str | None:
    if situation.receiver is not None:
        return receiver_now(situation)
    mailbox = situation.selected
    if mailbox is None:
        return "Nothing here to poll." if situation.listed else situation.nothing
    if not mailbox.active:
        return f"{mailbox.name} is not active: nothing is downloaded from it."
    if not situation.engine_live:
        return "No engine is live that could do it."
    if mailbox.uncovered:
        return f"No running receiver covers {mailbox.name}."
    return _asked_already(situation, mailbox.name)


def _asked_already(situation: Situation, name: str) -> str | None:
    if situation.pending:
        return f"{name} is being polled already."
    if situation.again_in_s is not None:
        return f"{name}: login refused: by hand once a minute, again in {situation.again_in_s} s."
    return None


@frozen
class ScreenKey:
    """A top screen and its digit; `place` None: not there yet."""

    digit: int
    name: str
    place: Place | None = None

    @property
    def action(self) -> Action:
        return Action(
            f"screen_{self.digit}",
            (str(self.digit), f"f{self.digit}"),
            f"{self.digit} F{self.digit}",
            self.name,
            f"screen {self.digit}, {self.name}",
            PAGES,
            why_not=self.why_not,
            opens=self.place,
        )

    def why_not(self, situation: Situation) -> str | None:
        if self.place is not None and self.place in situation.there:
            return None
        return f"Screen {self.digit}, {self.name}, is not there yet."


SCREENS: Final[tuple[ScreenKey, ...]] = (
    ScreenKey(1, "Mailboxes", Place.BOARD),
    ScreenKey(2, "Receivers", Place.RECEIVERS),
    ScreenKey(3, "Alerts", Place.ALERTS),
    ScreenKey(4, "Queues", Place.QUEUES),
    ScreenKey(5, "Rules"),
    ScreenKey(6, "Outbox"),
    ScreenKey(7, "Audit"),
    ScreenKey(8, "Settings", Place.SETTINGS),
)

_SCROLLED: Final = PAGES | {Place.KEYS}
_MOVED: Final = _SCROLLED | TYPED | {Place.CHOICE, Place.SIGN_IN, Place.PROBE}
_OF_A_MAILBOX: Final = frozenset({Place.BOARD, Place.DETAIL})
_LISTED: Final = _OF_A_MAILBOX | {
    Place.RECEIVERS,
    Place.ALERTS,
    Place.QUEUES,
    Place.QUEUE,
    Place.QUARANTINE,
}

_DECLARED: Final = (
    Action("open", ("enter",), "Enter", "open", "open the mailbox", _LISTED,
           told={
               Place.DETAIL: ("open", "open the message"),
               Place.RECEIVERS: ("open", "apply the pending priority; open the mailbox"),
               Place.ALERTS: ("mailbox", "open the alert's mailbox"),
               Place.QUEUES: ("open", "open the queue, or the quarantine"),
               Place.QUEUE: ("open", "open the message"),
               Place.QUARANTINE: ("open", "open the message"),
           },
           why_not=_open),
    Action("section", ("tab",), "Tab", "section", "to the next section",
           {Place.DETAIL, Place.RECEIVERS}),
    Action("section_back", ("shift+tab",), "Shift+Tab", "section", "to the section before",
           {Place.DETAIL, Place.RECEIVERS}),
    Action(
        "apply", ("enter",), "Enter", "this", "this answer",
        {*TYPED, Place.QUESTION, Place.CHOICE, Place.SIGN_IN},
        told={
            Place.FILTER: ("keep", "keep the filter, and leave its line"),
            Place.PALETTE: ("do it", "do what is marked"),
            Place.FIELD: ("keep", "keep what was typed"),
            Place.SEARCH: ("keep", "stay at what was found"),
            Place.CHOICE: ("take", "take what is marked"),
            Place.SIGN_IN: ("go on", "paste the address, or begin again"),
            Place.REDIRECT: ("sign in", "sign in with the address that was pasted"),
        },
    ),
    Action("now", ("n",), "n", "now", "poll the mailbox now",
           _OF_A_MAILBOX | {Place.RECEIVERS, Place.ALERTS},
           told={Place.RECEIVERS: ("now", "poll now all that the receiver covers, or the mailbox")},
           writes=Role.OPERATOR, why_not=_now),
    Action("filter", ("slash",), "/", "filter", "filter by name and address",
           {Place.BOARD, Place.ALERTS, Place.FORM, Place.SETTINGS},
           told=dict.fromkeys((Place.FORM, Place.SETTINGS),
                              ("search", "find a field by label, key or meaning"))),
    Action("order", ("o",), "o", "order", "order worst first, and go to the worst",
           {Place.BOARD}),
    Action("copy", ("c",), "c", "copy", "copy, and show unframed to be selected",
           _LISTED | {Place.SIGN_IN, Place.PROBE}, why_not=_mailbox),
    Action("copy_message", ("c",), "c", "copy", "copy the message, and show it unframed",
           {Place.MESSAGE}),
    Action("undo", ("u",), "u", "undo", "undo my last change",
           PAGES - {Place.FORM, Place.SETTINGS},
           writes=Role.OPERATOR),
    *RECEIVER_ACTIONS,
    *OPENING,
    *FORM_ACTIONS,
    *ABSENT,
    Action("log", ("L",), "L", "log", "log of messages and errors", PAGES - {Place.LOG}),
    TEST,
    Action("keys", ("question_mark",), "?", "keys", "all keys here", _SCROLLED,
           told={Place.KEYS: ("close", "close")}),
    Action("palette", ("colon", "ctrl+p"), ": Ctrl+P", "palette", "all that can be done here",
           PAGES),
    *(screen.action for screen in SCREENS),
    Action("down", ("j", "down"), "j Down", "down", "one line down",
           _MOVED | {Place.QUESTION},
           told={Place.SEARCH: ("next", "to the next that was found")}),
    Action("up", ("k", "up"), "k Up", "up", "one line up", _MOVED | {Place.QUESTION},
           told={Place.SEARCH: ("the one before", "to the one before it")}),
    Action("page_down", ("pagedown",), "PgDn", "page down", "a page down", _MOVED),
    Action("page_up", ("pageup",), "PgUp", "page up", "a page up", _MOVED),
    Action("first", ("g", "home"), "g Home", "first", "to the first line",
           _SCROLLED | {Place.CHOICE}),
    Action("last", ("G", "end"), "G End", "last", "to the last line",
           _SCROLLED | {Place.CHOICE}),
    Action("next", ("right", "l", "tab"), "Right l Tab", "next", "the next answer",
           {Place.QUESTION}),
    Action("previous", ("left", "h", "shift+tab"), "Left h", "previous", "the answer before",
           {Place.QUESTION}),
    Action("erase", ("backspace",), "Backspace", "erase", "erase a character", TYPED),
    Action("erase_all", ("ctrl+u",), "Ctrl+U", "erase all", "erase what was typed", TYPED),
    Action(
        "close", ("escape",), "Esc", "close", "close",
        {*Place},
        told={
            **dict.fromkeys((Place.BOARD, Place.ALERTS, Place.FILTER),
                            ("clear", "clear the filter")),
            Place.RECEIVERS: ("drop", "drop the pending priority"),
            Place.FIELD: ("restore", "leave it as it was"),
            Place.SEARCH: ("back", "back to where it was"),
            Place.QUESTION: ("cancel", "cancel"),
            Place.SIGN_IN: ("give up", "give up: all stays as it was"),
            Place.REDIRECT: ("drop", "drop what was pasted"),
        },
    ),
    Action(
        "back", ("q", "ctrl+c"), "q Ctrl+C", "back", "back",
        {*Place},
        told=dict.fromkeys(TOP, ("leave", "leave; asks first")),
    ),
)  # fmt: skip
ACTIONS: Final = (*_DECLARED, *elsewhere(_DECLARED))

_FOOTERS: Final[Mapping[Place, tuple[str, ...]]] = {
    Place.BOARD: ("open", "now", "edit", "filter", "order", "log", "keys", "back"),
    Place.FILTER: ("apply", "close", "erase_all"),
    Place.RECEIVERS: ("open", "priority", "stop", "now", "copy", "log", "keys", "back"),
    Place.ALERTS: ("open", "filter", "copy", "log", "keys", "back"),
    Place.QUEUES: ("open", "copy", "log", "keys", "back"),
    Place.QUEUE: ("open", "page_down", "page_up", "last", "copy", "keys", "back"),
    Place.QUARANTINE: ("open", "page_down", "page_up", "last", "copy", "keys", "back"),
    Place.DETAIL: ("open", "section", "now", "edit", "copy", "log", "keys", "back"),
    Place.FORM: (
        "edit_field",
        "toggle",
        "filter",
        "save",
        "test",
        "restore",
        "keys",
        "back",
    ),
    Place.SETTINGS: (
        "edit_field",
        "toggle",
        "filter",
        "new",
        "save",
        "restore",
        "keys",
        "back",
    ),
    Place.FIELD: ("apply", "close", "next_field", "save", "erase_all"),
    Place.SEARCH: ("apply", "close", "down"),
    Place.CHOICE: (),
    Place.MESSAGE: ("page_down", "page_up", "last", "copy_message", "log", "keys", "back"),
    Place.LOG: ("down", "up", "page_down", "page_up", "first", "keys", "back"),
    Place.UNFRAMED: ("down", "up", "back"),
    Place.KEYS: (),
    Place.PALETTE: (),
    Place.QUESTION: (),
    Place.SIGN_IN: (),
    Place.REDIRECT: (),
    Place.PROBE: (),
}
_BY_ID: Final = {action.id: action for action in ACTIONS}
_BY_KEY: Final = {
    place: {key: action for action in actions_in(place) for key in action.keys_in(place)}
    for place in Place
}
