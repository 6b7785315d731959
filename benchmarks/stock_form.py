"""The peer: the same fields in Textual's own widgets, as its guide shows a form.

`e` opens it on a screen of its own.
"""

from __future__ import annotations

from typing import Any

from textual.app import App, ComposeResult
from textual.containers import VerticalScroll
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Checkbox, Footer, Header, Input, Label, Select, Static

from kana_tui.services.forms import Entry, EntryKind
from kana_tui.services.mailbox_form import MailboxForm
from tests.mailboxes import CONTEXT


def entries() -> list[Entry]:
    """Of a Google mailbox that logs in when it sends: as many as are ever shown at once."""
    form = MailboxForm(CONTEXT)
    form.set("auth_type", "google_imap")
    for key, text in (("smtp_server", "smtp.example.com"), ("smtp_auth", "yes")):
        form.set(key, text)
    return [entry for section in form.sections() for entry in section.entries]


class StockForm(Screen[None]):
    def compose(self) -> ComposeResult:
        yield Header()
        with VerticalScroll():
            for entry in entries():
                if entry.kind is not EntryKind.FLAG:
                    yield Label(entry.label)
                yield _widget(entry)
        yield Footer()


def _widget(entry: Entry) -> Widget:
    if entry.kind is EntryKind.FLAG:
        return Checkbox(entry.label, entry.text == "yes")
    if entry.kind is EntryKind.CHOICE:
        options: list[tuple[str, Any]] = [(o.label, o.value) for o in entry.options]
        return Select(options, allow_blank=True)
    return Input(entry.text, password=entry.kind is EntryKind.SECRET)


class StockApp(App[None]):
    BINDINGS = [("e", "edit", "Edit")]  # noqa: RUF012  # as Textual's guide writes it

    def compose(self) -> ComposeResult:
        yield Static("press e")

    def action_edit(self) -> None:
        self.push_screen(StockForm())


if __name__ == "__main__":
    StockApp().run(mouse=False)
