"""`n`: an order to poll now, pending until the engine has answered; never done before it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

from attrs import evolve, frozen

from kana_tui.domain.cover import covers
from kana_tui.domain.errors import Stage
from kana_tui.ports.commands import Command, CommandKind, CommandState, Order
from kana_tui.ports.nodes import ReceiverState
from kana_tui.services.overview import MailboxView, Snapshot

REFUSED_AGAIN_AFTER: Final = timedelta(minutes=1)
"""Servers lock accounts after some refused logins."""
TOLD_FOR: Final = timedelta(minutes=1)


def login_refused(mailbox: MailboxView) -> bool:
    return mailbox.last_error is not None and mailbox.last_error.stage is Stage.LOGIN


def poll_now(snapshot: Snapshot, mailbox: MailboxView, own_node: str) -> Order | None:
    """For the node of a receiver that covers it, our own first; None if none does."""
    nodes = [
        receiver.node
        for receiver in snapshot.receivers
        if receiver.state is ReceiverState.RUNNING and covers(receiver.priority, mailbox.priority)
    ]
    if not nodes:
        return None
    node = own_node if own_node in nodes else nodes[0]
    return Order(node, CommandKind.NOW, mailbox_id=mailbox.id)


@frozen
class Given:
    """An order for a mailbox as far as it is known; `command_id` None: not yet written down."""

    name: str
    at: datetime
    state: CommandState = CommandState.PENDING
    command_id: int | None = None
    error: str | None = None
    ended_at: datetime | None = None

    def told(self, dots: str) -> str:
        if self.state is CommandState.PENDING:
            return f"now: pending{dots}"
        return "now: done" if self.state is CommandState.DONE else f"now: {self.error}"


class Orders:
    """The newest order of each mailbox that was given from this screen."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._given: dict[int, Given] = {}

    def give(self, mailbox: MailboxView) -> Given:
        self._given[mailbox.id] = Given(mailbox.name, self._now())
        return self._given[mailbox.id]

    def written(self, mailbox_id: int, command: Command) -> None:
        self._given[mailbox_id] = evolve(self._given[mailbox_id], command_id=command.id)

    def failed(self, mailbox_id: int, sentence: str) -> Given:
        """It could not be written down."""
        return self._end(mailbox_id, CommandState.FAILED, sentence)

    def answered(self, mailbox_id: int, command: Command | None) -> Given | None:
        """What an engine made of it; None while it has not answered."""
        if command is None:
            return self._end(mailbox_id, CommandState.FAILED, "the order is gone from the store")
        if command.state is CommandState.PENDING:
            return None
        return self._end(mailbox_id, command.state, command.error)

    def waiting(self) -> Sequence[tuple[int, int]]:
        """Mailbox and command of each order that was written down and is not answered."""
        return [
            (mailbox_id, given.command_id)
            for mailbox_id, given in self._given.items()
            if given.state is CommandState.PENDING and given.command_id is not None
        ]

    def pending(self, mailbox_id: int) -> bool:
        given = self._given.get(mailbox_id)
        return given is not None and given.state is CommandState.PENDING

    def told(self, mailbox_id: int, dots: str) -> str | None:
        """How the newest order stands; of one that has ended, for a minute."""
        given = self._given.get(mailbox_id)
        if given is None:
            return None
        if given.ended_at is not None and self._now() - given.ended_at >= TOLD_FOR:
            return None
        return given.told(dots)

    def again_in_s(self, mailbox: MailboxView) -> int | None:
        """How long a mailbox whose login was refused is not to be tried by hand again."""
        given = self._given.get(mailbox.id)
        if given is None or not login_refused(mailbox):
            return None
        left = REFUSED_AGAIN_AFTER - (self._now() - given.at)
        return max(1, int(left.total_seconds())) if left > timedelta(0) else None

    def _end(self, mailbox_id: int, state: CommandState, error: str | None) -> Given:
        ended = evolve(self._given[mailbox_id], state=state, error=error, ended_at=self._now())
        self._given[mailbox_id] = ended
        return ended
