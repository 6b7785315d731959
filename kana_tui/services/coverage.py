"""The coverage map: which receivers download from mailboxes of which priority."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import frozen

from kana_tui.domain.cover import Priority, covers
from kana_tui.ports.nodes import ReceiverRow, ReceiverState
from kana_tui.services.overview import MailboxView, Snapshot


@frozen
class Covered:
    """The active mailboxes of a priority, by name, and the running receivers that cover them."""

    priority: Priority
    receivers: tuple[ReceiverRow, ...]
    mailboxes: tuple[MailboxView, ...]


@frozen
class Coverage:
    """`by_priority`: high, medium, low. `inactive`: mailboxes that nobody is to cover, by name."""

    by_priority: tuple[Covered, ...]
    inactive: tuple[MailboxView, ...]

    @property
    def uncovered(self) -> tuple[MailboxView, ...]:
        return tuple(m for c in self.by_priority if not c.receivers for m in c.mailboxes)


def coverage(snapshot: Snapshot) -> Coverage:
    named = sorted(snapshot.mailboxes, key=lambda mailbox: (mailbox.name.casefold(), mailbox.id))
    return Coverage(
        tuple(
            Covered(
                priority,
                tuple(covering(snapshot.receivers, priority)),
                tuple(one for one in named if one.active and one.priority is priority),
            )
            for priority in (Priority.HIGH, Priority.MEDIUM, Priority.LOW)
        ),
        tuple(one for one in named if not one.active),
    )


def covering(receivers: Sequence[ReceiverRow], priority: Priority) -> list[ReceiverRow]:
    """Those that run and download from mailboxes of this priority."""
    return [
        one
        for one in receivers
        if one.state is ReceiverState.RUNNING and covers(one.priority, priority)
    ]
