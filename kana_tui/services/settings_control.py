"""Changes of this node's config.xml: by its engine where one lives, else from here."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, TypeVar

from attrs import frozen

from kana_tui.domain.audit import CHANGED, Actor, Change
from kana_tui.domain.change_set import ChangeSet
from kana_tui.domain.errors import ConflictError, InvalidValueError, KanaError, UnreachableError
from kana_tui.domain.fields.context import NO_CONTEXT
from kana_tui.domain.fields.kinds import RuleError, SecretText
from kana_tui.domain.secret import Secret, SecretMark
from kana_tui.ports.commands import Command, CommandKind, CommandState, Order
from kana_tui.ports.secrets import SecretStore, secret_conflict
from kana_tui.ports.settings_file import Standing, Written
from kana_tui.services.receivers import CONFIRMED_WITHIN_S, ReceiverControl, WithdrawnError
from kana_tui.services.redeclaration import Redeclaration
from kana_tui.services.sending import PASSWORD_OF

STORED_WITHIN_S: Final = 5.0
_SETTLED_LATER: Final = (
    "Once the store answers that is settled: by a live engine, or with the next change."
)

Answer = TypeVar("Answer")


class UnsettledError(UnreachableError):
    """What has become of an order to change config.xml is not known; `look_again` tells."""

    def __init__(self, message: str, command_id: int) -> None:
        super().__init__(message, hint=_SETTLED_LATER)
        self.command_id = command_id


@frozen
class NewPassword:
    """The sender's password to come, None for none. `seen`: the one that stood there when it was
    decided on; another one now is a conflict."""

    secret: Secret | None
    seen: SecretMark | None


@frozen
class SettingsControl:
    """`engine_lives`: whether this node's engine does; it is the one then that writes the file."""

    redeclaration: Redeclaration
    secrets: SecretStore
    engine_lives: Callable[[], bool]

    async def save(
        self, change: ChangeSet, password: NewPassword | None, actor: Actor
    ) -> Sequence[Change]:
        """Both, and every conflict at once; errors as of `change`."""
        conflicts = []
        try:
            await self.redeclaration.foresee(change)
        except ConflictError as error:
            conflicts.append(error)
        if password is not None and (told := await self._outdated(password)):
            conflicts.append(told)
        if conflicts:
            words = " ".join(error.message for error in conflicts)
            raise ConflictError(words, hint=conflicts[0].hint)
        changes = [*await self.change(change, actor)]
        if password is not None:
            seen = (password.seen,)
            changes += await self.set_password(password.secret, actor, seen=seen)
        return changes

    async def change(self, change: ChangeSet, actor: Actor) -> Sequence[Change]:
        """Carry it out, and return what it changed, once that is in force and audited.

        Errors as of SettingsFile. KanaError: the engine could not do it.
        UnreachableError: nobody does it; UnsettledError: that is not known.
        """
        lives = self.engine_lives()
        if not lives:
            await _soon(self.redeclaration.settle(actor.node))
        foreseen = await self.redeclaration.foresee(change)
        if not foreseen.changes:
            return ()
        order = Order(actor.node, CommandKind.SETTINGS, value=change.to_json())
        command = await _soon(self.redeclaration.commands.request(order, actor))
        try:
            async with asyncio.timeout(CONFIRMED_WITHIN_S + STORED_WITHIN_S):
                await (self._order(command) if lives else self._carry_out(command))
        except WithdrawnError:
            raise
        except (UnreachableError, TimeoutError) as error:
            raise await self._unsettled(command, foreseen, error) from error
        return foreseen.changes

    async def look_again(self, command_id: int) -> Command | None:
        """An order after UnsettledError, once it has ended; None while it has not.

        Without a live engine it ends here. UnreachableError: the store is still away.
        """
        commands = self.redeclaration.commands
        command = await commands.get(command_id)
        if command is None or command.state is not CommandState.PENDING:
            return command
        if self.engine_lives():
            return None
        if await self.redeclaration.standing(command) is Standing.AHEAD:
            error: str | None = "The store was away: nothing was changed."
        else:
            error = await self.redeclaration.ended(command)
        await commands.finish(command_id, error)
        return await commands.get(command_id)

    async def set_password(
        self,
        secret: Secret | None,
        actor: Actor,
        *,
        seen: tuple[SecretMark | None] | None = None,
    ) -> Sequence[Change]:
        """Store the password of config.xml's sender, or clear it; it counts at the next letter.

        `seen` as of SecretStore, with its ConflictError.
        """
        before = await self.secrets.mark(*PASSWORD_OF)
        if not await self.secrets.set(*PASSWORD_OF, secret, actor, seen=seen):
            return ()
        old, new = (CHANGED if one else None for one in (before, secret))
        return (Change(PASSWORD_OF[1], old, new),)

    async def _outdated(self, password: NewPassword) -> ConflictError | None:
        now = await self.secrets.mark(*PASSWORD_OF)
        return None if now == password.seen else secret_conflict(PASSWORD_OF[1], now)

    async def _order(self, command: Command) -> None:
        control = ReceiverControl(self.redeclaration.commands, self.redeclaration.clock)
        answered = await control.confirmed(command)
        if answered.state is CommandState.FAILED:
            raise KanaError(answered.error or "The engine could not do it.")

    async def _carry_out(self, command: Command) -> None:
        try:
            await self.redeclaration.carry_out(command)
        except UnreachableError:
            raise
        except KanaError as error:
            await self.redeclaration.commands.finish(command.id, str(error))
            raise
        await self.redeclaration.commands.finish(command.id, None)

    async def _unsettled(
        self, command: Command, foreseen: Written, error: Exception
    ) -> UnsettledError:
        why = error.message if isinstance(error, KanaError) else "The store does not answer."
        file = self.redeclaration.settings_file
        if await asyncio.to_thread(file.standing, foreseen) is Standing.IN_FILE:
            told = "config.xml was changed, and that is in force; whether the audit log has it"
        else:
            told = "config.xml is as it was so far; whether the order to change it still counts"
        return UnsettledError(f"{told} is not known: {why}", command.id)


async def _soon(asked: Awaitable[Answer]) -> Answer:
    """What must be stored before anything is changed."""
    try:
        async with asyncio.timeout(STORED_WITHIN_S):
            return await asked
    except TimeoutError:
        raise UnreachableError(
            f"The store did not answer within {STORED_WITHIN_S:g} seconds: nothing was changed.",
            hint="Another process may hold it, or its disk is slow; try again.",
        ) from None


def checked_password(text: str) -> Secret | None:
    """A password as it was typed; None: there is to be none. InvalidValueError: no login can
    carry it."""
    if not text:
        return None
    try:
        return SecretText().check(Secret(text), NO_CONTEXT)
    except RuleError as error:
        raise InvalidValueError(
            f"The sender's password ({PASSWORD_OF[1]}) {error.rule}.",
            field=PASSWORD_OF[1],
            hint=f"{error.remedy[:1].upper()}{error.remedy[1:]}.",
        ) from None
