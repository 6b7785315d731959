"""A desk whose commands are in memory, for the test to answer as an engine would."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar, cast

from attrs import evolve

from kana_tui.domain.audit import Actor
from kana_tui.domain.errors import KanaError
from kana_tui.domain.fields.draft import Draft
from kana_tui.domain.secret import SecretMark
from kana_tui.domain.settings import Settings
from kana_tui.ports.clock import Clock
from kana_tui.ports.commands import Command, CommandState, Order
from kana_tui.ports.mailboxes import StoredMailbox
from kana_tui.ports.overview import MailboxRow
from kana_tui.ports.settings_file import Written
from kana_tui.services.mailboxes import MailboxAdministration
from kana_tui.tui.desk import ANSWERED_WITHIN_S, Repositories
from tests.mailboxes import make_mailbox
from tests.services.memory_audit import MemoryAudit
from tests.services.memory_mailboxes import MemoryMailboxes
from tests.tui.config_file import NoPassword
from tests.tui.memory_alerts import MemoryAlerts
from tests.tui.memory_library import BEGAN, MemoryLibrary
from tests.tui.memory_queues import MemoryQueues

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

    async def begin(self, command_id: int, foreseen: Written) -> bool:
        self.kept[command_id - 1] = evolve(self.kept[command_id - 1], foreseen=foreseen)
        return True

    async def withdraw(self, command_id: int, error: str) -> None:
        if self.kept[command_id - 1].foreseen is None:
            self.answer(command_id, error)

    async def get(self, command_id: int) -> Command | None:
        return next((c for c in self.kept if c.id == command_id), None)

    def answer(self, command_id: int, error: str | None = None) -> None:
        """As an engine acknowledges."""
        state = CommandState.DONE if error is None else CommandState.FAILED
        self.kept[command_id - 1] = evolve(self.kept[command_id - 1], state=state, error=error)
        self._written()


class MemoryRepositories:
    def __init__(self, desk: MemoryDesk) -> None:
        self.audit = MemoryAudit(desk.mailboxes)
        self.commands = desk.commands
        self.details = self.messages = desk.library
        self.mailboxes = desk.mailboxes
        self.queues = desk.queues
        self.alert_history = desk.alerts
        self.secrets = NoPassword()


class MemoryDesk:
    """Questions are answered one by one, in a thread of their own.

    `broken`: what every question is refused with.
    """

    def __init__(self, clock: Clock, written: Callable[[], None]) -> None:
        self.commands = MemoryCommands(clock, written)
        self.library = MemoryLibrary()
        self.queues = MemoryQueues(self.library)
        self.alerts = MemoryAlerts()
        self.mailboxes = MemoryMailboxes()
        self.broken: KanaError | None = None
        self._thread = ThreadPoolExecutor(1)

    def ask(
        self,
        question: Callable[[Repositories], Awaitable[Answer]],
        within_s: float = ANSWERED_WITHIN_S,
    ) -> Future[Answer]:
        async def answer() -> Answer:
            if self.broken is not None:
                raise self.broken
            return await question(cast("Repositories", MemoryRepositories(self)))

        return self._thread.submit(lambda: asyncio.run(answer()))  # made only if it is not dropped

    def stock(self, rows: Iterable[MailboxRow]) -> None:
        """Mailboxes of these IDs, names and addresses, each with a password; else at defaults."""
        kept = {
            row.id: StoredMailbox(
                make_mailbox(
                    row.id, name=row.name, email_address=row.email_address, user=f"box{row.id}"
                ),
                {"password": SecretMark(BEGAN)},
            )
            for row in rows
        }
        self.mailboxes = MemoryMailboxes(rows=kept, last_id=max(kept, default=0))

    async def save(self, mailbox_id: int, **values: object) -> None:
        """As bob does, elsewhere."""
        assignments = [f"{key}={value}" for key, value in values.items()]
        administration = MailboxAdministration(self.mailboxes, Settings)
        draft = Draft.from_assignments(assignments)
        await administration.edit(str(mailbox_id), draft, Actor("bob", "mx2"))

    @contextmanager
    def held(self) -> Iterator[None]:
        """Nothing is answered meanwhile."""
        go_on = threading.Event()
        self._thread.submit(go_on.wait, 60)
        try:
            yield
        finally:
            go_on.set()
