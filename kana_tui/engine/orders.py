"""What operators order: taken up, carried out, acknowledged."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import structlog

from kana_tui.domain.errors import ConflictError, KanaError, NotFoundError, UnreachableError
from kana_tui.engine.crew import Crew
from kana_tui.engine.redeclaring import Redeclaring
from kana_tui.engine.schedule import Schedule
from kana_tui.ports.clock import Clock
from kana_tui.ports.commands import Command, CommandKind, Commands
from kana_tui.ports.nodes import Nodes
from kana_tui.services.redeclaration import priority_of

GOOD_FOR: Final = timedelta(seconds=60)
"""An order is carried out late, after an engine's restart too, but never much later."""

log = structlog.get_logger()


class Orders:
    """Those of one node. Each ends as done, or as failed with a sentence."""

    def __init__(
        self,
        node: str,
        commands: Commands,
        nodes: Nodes,
        clock: Clock,
        crew: Crew,
        schedule: Schedule,
        redeclaring: Redeclaring,
    ) -> None:
        self._node = node
        self._commands = commands
        self._nodes = nodes
        self._clock = clock
        self._crew = crew
        self._schedule = schedule
        self._redeclaring = redeclaring

    async def carry_out(self) -> None:
        """All that are pending. UnreachableError: the store; what is left stays pending."""
        for command in await self._commands.pending(self._node):
            error = await self._result(command)
            log.info("command", action=command.order.kind.value, command=command.id, error=error)
            await self._commands.finish(command.id, error)

    async def _result(self, command: Command) -> str | None:
        """None once it is done, or the sentence for why it is not."""
        late = self._clock.now() - command.requested_at > GOOD_FOR
        if late and await self._redeclaring.is_ahead(command):
            return "No engine carried the command out within a minute. Give it again."
        try:
            await self._do(command)
        except UnreachableError:
            raise
        except KanaError as error:
            return str(error)
        except Exception:  # one order must not end the engine
            log.exception("command failed", command=command.id)
            return "A fault in this program kept the engine from it; its log tells more."
        return None

    async def _do(self, command: Command) -> None:
        match command.order.kind:
            case CommandKind.STOP | CommandKind.START:
                await self._switch(command)
            case CommandKind.PRIORITY:
                await self._prioritize(command)
            case CommandKind.SETTINGS:
                await self._redeclaring.carry_out(command)
            case CommandKind.NOW if command.order.mailbox_id is not None:
                await self._hurry_mailbox(command.order.mailbox_id)
            case CommandKind.NOW:
                await self._hurry_covered(command.order.receiver)

    async def _switch(self, command: Command) -> None:
        receiver = self._crew.named(command.order.receiver)
        stop = command.order.kind is CommandKind.STOP
        write = self._nodes.stop if stop else self._nodes.start
        by, at, undoes = command.requested_by, self._clock.now(), command.order.undoes
        await write(self._node, receiver.name, by, at, undoes=undoes)
        receiver.stopped = stop
        await self._schedule.wake()

    async def _prioritize(self, command: Command) -> None:
        receiver = self._crew.named(command.order.receiver)
        await self._redeclaring.carry_out(command)
        receiver.priority = priority_of(command.order)
        await self._schedule.wake()

    async def _hurry_mailbox(self, mailbox_id: int) -> None:
        mailbox = self._schedule.mailbox(mailbox_id)
        if mailbox is None:
            raise NotFoundError(f"There is no mailbox {mailbox_id}.")
        if not mailbox.mailbox.active:
            raise ConflictError(f"{mailbox.name} is not active.")
        if not self._crew.covers(mailbox):
            raise ConflictError(
                f"No running receiver covers {mailbox.name} "
                f"({mailbox.mailbox.priority.value} priority)."
            )
        await self._schedule.hurry(mailbox_id)

    async def _hurry_covered(self, name: str | None) -> None:
        """What the receiver covers, or what any covers where none is named."""
        if name is None:
            await self._schedule.hurry_all(
                lambda mailbox: mailbox.mailbox.active and self._crew.covers(mailbox)
            )
            return
        receiver = self._crew.named(name)
        if receiver.stopped:
            raise ConflictError(f"{name} is stopped.", hint=f"kana-tui receiver start {name}")
        await self._schedule.hurry_all(receiver.wants)
