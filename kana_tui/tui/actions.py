"""Every action, declared once: bindings, footer and the panel of keys are made from it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from attrs import frozen
from textual.binding import Binding, BindingType


@frozen
class Action:
    """`id` names the method `action_ID`; `shown` is how its keys are written.

    `footer`: its short label where the footer has room, in the order declared.
    """

    id: str
    keys: tuple[str, ...]
    shown: str
    help: str
    footer: str | None = None

    @property
    def binding(self) -> Binding:
        return Binding(",".join(self.keys), self.id, self.help, show=False, id=self.id)


BOARD: Final = (
    Action("down", ("j", "down"), "j Down", "one mailbox down", "down"),
    Action("up", ("k", "up"), "k Up", "one mailbox up", "up"),
    Action("page_down", ("pagedown",), "PgDn", "a page down"),
    Action("page_up", ("pageup",), "PgUp", "a page up"),
    Action("first", ("g", "home"), "g Home", "the first mailbox"),
    Action("last", ("G", "end"), "G End", "the last mailbox"),
    Action("order", ("o",), "o", "order worst first, and go to the worst", "worst first"),
    Action("keys", ("question_mark",), "?", "all keys", "all keys"),
    Action("leave", ("q", "ctrl+c"), "q Ctrl+C", "leave; asks first", "leave"),
)
CHOICE: Final = (
    Action("next", ("right", "l", "down", "j", "tab"), "Right Tab", "the next answer"),
    Action("previous", ("left", "h", "up", "k", "shift+tab"), "Left", "the answer before"),
    Action("choose", ("enter",), "Enter", "this answer"),
    Action("close", ("escape", "q", "ctrl+c"), "Esc", "stay"),
)
PANEL: Final = (
    Action("close", ("escape", "q", "ctrl+c", "question_mark", "enter"), "Esc q", "close"),
)


def bindings(actions: Sequence[Action]) -> list[BindingType]:
    return [action.binding for action in actions]
