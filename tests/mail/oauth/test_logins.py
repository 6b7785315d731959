"""From a grant to a mailbox: the token of each way logs in to a real server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from attrs import define, evolve, field

from kana_tui.domain.errors import MailError, Stage
from kana_tui.domain.secret import Secret
from kana_tui.mail.oauth import OAuthServer
from kana_tui.mail.source import NetworkMailSource
from kana_tui.ports.tokens import Credential
from tests.mail.accounts import dovecot_account
from tests.mail.oauth.credentials import (
    EACH_WAY,
    SIGNED_IN,
    credential,
    refresh_for,
    signed_in,
)
from tests.servers.authorization import Authorization, running_authorization
from tests.servers.dovecot import Dovecot


@define
class RenewedTokens:
    """The Tokens of a test: each is asked for at the authorization server, `refresh` is kept."""

    refresh: Secret | None = None
    renewals: int = 0
    _server: OAuthServer = field(factory=OAuthServer)

    async def token(self, credential: Credential, *, refused: Secret | None = None) -> Secret:
        granted = await self._server.renew(credential, self.refresh)
        self.refresh = granted.refresh or self.refresh
        self.renewals += 1
        return granted.access


@pytest.fixture
def server(dovecot: Dovecot) -> Iterator[Authorization]:
    with running_authorization(dovecot.tokens) as running:
        yield running


async def _count(dovecot: Dovecot, wanted: Credential, tokens: RenewedTokens) -> int:
    account = dovecot_account(dovecot, wanted.auth_type, wanted.user)
    account = evolve(account, credential=wanted)
    async with NetworkMailSource(tokens).open(account) as session:
        return await session.count()


def _wanted(dovecot: Dovecot, server: Authorization, way: str) -> Credential:
    user = dovecot.user()
    return evolve(credential(server, way), user=user, email_address=f"{user}@example.com")


@EACH_WAY
async def test_a_renewed_token_logs_in(dovecot: Dovecot, server: Authorization, way: str) -> None:
    wanted = _wanted(dovecot, server, way)
    dovecot.deliver(wanted.user, b"Subject: one\n\nHello\n")
    own = way in ("application", "service account")
    tokens = RenewedTokens(None if own else server.sign_in(wanted.user))
    assert await _count(dovecot, wanted, tokens) == 1
    assert await _count(dovecot, wanted, tokens) == 1
    assert tokens.renewals == 2


@SIGNED_IN
async def test_whoever_signs_in_can_log_in_again_and_again(
    dovecot: Dovecot, server: Authorization, way: str
) -> None:
    wanted = _wanted(dovecot, server, way)
    granted = await signed_in(server, way, wanted)
    tokens = RenewedTokens(granted.refresh)
    assert await _count(dovecot, wanted, tokens) == 0
    assert await _count(dovecot, wanted, tokens) == 0


@SIGNED_IN
async def test_another_persons_sign_in_opens_nothing(
    dovecot: Dovecot, server: Authorization, way: str
) -> None:
    wanted = _wanted(dovecot, server, way)
    tokens = RenewedTokens(server.sign_in("somebody"))
    with pytest.raises(MailError) as caught:
        await _count(dovecot, wanted, tokens)
    assert caught.value.refused_credentials
    assert tokens.renewals == 2


@EACH_WAY
async def test_where_there_is_no_token_nothing_is_connected_to(
    dovecot: Dovecot, server: Authorization, way: str
) -> None:
    wanted = evolve(_wanted(dovecot, server, way), client_secret=Secret("wrong"))
    if way == "service account":
        wanted = evolve(wanted, service_account_key=server.foreign_key())
    with pytest.raises(MailError) as caught:
        await _count(dovecot, wanted, RenewedTokens(refresh_for(server, way)))
    assert caught.value.stage is Stage.SETTINGS
    assert caught.value.refused_credentials
