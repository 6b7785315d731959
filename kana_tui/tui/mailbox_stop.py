"""`x` on a mailbox: its stop is its field Active, which an edit turns off or on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kana_tui.domain.fields.draft import Draft
from kana_tui.services.mailboxes import Edited, MailboxAdministration
from kana_tui.services.overview import MailboxView
from kana_tui.tui.desk import Repositories
from kana_tui.tui.line import Ink
from kana_tui.tui.panel import Answer, QuestionPanel
from kana_tui.tui.scene import Scene

if TYPE_CHECKING:
    from kana_tui.tui.app import KanaApp


class MailboxStop:
    """Of all pages. Stopping asks first; starting does not."""

    def __init__(self, app: KanaApp, scene: Scene) -> None:
        self._app = app
        self._scene = scene

    def turn(self, mailbox: MailboxView) -> None:
        """Stop it if it is active, start it if not."""
        if not mailbox.active:
            self._edit(mailbox, active=True)
            return

        def answered(wanted: bool | None) -> None:
            if wanted:
                self._edit(mailbox, active=False)

        waiting = "" if mailbox.watched is None else f" {mailbox.watched:,} messages wait there."
        panel: QuestionPanel[bool] = QuestionPanel(
            self._scene.glyphs,
            f"Stop downloading from {mailbox.name}?",
            [
                f"{mailbox.email_address} becomes inactive: its mail stays on the server.{waiting}",
                "A visit under way ends; the depth goes on being watched. x starts it again.",
            ],
            [Answer("Cancel", None), Answer("Stop it", value=True)],
        )
        self._app.push_screen(panel, answered)

    def _edit(self, mailbox: MailboxView, *, active: bool) -> None:
        settings, actor = self._scene.settings, self._scene.actor
        draft = Draft(values={"active": active})

        async def question(store: Repositories) -> Edited:
            administration = MailboxAdministration(store.mailboxes, settings)
            stored = await administration.find(str(mailbox.id))
            version = stored.mailbox.version
            return await administration.edit(str(mailbox.id), draft, actor, if_version=version)

        def then(edited: Edited) -> None:
            word = "started" if active else "stopped"
            told = word if edited.changes else f"was {word} already"
            self._app.say(f"{mailbox.name}: {told}", Ink.PLAIN)

        self._app.ask(question, then)
