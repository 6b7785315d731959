"""The receivers of an engine, as config.xml and its operators want them now."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from kana_tui.domain.errors import NotFoundError
from kana_tui.domain.mailbox import Mailbox
from kana_tui.engine.receiver import Receiver, Workplace
from kana_tui.ports.nodes import Nodes, ReceiverRow, ReceiverState


class Crew:
    """Runs them all; `follow` takes up an edit of config.xml, `named` gives one to its orders."""

    def __init__(self, place: Workplace, nodes: Nodes, stopping: asyncio.Event) -> None:
        self._place = place
        self._nodes = nodes
        self._stopping = stopping
        self._settings = place.settings().intake
        self._receivers = {own.name: Receiver(own, place) for own in self._settings.receivers}
        self._tasks: asyncio.TaskGroup | None = None

    async def run(self) -> None:
        """Serve until the engine stops; visits under way then come to their own end."""
        async with asyncio.TaskGroup() as self._tasks:
            for receiver in self._receivers.values():
                self._tasks.create_task(receiver.run())
            await self._stopping.wait()
            for receiver in self._receivers.values():
                receiver.end()

    def named(self, name: str | None) -> Receiver:
        """NotFoundError if config.xml has none of this name."""
        receiver = self._receivers.get(name or "")
        if receiver is None:
            raise NotFoundError(
                f"There is no receiver {name!r}.", hint="config.xml declares the receivers."
            )
        return receiver

    def rename(self, names: Mapping[str, str]) -> None:
        """Receivers have other names, old -> new, and go on with what they do.

        One that has such a new name already is gone from config.xml. Nothing is
        done where config.xml is followed already: then they have those names.
        """
        if self._place.settings().intake == self._settings:
            return
        renamed = {names[name]: one for name, one in self._receivers.items() if name in names}
        before, self._receivers = self._receivers, {}
        for old, receiver in before.items():
            name = names.get(old, old)
            if renamed.get(name, receiver) is receiver:
                self._receivers[name], receiver.name = receiver, name
            else:
                receiver.end()

    def covers(self, mailbox: Mailbox) -> bool:
        return any(receiver.covers(mailbox) for receiver in self._receivers.values())

    def rows(self) -> list[ReceiverRow]:
        return [receiver.row() for receiver in self._receivers.values()]

    def resume(self, stored: Sequence[ReceiverRow]) -> None:
        """The stops that have lasted until now."""
        for row in stored:
            self.named(row.name).stopped = row.state is ReceiverState.STOPPED

    async def follow(self) -> None:
        """Take up what config.xml says now of the receivers. UnreachableError: the store."""
        wanted, before = self._place.settings().intake, self._receivers
        if wanted == self._settings or self._stopping.is_set():
            return
        receivers = {
            own.name: before.get(own.name) or Receiver(own, self._place) for own in wanted.receivers
        }
        for own in wanted.receivers:
            receivers[own.name].priority = own.priority
        if list(receivers) != list(before):
            rows = [receiver.row() for receiver in receivers.values()]
            stored = await self._nodes.host(self._place.node, rows)
            self._receivers = receivers
            self.resume(stored)
            self._exchange(before)
        self._settings = wanted
        await self._place.schedule.follow_settings()

    def _exchange(self, before: Mapping[str, Receiver]) -> None:
        """Start the new receivers; those that are gone come to their end."""
        for name, receiver in self._receivers.items():
            if name not in before and self._tasks is not None:
                self._tasks.create_task(receiver.run())
        for name, receiver in before.items():
            if name not in self._receivers:
                receiver.end()
