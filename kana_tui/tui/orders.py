"""Orders to engines that this screen gave: pending until answered; never done before that."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from itertools import count
from typing import Final

from attrs import evolve, frozen

from kana_tui.ports.commands import Command, CommandState, Order
from kana_tui.ports.nodes import ReceiverRow
from kana_tui.services.overview import MailboxView

TOLD_FOR: Final = timedelta(minutes=1)


def about_mailbox(mailbox: MailboxView) -> str:
    """The subject of an order about this mailbox."""
    return f"mailbox:{mailbox.id}"


def about_receiver(receiver: ReceiverRow) -> str:
    return f"receiver:{receiver.node}/{receiver.name}"


@frozen
class Given:
    """An order as far as it is known. `command_id` None: not yet written down.

    `subject`: what it is about, for whoever asks how that stands. `name` and
    `verb`: how it is told, as in "r1: priority high: done". `error`: a sentence.
    """

    number: int
    subject: str
    name: str
    verb: str
    order: Order
    at: datetime
    state: CommandState = CommandState.PENDING
    command_id: int | None = None
    error: str | None = None
    ended_at: datetime | None = None

    def told(self, dots: str) -> str:
        if self.state is CommandState.PENDING:
            return f"{self.verb}: pending{dots}"
        return f"{self.verb}: {self.error or 'done'}"


class Orders:
    """The newest order about each subject, and all that are not answered."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._numbers = count(1)
        self._newest: dict[str, Given] = {}
        self._open: dict[int, Given] = {}

    def give(self, order: Order, subject: str, name: str, verb: str) -> Given:
        return self._keep(Given(next(self._numbers), subject, name, verb, order, self._now()))

    def written(self, number: int, command: Command) -> None:
        self._keep(evolve(self._open[number], command_id=command.id))

    def failed(self, number: int, sentence: str) -> Given:
        """It could not be written down, or nobody lives who would carry it out."""
        return self._end(number, CommandState.FAILED, sentence)

    def answered(self, number: int, command: Command | None) -> Given | None:
        """What an engine made of it; None while it has not answered."""
        if command is None:
            return self._end(number, CommandState.FAILED, "the order is gone from the store")
        if command.state is CommandState.PENDING:
            return None
        return self._end(number, command.state, command.error)

    def waiting(self) -> Sequence[Given]:
        """Those that were written down and are not answered."""
        return [given for given in self._open.values() if given.command_id is not None]

    def pending(self, subject: str) -> bool:
        return any(given.subject == subject for given in self._open.values())

    def open_order(self, subject: str) -> Order | None:
        """The newest about this that is not answered."""
        given = self._newest.get(subject)
        return given.order if given is not None and given.number in self._open else None

    def told(self, subject: str, dots: str) -> str | None:
        """How the newest order stands; of one that has ended, for a minute."""
        given = self._newest.get(subject)
        if given is None:
            return None
        if given.ended_at is not None and self._now() - given.ended_at >= TOLD_FOR:
            return None
        return given.told(dots)

    def given_at(self, subject: str) -> datetime | None:
        """When the newest was given."""
        given = self._newest.get(subject)
        return None if given is None else given.at

    def _end(self, number: int, state: CommandState, error: str | None) -> Given:
        ended = evolve(self._open[number], state=state, error=error, ended_at=self._now())
        return self._keep(ended)

    def _keep(self, given: Given) -> Given:
        newest = self._newest.get(given.subject)
        if newest is None or newest.number <= given.number:
            self._newest[given.subject] = given
        if given.state is CommandState.PENDING:
            self._open[given.number] = given
        else:
            del self._open[given.number]
        return given
