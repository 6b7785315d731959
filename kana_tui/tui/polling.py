"""`n` on a mailbox: polled at once; where its login was refused after a question, and seldom."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from kana_tui.domain.errors import KanaError, Stage
from kana_tui.services.explain import wants_sign_in
from kana_tui.services.overview import MailboxView
from kana_tui.services.receivers import poll_order
from kana_tui.tui.amounts import short_moment
from kana_tui.tui.glyphs import Glyphs
from kana_tui.tui.orders import about_mailbox
from kana_tui.tui.panel import Answer, QuestionPanel
from kana_tui.tui.scene import Scene

if TYPE_CHECKING:
    from kana_tui.tui.app import KanaApp

REFUSED_AGAIN_AFTER: Final = timedelta(minutes=1)
"""Servers lock accounts after some refused logins."""


def login_refused(mailbox: MailboxView) -> bool:
    return mailbox.last_error is not None and mailbox.last_error.stage is Stage.LOGIN


class Polling:
    """Of all pages."""

    def __init__(self, app: KanaApp, scene: Scene) -> None:
        self._app = app
        self._scene = scene

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

    def again_in_s(self, mailbox: MailboxView) -> int | None:
        """How long a mailbox whose login was refused is not to be tried by hand again."""
        given_at = self._app.orders.given_at(about_mailbox(mailbox))
        if given_at is None or not login_refused(mailbox):
            return None
        left = REFUSED_AGAIN_AFTER - (self._scene.clock.now() - given_at)
        return max(1, int(left.total_seconds())) if left > timedelta(0) else None

    def _order(self, mailbox: MailboxView) -> None:
        app = self._app
        if app.snapshot is None:
            return
        try:
            order = poll_order(app.snapshot, mailbox.id, self._scene.node)
        except KanaError as error:
            app.say(str(error))
        else:
            app.command(order, subject=about_mailbox(mailbox), name=mailbox.name, verb="now")


def _refused_panel(glyphs: Glyphs, mailbox: MailboxView, now: datetime) -> QuestionPanel[bool]:
    said = []
    if mailbox.last_error is not None:
        since = short_moment(mailbox.last_error.since, now)
        said = [f"Refused since {since}: {mailbox.last_error.message}"]
    first = "Sign in first: i." if wants_sign_in(mailbox) else "Set the right password first."
    return QuestionPanel(
        glyphs,
        f"Log in to {mailbox.name} again now?",
        [*said, f"Servers lock accounts after too many refusals. {first}"],
        [Answer("Cancel", None), Answer("Try it once", value=True)],
    )
