"""Nodes and their receivers: who lives, who runs, who visits what."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from attrs import frozen

from kana_tui.domain.cover import Priority


class ReceiverState(StrEnum):
    """STALE is never stored: it is what a receiver of a node without heartbeat is."""

    RUNNING = "running"
    STOPPED = "stopped"
    STALE = "stale"


@frozen
class NodeRow:
    """An engine's row. `hosted`: it lives in a screen, that of `hosted_by`.

    `ended_at`: it stopped in good order; None while it lives, and if it was killed.
    """

    name: str
    host: str
    pid: int
    version: str
    hosted: bool
    hosted_by: str | None
    started_at: datetime
    heartbeat_at: datetime
    ended_at: datetime | None = None


@frozen
class ReceiverRow:
    """A receiver as its engine last told; `id` is 0 until it is stored.

    `visiting`: mailbox names. `messages_per_min`: over the last minute.
    `busy_share`: of the last minute, 0 to 1, in which a visit was under way.
    """

    node: str
    name: str
    priority: Priority
    state: ReceiverState
    visiting: tuple[str, ...] = ()
    messages_per_min: float = 0.0
    last_error: str | None = None
    id: int = 0
    stopped_by: str | None = None
    stopped_at: datetime | None = None
    busy_share: float = 0.0


class Nodes(Protocol):
    """Every change of a receiver is one transaction with its audit line, by operator `by`."""

    async def begin(self, node: NodeRow, receivers: Sequence[ReceiverRow]) -> Sequence[ReceiverRow]:
        """A new engine of this node: its row and its receivers' rows replace the old ones.

        Stops are kept (a stop lasts over restarts, and over a time without the
        receiver): the rows as they are now. All leases become this engine's:
        every token is raised.
        """
        ...

    async def host(self, node: str, receivers: Sequence[ReceiverRow]) -> Sequence[ReceiverRow]:
        """The engine has other receivers from now on; stops are kept as in `begin`."""
        ...

    async def receivers(self) -> Sequence[ReceiverRow]:
        """All that their config.xml declares, as the store has them: none is ever STALE here."""
        ...

    async def stop(
        self, node: str, receiver: str, by: str, at: datetime, *, undoes: int | None = None
    ) -> None:
        """It covers nothing until `start`, over restarts too; one that is stopped stays as it is.

        NotFoundError if there is none of this name. `undoes`, here and below:
        the ID of the audit entry whose change this one sets back.
        """
        ...

    async def start(
        self, node: str, receiver: str, by: str, at: datetime, *, undoes: int | None = None
    ) -> None:
        """It runs, as far as its engine lives; who stopped it is forgotten. NotFoundError."""
        ...

    async def prioritize(
        self,
        node: str,
        receiver: str,
        priority: Priority,
        by: str,
        at: datetime,
        *,
        undoes: int | None = None,
        command_id: int | None = None,
    ) -> None:
        """Its priority from now on. NotFoundError. `command_id`: the order that it carries out,
        which is recorded with it."""
        ...

    async def heartbeat(self, node: str, at: datetime, receivers: Sequence[ReceiverRow]) -> None:
        """The node lives at `at`; its receivers' rows are updated (not their stops)."""
        ...

    async def end(self, node: str, at: datetime) -> None:
        """The engine has stopped in good order: its row and receivers are stale from now on.

        The row stays, so that its receivers' stops last.
        """
        ...
