"""`n`: an order to an engine, written down, waited for, and told."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from kana_tui.ports.commands import Command
from kana_tui.services.overview import MailboxView
from kana_tui.tui.amounts import short_moment
from kana_tui.tui.glyphs import Glyphs
from kana_tui.tui.line import Ink
from kana_tui.tui.orders import Given, login_refused, poll_now
from kana_tui.tui.panel import Answer, QuestionPanel
from kana_tui.tui.scene import Scene

if TYPE_CHECKING:
    from kana_tui.tui.app import KanaApp


class Polling:
    """Of all pages; what is known of the orders is in `app.orders`."""

    def __init__(self, app: KanaApp, scene: Scene) -> None:
        self._app = app
        self._scene = scene
        self._asked_about: set[int] = set()

    def start(self, mailbox: MailboxView) -> None:
        """Order it; where the login was refused, after a question."""
        if not login_refused(mailbox):
            self._order(mailbox)
            return

        def answered(wanted: bool | None) -> None:
            if wanted:
                self._order(mailbox)

        now = self._scene.clock.now()
        self._app.push_screen(_refused_panel(self._scene.glyphs, mailbox, now), answered)

    def ask_for_answers(self) -> None:
        """With each snapshot, whether the engines have answered: an answer is a write, too."""
        for mailbox_id, command_id in self._app.orders.waiting():
            if command_id not in self._asked_about:
                self._asked_about.add(command_id)
                self._ask_for_answer(mailbox_id, command_id)

    def _order(self, mailbox: MailboxView) -> None:
        app, scene = self._app, self._scene
        order = None if app.snapshot is None else poll_now(app.snapshot, mailbox, scene.node)
        if order is None:
            app.say(f"No running receiver covers {mailbox.name}.")
            return
        app.orders.give(mailbox)
        app.ask(
            lambda store: store.commands.request(order, scene.actor),
            lambda command: app.orders.written(mailbox.id, command),
            lambda sentence: self._tell(app.orders.failed(mailbox.id, sentence)),
        )
        app.draw()

    def _ask_for_answer(self, mailbox_id: int, command_id: int) -> None:
        app = self._app

        def then(command: Command | None) -> None:
            self._asked_about.discard(command_id)
            ended = app.orders.answered(mailbox_id, command)
            if ended is not None:
                self._tell(ended)

        def failed(_sentence: str) -> None:
            self._asked_about.discard(command_id)  # the outage is told by the feed

        app.ask(lambda store: store.commands.get(command_id), then, failed)

    def _tell(self, given: Given) -> None:
        told = f"{given.name}: {given.told(self._scene.glyphs.dots)}"
        self._app.say(told, Ink.PLAIN if given.error is None else Ink.WARNING)


def _refused_panel(glyphs: Glyphs, mailbox: MailboxView, now: datetime) -> QuestionPanel[bool]:
    said = []
    if mailbox.last_error is not None:
        since = short_moment(mailbox.last_error.since, now)
        said = [f"Refused since {since}: {mailbox.last_error.message}"]
    return QuestionPanel(
        glyphs,
        f"Log in to {mailbox.name} again now?",
        [*said, "Servers lock accounts after too many refusals. Set the right password first."],
        [Answer("Cancel", None), Answer("Try it once", value=True)],
    )
