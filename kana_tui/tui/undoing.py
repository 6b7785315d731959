"""`u`: my last change, shown, and after a yes set back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final

from attrs import evolve

from kana_tui.domain.cover import Priority, covers
from kana_tui.domain.operators import reaches
from kana_tui.ports.commands import CommandKind, Order
from kana_tui.ports.nodes import ReceiverState
from kana_tui.services.mailboxes import MailboxAdministration
from kana_tui.services.overview import Snapshot
from kana_tui.services.receivers import left_uncovered
from kana_tui.services.undoing import Undo, Undoer, Undoing
from kana_tui.services.undoing_mailbox import MailboxUndoer
from kana_tui.services.undoing_receiver import ReceiverUndoer
from kana_tui.services.undoing_settings import SettingsUndoer
from kana_tui.tui.amounts import short_moment
from kana_tui.tui.desk import Repositories
from kana_tui.tui.line import Ink
from kana_tui.tui.panel import Answer, QuestionPanel
from kana_tui.tui.scene import Scene

if TYPE_CHECKING:
    from kana_tui.tui.app import KanaApp

SHOWN_AT_MOST: Final = 6
"""Values, and mailboxes: a small terminal has room for no more."""
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
            self._app.say(sentence or "")
            return
        undo = found

        def answered(wanted: bool | None) -> None:
            refusal = self._refusal(undo) if wanted else None  # the role may be another by now
            if refusal is not None:
                self._app.say(refusal)
            elif wanted:
                self._begin(undo)

        panel: QuestionPanel[bool] = QuestionPanel(
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
                app.say(f"{undo.what}: undone.", Ink.PLAIN)
            else:
                app.command(order, subject=_subject(order), name=_name(order), verb="undo")

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
        values = [
            f"{one.field}: back from {_value(one.old)} to {_value(one.new)}" for one in undo.back
        ]
        told = [
            f"{undo.what}, changed by you, {self._when(undo.change.at)}.",
            *values[:SHOWN_AT_MOST],
        ]
        if len(values) > SHOWN_AT_MOST:
            told.append(f"and {len(values) - SHOWN_AT_MOST} more")
        known = self._app.snapshot
        return told if known is None else [*told, *_uncovered(undo, known)]

    def _when(self, moment: datetime) -> str:
        return short_moment(moment, self._scene.clock.now())


def _uncovered(undo: Undo, known: Snapshot) -> Sequence[str]:
    """A sentence where mailboxes would have no receiver any more."""
    names = _left_by_order(undo, undo.order, known) if undo.order else _left_by_edit(undo, known)
    if not names:
        return ()
    more = len(names) - SHOWN_AT_MOST
    listed = ", ".join(names[:SHOWN_AT_MOST]) + (f" and {more:,} more" if more > 0 else "")
    return [f"Leaves no receiver for {listed}."]


def _left_by_order(undo: Undo, order: Order, known: Snapshot) -> Sequence[str]:
    for receiver in known.receivers:
        if (receiver.node, receiver.name) != (order.node, order.receiver):
            continue
        if order.kind is CommandKind.STOP:
            return [one.name for one in left_uncovered(known, receiver, None)]
        if order.kind is CommandKind.PRIORITY:
            now = evolve(receiver, priority=Priority(undo.back[0].old or ""))
            then = Priority(order.value or "")
            return [one.name for one in left_uncovered(known, now, then)]
    return ()


def _left_by_edit(undo: Undo, known: Snapshot) -> Sequence[str]:
    """The mailbox itself, if its old priority or its being active has no receiver now."""
    mailbox = next(
        (one for one in known.mailboxes if f"mailbox:{one.id}" == undo.change.object_), None
    )
    if mailbox is None:
        return ()
    old = {one.field: one.old for one in undo.change.changes}
    priority = Priority(old.get("priority") or mailbox.priority.value)
    active = (old["active"] == "yes") if "active" in old else mailbox.active
    covered = any(
        one.state is ReceiverState.RUNNING and covers(one.priority, priority)
        for one in known.receivers
    )
    touched = old.keys() & {"priority", "active"}
    return [mailbox.name] if touched and active and not covered else []


def _value(text: str | None) -> str:
    if not text:
        return "nothing"
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}..."


def _subject(order: Order) -> str:
    """As the pages of its object name it."""
    if order.receiver is not None:
        return f"receiver:{order.node}/{order.receiver}"
    return f"settings:{order.node}"


def _name(order: Order) -> str:
    return order.receiver or "settings"
