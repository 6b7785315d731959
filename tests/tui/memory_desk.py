"""A desk whose commands are in memory, for the test to answer as an engine would."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar, cast

from attrs import evolve

from kana_tui.domain.audit import Actor
from kana_tui.domain.errors import KanaError
from kana_tui.ports.clock import Clock
from kana_tui.ports.commands import Command, CommandState, Order
from kana_tui.tui.desk import ANSWERED_WITHIN_S, Repositories
from tests.tui.memory_library import MemoryLibrary

Answer = TypeVar("Answer")


class MemoryCommands:
    """The Commands port. `refusal`: what the next request is refused with."""

    def __init__(self, clock: Clock, written: Callable[[], None]) -> None:
        self._clock = clock
        self._written = written
        self.kept: list[Command] = []
        self.refusal: KanaError | None = None

    async def request(self, order: Order, actor: Actor) -> Command:
        if self.refusal is not None:
            raise self.refusal
        number = len(self.kept) + 1
        command = Command(number, order, CommandState.PENDING, actor.operator, self._clock.now())
        self.kept.append(command)
        self._written()
        return command

    async def pending(self, node: str) -> Sequence[Command]:
        return [c for c in self.kept if c.state is CommandState.PENDING and c.order.node == node]

    async def finish(self, command_id: int, error: str | None) -> None:
        self.answer(command_id, error)

    async def get(self, command_id: int) -> Command | None:
        return next((c for c in self.kept if c.id == command_id), None)

    def answer(self, command_id: int, error: str | None = None) -> None:
        """As an engine acknowledges."""
        state = CommandState.DONE if error is None else CommandState.FAILED
        self.kept[command_id - 1] = evolve(self.kept[command_id - 1], state=state, error=error)
        self._written()


class MemoryRepositories:
    def __init__(self, commands: MemoryCommands, library: MemoryLibrary) -> None:
        self.commands = commands
        self.details = self.messages = library


class MemoryDesk:
    """Questions are answered one by one, in a thread of their own."""

    def __init__(self, clock: Clock, written: Callable[[], None]) -> None:
        self.commands = MemoryCommands(clock, written)
        self.library = MemoryLibrary()
        self._thread = ThreadPoolExecutor(1)

    def ask(
        self,
        question: Callable[[Repositories], Awaitable[Answer]],
        within_s: float = ANSWERED_WITHIN_S,
    ) -> Future[Answer]:
        asked: Any = question(cast("Repositories", MemoryRepositories(self.commands, self.library)))
        return self._thread.submit(asyncio.run, asked)
