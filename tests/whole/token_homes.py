"""Mailboxes that log in by OAuth, put into a program's home: any number of them, quickly."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import attrs

from kana_tui.domain.audit import Actor
from kana_tui.domain.authentication import AuthType
from kana_tui.domain.fields.oauth import OAuthFields
from kana_tui.domain.secret import Secret
from kana_tui.ports.authorization import Granted
from kana_tui.services.accounts import credential_of
from kana_tui.wiring.home import Home, open_home
from kana_tui.wiring.invocation import Invocation
from kana_tui.wiring.storage import open_home_store
from kana_tui.wiring.tokens import tokens_of
from tests.mailboxes import mailbox_values
from tests.servers.authorization import CLIENT_SECRET
from tests.servers.dovecot import Dovecot
from tests.whole.program import Program

ALICE = Actor("alice", "mx1")
SECRETS: Mapping[str, Secret] = {"client_secret": CLIENT_SECRET}


def opened_home(program: Program) -> Home:
    return open_home(Invocation(program.home, None, None, False, None, False, False, "info"))


def add_mailboxes(
    program: Program,
    dovecot: Dovecot,
    users: list[str],
    fields: OAuthFields,
    *,
    auth_type: AuthType = AuthType.M365_IMAP,
    secrets: Mapping[str, Secret] = SECRETS,
    **own: Any,
) -> None:
    """A mailbox for each user, named as the user is."""

    async def add() -> None:
        async with open_home_store(opened_home(program)) as store:
            for user in users:
                usual = {
                    "name": user,
                    "email_address": f"{user}@example.com",
                    "user": user,
                    "server": "localhost",
                    "port": dovecot.port(auth_type),
                    "tls_ca_file": str(dovecot.ca_file),
                    **attrs.asdict(fields, recurse=False),
                }
                values = mailbox_values(auth_type, **{**usual, **own})
                await store.mailboxes.add(values, secrets, ALICE)

    asyncio.run(add())


def sign_in(program: Program, user: str, granted: Granted) -> None:
    """As somebody did for that mailbox a while ago."""

    async def keep() -> None:
        home = opened_home(program)
        async with open_home_store(home) as store, tokens_of(home, store) as tokens:
            stored = await store.mailboxes.find(user)
            assert stored is not None
            await tokens.signed_in(await credential_of(store.mailboxes, stored.mailbox), granted)

    asyncio.run(keep())
