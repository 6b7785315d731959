"""`receiver list|start|stop|priority|now`."""

from __future__ import annotations

from collections.abc import Sequence

import click

from kana_tui.cli.documents import receiver_document
from kana_tui.cli.invocation import json_option, with_invocation
from kana_tui.cli.orders import Ask, give, wait_option
from kana_tui.cli.output import note, print_json, print_table
from kana_tui.domain.cover import Priority
from kana_tui.domain.times import rfc3339
from kana_tui.ports.commands import Command, CommandKind
from kana_tui.ports.nodes import ReceiverRow, ReceiverState
from kana_tui.services.overview import Snapshot
from kana_tui.services.receivers import ReceiverControl, find_receiver, left_uncovered
from kana_tui.wiring.command import overview
from kana_tui.wiring.invocation import Invocation

NAMED_AT_MOST = 10


@click.group("receiver")
def command() -> None:
    """List, start, stop and poll receivers, and change their priority.

    NAME is a receiver's name, or NODE/NAME where several nodes have it. The
    engine carries out what is asked; without a live one: exit 6.
    """


@command.command("list")
@json_option
@with_invocation
def list_(invocation: Invocation, *, as_json: bool) -> None:
    """All receivers, by node, in the order of config.xml."""
    receivers = overview(invocation).receivers
    if as_json:
        print_json({"receivers": [receiver_document(receiver) for receiver in receivers]})
        return
    print_table(
        ("Receiver", "Node", "Priority", "State", "Visiting", "Per min", "Last error"),
        [
            (
                receiver.name,
                receiver.node,
                receiver.priority.value,
                _state(receiver),
                ", ".join(receiver.visiting),
                round(receiver.messages_per_min),
                receiver.last_error or "",
            )
            for receiver in receivers
        ],
    )


@command.command()
@click.argument("name")
@wait_option
@json_option
@with_invocation
def stop(invocation: Invocation, name: str, *, wait: bool, as_json: bool) -> int:
    """Stop a receiver until it is started again, over restarts too.

    Visits under way come to their own end. Exit 1 with --wait: the engine
    could not do it.
    """
    ask = _asking(invocation, CommandKind.STOP, name)
    return give(invocation, ask, f"Stop {name}", wait=wait, as_json=as_json)


@command.command()
@click.argument("name")
@wait_option
@json_option
@with_invocation
def start(invocation: Invocation, name: str, *, wait: bool, as_json: bool) -> int:
    """Let a stopped receiver work again."""
    ask = _asking(invocation, CommandKind.START, name)
    return give(invocation, ask, f"Start {name}", wait=wait, as_json=as_json)


@command.command()
@click.argument("name")
@click.argument("level", type=click.Choice([one.value for one in Priority]))
@wait_option
@json_option
@with_invocation
def priority(invocation: Invocation, name: str, level: str, *, wait: bool, as_json: bool) -> int:
    """Change a receiver's priority, here and in config.xml.

    It counts from the next choice of a mailbox; a visit under way ends as it
    began. What nobody covers any more is named on standard error.
    """
    ask = _asking(invocation, CommandKind.PRIORITY, name, Priority(level))
    return give(invocation, ask, f"Priority {level} of {name}", wait=wait, as_json=as_json)


@command.command()
@click.argument("name", required=False)
@wait_option
@json_option
@with_invocation
def now(invocation: Invocation, name: str | None, *, wait: bool, as_json: bool) -> int:
    """Visit at once all that a receiver covers; without NAME, all that any covers.

    Mailboxes whose credentials are refused keep to one try each 30 minutes, so
    that no account is locked: `mailbox now` tries one of them at once.
    """
    if name is not None:
        ask = _asking(invocation, CommandKind.NOW, name)
        return give(invocation, ask, f"Poll for {name}", wait=wait, as_json=as_json)

    async def all_(control: ReceiverControl, snapshot: Snapshot) -> Sequence[Command]:
        return await control.poll_all(snapshot, invocation.actor)

    return give(invocation, all_, "Poll for all", wait=wait, as_json=as_json)


def _asking(
    invocation: Invocation, kind: CommandKind, name: str, level: Priority | None = None
) -> Ask:
    """What orders `kind` of the receiver `name`, and warns of what that leaves uncovered."""

    async def ask(control: ReceiverControl, snapshot: Snapshot) -> Sequence[Command]:
        ordered = await control.order(snapshot, kind, name, invocation.actor, level)
        if kind in (CommandKind.STOP, CommandKind.PRIORITY):
            _warn(snapshot, find_receiver(snapshot, name), level)
        return [ordered]

    return ask


def _warn(snapshot: Snapshot, receiver: ReceiverRow, level: Priority | None) -> None:
    lost = left_uncovered(snapshot, receiver, level)
    if not lost:
        return
    names = ", ".join(mailbox.name for mailbox in lost[:NAMED_AT_MOST])
    more = f" and {len(lost) - NAMED_AT_MOST} more" if len(lost) > NAMED_AT_MOST else ""
    note(f"No running receiver covers from now on: {names}{more}.")


def _state(receiver: ReceiverRow) -> str:
    if receiver.state is ReceiverState.STOPPED and receiver.stopped_at is not None:
        return f"stopped by {receiver.stopped_by} {rfc3339(receiver.stopped_at)}"
    return receiver.state.value
