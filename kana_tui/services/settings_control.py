"""Changes of this node's config.xml: by its engine where one lives, else from here."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from attrs import frozen

from kana_tui.domain.audit import CHANGED, Actor, Change
from kana_tui.domain.change_set import ChangeSet
from kana_tui.domain.errors import InvalidValueError, KanaError
from kana_tui.domain.fields.context import NO_CONTEXT
from kana_tui.domain.fields.kinds import RuleError, SecretText
from kana_tui.domain.secret import Secret
from kana_tui.ports.clock import Clock
from kana_tui.ports.commands import CommandKind, Commands, CommandState, Order
from kana_tui.ports.node_settings import NodeSettings
from kana_tui.ports.secrets import SecretStore
from kana_tui.ports.settings_file import SettingsFile
from kana_tui.services.receivers import ReceiverControl
from kana_tui.services.sending import PASSWORD_OF


@frozen
class SettingsControl:
    """`engine_lives`: whether this node's engine does; it is the one then that writes the file."""

    settings_file: SettingsFile
    node_settings: NodeSettings
    secrets: SecretStore
    commands: Commands
    clock: Clock
    engine_lives: Callable[[], bool]

    async def change(self, change: ChangeSet, actor: Actor) -> Sequence[Change]:
        """Carry it out, and return what it changed, once that is in force and audited.

        Errors as of SettingsFile. KanaError: the engine could not do it.
        UnreachableError: it does not answer.
        """
        foreseen = await asyncio.to_thread(self.settings_file.foresee, change)
        if not foreseen.changes:
            return ()
        if self.engine_lives():
            await self._order(change, actor)
            return foreseen.changes
        await self.secrets.mark(*PASSWORD_OF)  # a store that is away is known before, not after
        written = await asyncio.to_thread(self.settings_file.change, change)
        try:
            await self.node_settings.record(written, actor)
        except KanaError as error:
            raise KanaError(
                f"config.xml is changed and in force, but not in the audit log: {error.message}",
                hint=error.hint,
            ) from error
        return written.changes

    async def set_password(self, secret: Secret | None, actor: Actor) -> Sequence[Change]:
        """Store the password of config.xml's sender, or clear it; it counts at the next letter."""
        before = await self.secrets.mark(*PASSWORD_OF)
        if not await self.secrets.set(*PASSWORD_OF, secret, actor):
            return ()
        old, new = (CHANGED if one else None for one in (before, secret))
        return (Change(PASSWORD_OF[1], old, new),)

    async def _order(self, change: ChangeSet, actor: Actor) -> None:
        order = Order(actor.node, CommandKind.SETTINGS, value=change.to_json())
        control = ReceiverControl(self.commands, self.clock)
        answered = await control.confirmed(await self.commands.request(order, actor))
        if answered.state is CommandState.FAILED:
            raise KanaError(answered.error or "The engine could not do it.")


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
