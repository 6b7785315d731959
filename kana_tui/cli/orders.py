"""What orders to a live engine share: `--wait`, their document, and their exit code."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

import click

from kana_tui.cli.invocation import permit
from kana_tui.cli.output import print_json, say
from kana_tui.domain.errors import KanaError
from kana_tui.domain.settings import Role
from kana_tui.ports.commands import Command, CommandState
from kana_tui.services.overview import Snapshot
from kana_tui.services.receivers import ReceiverControl
from kana_tui.wiring.clock import SystemClock
from kana_tui.wiring.command import opened_store, overview
from kana_tui.wiring.invocation import Invocation

Ask = Callable[[ReceiverControl, Snapshot], Awaitable[Sequence[Command]]]
"""Gives the orders; ReceiverControl's errors."""

FAILED, GOOD = 1, 0
_WORST_FIRST: Final = (CommandState.FAILED, CommandState.PENDING, CommandState.DONE)


def wait_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--wait`: return once the engine has confirmed."""
    option = click.option("--wait", is_flag=True, help="Return once the engine has confirmed.")
    return option(command)


def give(invocation: Invocation, ask: Ask, told: str, *, wait: bool, as_json: bool) -> int:
    """Give orders, and print what became of them; `told` names them. The exit code."""
    permit(invocation, Role.OPERATOR)
    snapshot = overview(invocation)
    commands = asyncio.run(_given(invocation, ask, snapshot, wait=wait))
    worst = min(commands, key=lambda command: _WORST_FIRST.index(command.state))
    if as_json:
        print_json(command_document(worst))
        return FAILED if worst.state is CommandState.FAILED else GOOD
    if worst.state is CommandState.FAILED:
        raise KanaError(worst.error or "The engine could not do it.")
    if worst.state is CommandState.PENDING:
        say(f"{told}: the engine is told (command {worst.id}).")
    else:
        say(f"{told}: done.")
    return GOOD


def command_document(command: Command) -> dict[str, Any]:
    return {"command_id": command.id, "state": command.state.value, "error": command.error}


async def _given(
    invocation: Invocation, ask: Ask, snapshot: Snapshot, *, wait: bool
) -> Sequence[Command]:
    async with opened_store(invocation) as store:
        control = ReceiverControl(store.commands, SystemClock())
        commands = await ask(control, snapshot)
        if not wait:
            return commands
        return [await control.confirmed(command) for command in commands]
