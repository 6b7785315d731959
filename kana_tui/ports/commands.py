"""Commands to an engine: rows that it takes up, carries out and acknowledges."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from attrs import frozen

from kana_tui.domain.audit import Actor
from kana_tui.ports.settings_file import Written


class CommandKind(StrEnum):
    """NOW: poll at once, a receiver's mailboxes or one mailbox. SETTINGS: change config.xml."""

    START = "start"
    STOP = "stop"
    PRIORITY = "priority"
    NOW = "now"
    SETTINGS = "settings"


class CommandState(StrEnum):
    PENDING = "pending"
    DONE = "done"
    FAILED = "failed"


@frozen
class Order:
    """What is asked of `node`'s engine: `receiver` or `mailbox_id` is its object.

    `value`: the new priority of a PRIORITY order, the ChangeSet of a SETTINGS
    order as JSON. `undoes`: the ID of the audit entry that begins the change
    which it sets back.
    """

    node: str
    kind: CommandKind
    receiver: str | None = None
    mailbox_id: int | None = None
    value: str | None = None
    undoes: int | None = None


@frozen
class Command:
    """An order as it was given by `requested_by`; `error` is a sentence where it failed.

    `foreseen`: what it is to make of config.xml, from just before that is
    written. `recorded`: it is written, and the store knows.
    """

    id: int
    order: Order
    state: CommandState
    requested_by: str
    requested_at: datetime
    error: str | None = None
    foreseen: Written | None = None
    recorded: bool = False


class Commands(Protocol):
    async def request(self, order: Order, actor: Actor) -> Command:
        """Write it down for its engine to find."""
        ...

    async def pending(self, node: str) -> Sequence[Command]:
        """Oldest first."""
        ...

    async def finish(self, command_id: int, error: str | None) -> None:
        """Acknowledge: done, or failed with `error`. Does nothing to one that is finished."""
        ...

    async def begin(self, command_id: int, foreseen: Written) -> bool:
        """config.xml is written next. False, and nothing done, for one that is finished."""
        ...

    async def withdraw(self, command_id: int, error: str) -> None:
        """As failed, unless it is finished or begun: what is being written is not called back."""
        ...

    async def get(self, command_id: int) -> Command | None: ...
