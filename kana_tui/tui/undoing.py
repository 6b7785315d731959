"""`u`: my last change, shown, and after a yes set back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final

from kana_tui.domain.operators import reaches
from kana_tui.ports.commands import Order
from kana_tui.services.mailboxes import MailboxAdministration
from kana_tui.services.overview import Snapshot
from kana_tui.services.undoing import Undo, Undoer, Undoing
from kana_tui.services.undoing_coverage import left_by
from kana_tui.services.undoing_mailbox import MailboxUndoer
from kana_tui.services.undoing_receiver import ReceiverUndoer
from kana_tui.services.undoing_settings import SettingsUndoer
from kana_tui.tui.amounts import short_moment
from kana_tui.tui.desk import Repositories
from kana_tui.tui.line import Ink
from kana_tui.tui.panel import Answer
from kana_tui.tui.scene import Scene
from kana_tui.tui.scrolled_question import ScrolledQuestion

if TYPE_CHECKING:
    from kana_tui.tui.app import KanaApp

NAMED_AT_MOST: Final = 6
"""Mailboxes: there may be thousands."""
LONGEST_VALUE: Final = 40


class LastChange:
    """Of all pages. The store is asked each time: the change may be another screen's."""

    def __init__(self, app: KanaApp, scene: Scene) -> None:
        self._app = app
        self._scene = scene

    def undo(self) -> None:
        """After a question; without one where there is nothing, or it cannot be."""
        app, operator, seen = self._app, self._scene.actor.operator, self._app.screen

        def then(found: Undo | None) -> None:
            if app.screen is seen:  # whoever has gone on is not interrupted
                self._ask(found)

        app.ask(lambda store: self._undoing(store).find(operator), then)

    def _ask(self, found: Undo | None) -> None:
        sentence = "There is nothing to undo." if found is None else self._refusal(found)
        if found is None or sentence is not None:
            self._app.say(sentence or "", on=self._app.page)
            return
        undo = found

        def answered(wanted: bool | None) -> None:
            refusal = self._refusal(undo) if wanted else None  # the role may be another by now
            if refusal is not None:
                self._app.say(refusal, on=self._app.page)
            elif wanted:
                self._begin(undo)

        panel: ScrolledQuestion[bool] = ScrolledQuestion(
            self._scene.glyphs,
            "Undo my last change?",
            self._told(undo),
            [Answer("Cancel", None), Answer("Undo it", value=True)],
        )
        self._app.push_screen(panel, answered)

    def _begin(self, undo: Undo) -> None:
        app, actor = self._app, self._scene.actor

        def then(order: Order | None) -> None:
            if order is None:
                app.say(f"{undo.what}: {_back(undo)}.", Ink.PLAIN)
            else:
                app.command(order, subject=_subject(order), name=_name(order), verb=_back(undo))

        app.ask(lambda store: self._undoing(store).begin(undo, actor), then)

    def _undoing(self, store: Repositories) -> Undoing:
        administration = MailboxAdministration(
            store.mailboxes, self._scene.settings, self._scene.ca_files
        )
        undoers: dict[str, Undoer] = {
            "mailbox": MailboxUndoer(administration, store.audit),
            "receiver": ReceiverUndoer(store.nodes, store.audit),
            "config": SettingsUndoer(store.nodes, store.audit),
        }
        return Undoing(store.audit, undoers)

    def _refusal(self, undo: Undo) -> str | None:
        if undo.refusal is not None:
            by = (
                ""
                if undo.since is None
                else f" By {undo.since.operator}, {self._when(undo.since.at)}."
            )
            return f"{undo.refusal}{by}"
        role = self._scene.role()
        if not reaches(role, undo.needs):
            return f"You are {role.value}; to undo that needs the role {undo.needs.value}."
        if undo.order is not None and self._app.orders.pending(_subject(undo.order)):
            return f"{undo.what} is being changed; once that is done, u undoes it."
        return None

    def _told(self, undo: Undo) -> Sequence[str]:
        return [
            f"{undo.what}, changed by you, {self._when(undo.change.at)}.",
            *_losses(undo, self._app.snapshot),
            *(
                f"{one.field}: back from {_value(one.old)} to {_value(one.new)}"
                for one in undo.back
            ),
        ]

    def _when(self, moment: datetime) -> str:
        return short_moment(moment, self._scene.clock.now())


def _losses(undo: Undo, known: Snapshot | None) -> Sequence[str]:
    """A sentence each."""
    told = []
    if any((one.field, one.new) == ("ssl.enabled", "false") for one in undo.back):
        told.append("SSL goes off: what needs it is not used any more.")
    names = () if known is None else left_by(undo, known)
    if names:
        more = len(names) - NAMED_AT_MOST
        listed = ", ".join(names[:NAMED_AT_MOST]) + (f" and {more:,} more" if more > 0 else "")
        told.append(f"Leaves no receiver for {listed}.")
    return told


def _back(undo: Undo) -> str:
    """What goes back, in short."""
    if len(undo.back) != 1:
        return f"{len(undo.back)} values back"
    (one,) = undo.back
    then = _value(one.new)
    return f"{one.field} back to {then[:LONGEST_VALUE]}{'...' if then[LONGEST_VALUE:] else ''}"


def _value(text: str | None) -> str:
    return text or "nothing"


def _subject(order: Order) -> str:
    """As the pages of its object name it."""
    if order.receiver is not None:
        return f"receiver:{order.node}/{order.receiver}"
    return f"settings:{order.node}"


def _name(order: Order) -> str:
    return order.receiver or "settings"
