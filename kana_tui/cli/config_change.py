"""What `config set` is given, carried out."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from kana_tui.cli.secret_line import secret_line
from kana_tui.domain.audit import Change
from kana_tui.domain.change_set import AddReceiver, ChangeSet, RemoveReceiver, SetValue
from kana_tui.domain.errors import InvalidValueError
from kana_tui.domain.secret import Secret
from kana_tui.services.sending import PASSWORD_OF
from kana_tui.services.settings_control import checked_password
from kana_tui.wiring.command import settings_control
from kana_tui.wiring.invocation import Invocation


def change_config(
    invocation: Invocation,
    assignments: Sequence[str],
    added: Sequence[str],
    removed: Sequence[str],
    secrets: Sequence[str],
) -> Sequence[Change]:
    """Read the secrets, then change everything; what changed. Errors as of SettingsControl."""
    change = ChangeSet(
        (*map(_assigned, assignments), *map(RemoveReceiver, removed), *map(_added, added))
    )
    passwords = [_password(key) for key in secrets]

    async def run() -> Sequence[Change]:
        async with settings_control(invocation) as control:
            changes = [*await control.change(change, invocation.actor)]
            for password in passwords[-1:]:
                changes += await control.set_password(password, invocation.actor)
            return changes

    return asyncio.run(run())


def _assigned(given: str) -> SetValue:
    key, equals, text = given.partition("=")
    if key == PASSWORD_OF[1]:
        raise InvalidValueError(
            f"{key} is a secret, and argument lists are public.",
            field=key,
            hint=f"Give it on standard input: --secret {key}",
        )
    if not equals:
        raise InvalidValueError(
            f"“{given}” is no KEY=VALUE.", hint="`kana-tui config show` prints all keys."
        )
    return SetValue(key, text)


def _added(given: str) -> AddReceiver:
    name, equals, priority = given.rpartition("=")
    if not equals:
        raise InvalidValueError(
            f"--add-receiver “{given}” is no NAME=PRIORITY.",
            field="receiver",
            hint="Give it like r4=low.",
        )
    return AddReceiver(name, priority)


def _password(key: str) -> Secret | None:
    if key != PASSWORD_OF[1]:
        raise InvalidValueError(
            f"There is no secret “{key}” of config.xml.",
            field=key,
            hint=f"There is {PASSWORD_OF[1]}.",
        )
    return checked_password(secret_line(key, "The sender's password"))
