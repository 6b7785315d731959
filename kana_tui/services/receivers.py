"""Receivers as their operators handle them: stop, start, priority, now; and what that uncovers."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

from attrs import frozen

from kana_tui.domain.audit import Actor
from kana_tui.domain.cover import Priority, covers
from kana_tui.domain.errors import (
    ConflictError,
    InvalidValueError,
    NotFoundError,
    UnreachableError,
)
from kana_tui.ports.clock import Clock
from kana_tui.ports.commands import Command, CommandKind, Commands, CommandState, Order
from kana_tui.ports.nodes import ReceiverRow, ReceiverState
from kana_tui.services.overview import MailboxView, Snapshot

CONFIRMED_WITHIN_S: Final = 15.0
LOOK_EACH_S: Final = 0.05
_ENGINE: Final = "See whether the engine works: kana-tui status, and its log."


class WithdrawnError(UnreachableError):
    """No engine took an order up, and none will."""


@frozen
class ReceiverControl:
    """Orders to the engines that live in a snapshot; without one nothing is written.

    UnreachableError: no engine lives for it. NotFoundError: no such receiver.
    InvalidValueError: the name fits receivers of several nodes.
    """

    commands: Commands
    clock: Clock

    async def order(
        self,
        snapshot: Snapshot,
        kind: CommandKind,
        reference: str,
        actor: Actor,
        priority: Priority | None = None,
    ) -> Command:
        """Order something of one receiver: `NAME`, or `NODE/NAME`."""
        receiver = find_receiver(snapshot, reference)
        value = None if priority is None else priority.value
        order = Order(receiver.node, kind, receiver=receiver.name, value=value)
        return await self.commands.request(order, actor)

    async def poll_all(self, snapshot: Snapshot, actor: Actor) -> Sequence[Command]:
        """Order every live node to visit all that its receivers cover, at once."""
        _refuse_without_engine(snapshot)
        nodes = [node.row.name for node in snapshot.nodes if node.live]
        return [await self.commands.request(Order(node, CommandKind.NOW), actor) for node in nodes]

    async def poll_mailbox(self, snapshot: Snapshot, mailbox_id: int, actor: Actor) -> Command:
        """Order a visit at once. ConflictError where the mailbox is inactive or uncovered."""
        return await self.commands.request(poll_order(snapshot, mailbox_id), actor)

    async def confirmed(self, command: Command, within_s: float = CONFIRMED_WITHIN_S) -> Command:
        """The command once its engine has acknowledged it.

        WithdrawnError if no engine takes it up in time: nothing is carried out
        later that was given up here. UnreachableError: it is not known what
        becomes of it.
        """
        deadline = self.clock.monotonic() + within_s
        while (newest := await self._newest(command)).state is CommandState.PENDING:
            if self.clock.monotonic() >= deadline:
                return await self._withdrawn(command, within_s)
            await asyncio.sleep(LOOK_EACH_S)
        return newest

    async def _withdrawn(self, command: Command, within_s: float) -> Command:
        told = f"The engine of node {command.order.node} did not take it up in {within_s:g} s."
        await self.commands.withdraw(command.id, told)
        newest = await self._newest(command)
        if newest.error == told:
            raise WithdrawnError(f"{told} The command is withdrawn.", hint=_ENGINE)
        if newest.state is CommandState.PENDING:
            raise UnreachableError(
                f"The engine of node {command.order.node} has begun it and did not end it in "
                f"{within_s:g} s.",
                hint=_ENGINE,
            )
        return newest

    async def _newest(self, command: Command) -> Command:
        newest = await self.commands.get(command.id)
        if newest is None:
            raise NotFoundError(f"Command {command.id} is gone, and its mailbox with it.")
        return newest


def find_receiver(snapshot: Snapshot, reference: str) -> ReceiverRow:
    """A receiver of a live engine, by name or NODE/NAME; errors as of ReceiverControl."""
    named = [one for one in snapshot.receivers if reference in (one.name, _full_name(one))]
    live = [one for one in named if one.state is not ReceiverState.STALE]
    if len(live) == 1:
        return live[0]
    if live:
        raise InvalidValueError(
            f"“{reference}” is a receiver of several nodes.",
            field="receiver",
            hint=f"Name one of {', '.join(map(_full_name, live))}.",
        )
    _refuse_without_engine(snapshot)
    if named:
        raise UnreachableError(
            f"No engine is live on node {named[0].node}.", hint="kana-tui run starts one there."
        )
    raise NotFoundError(
        f"There is no receiver “{reference}”.", hint="`kana-tui receiver list` shows them all."
    )


def poll_order(snapshot: Snapshot, mailbox_id: int, own_node: str = "") -> Order:
    """To visit a mailbox at once, by an engine that covers it: `own_node`'s if that does.

    ConflictError where it is inactive or uncovered; other errors as of ReceiverControl.
    """
    _refuse_without_engine(snapshot)
    mailbox = next((one for one in snapshot.mailboxes if one.id == mailbox_id), None)
    if mailbox is None:
        raise NotFoundError(f"There is no mailbox {mailbox_id}.")
    if not mailbox.active:
        raise ConflictError(
            f"{mailbox.name} is not active: nothing is downloaded from it.",
            hint=f"kana-tui mailbox edit {mailbox.email_address} --set active=yes",
        )
    nodes = [one.node for one in snapshot.receivers if _serves(one, mailbox)]
    if not nodes:
        raise ConflictError(
            f"No running receiver covers {mailbox.name} ({mailbox.priority.value} priority).",
            hint="Start one, or give one a priority that covers it (kana-tui receiver list).",
        )
    node = own_node if own_node in nodes else nodes[0]
    return Order(node, CommandKind.NOW, mailbox_id=mailbox_id)


def left_uncovered(
    snapshot: Snapshot, receiver: ReceiverRow, priority: Priority | None
) -> tuple[MailboxView, ...]:
    """Covered mailboxes that nobody would cover if `receiver` had this priority (None: stopped)."""
    others = [
        other
        for other in snapshot.receivers
        if (other.node, other.name) != (receiver.node, receiver.name)
    ]
    return tuple(
        mailbox
        for mailbox in snapshot.mailboxes
        if _serves(receiver, mailbox)
        and not any(_serves(other, mailbox) for other in others)
        and (priority is None or not covers(priority, mailbox.priority))
    )


def newly_covered(snapshot: Snapshot, priority: Priority) -> tuple[MailboxView, ...]:
    """Uncovered mailboxes that one more running receiver of this priority would cover."""
    return tuple(
        mailbox
        for mailbox in snapshot.mailboxes
        if mailbox.uncovered and covers(priority, mailbox.priority)
    )


def _serves(receiver: ReceiverRow, mailbox: MailboxView) -> bool:
    running = receiver.state is ReceiverState.RUNNING
    return running and mailbox.active and covers(receiver.priority, mailbox.priority)


def _full_name(receiver: ReceiverRow) -> str:
    return f"{receiver.node}/{receiver.name}"


def _refuse_without_engine(snapshot: Snapshot) -> None:
    if not snapshot.engine_live:
        raise UnreachableError(
            "No engine is live, so that nobody would carry this out.",
            hint="kana-tui run starts one; so does the screen.",
        )
