"""Tokens: asked for before anything is connected to, and once more where a server refuses one."""

from __future__ import annotations

import base64

import pytest

from kana_tui.domain.authentication import AuthType
from kana_tui.domain.errors import MailError, Stage
from kana_tui.domain.secret import Secret
from kana_tui.mail.source import NetworkMailSource
from kana_tui.ports.tokens import (
    SignInError,
    TokenDelayedError,
    TokenError,
    TokenSettingsError,
)
from tests.mail.accounts import GivenTokens, account, dovecot_account
from tests.servers.dovecot import Dovecot
from tests.servers.odd_pop3 import OddPop3
from tests.servers.scripted import Peer, scripted, server_context

OAUTH_TYPES = [one for one in AuthType if one.traits.oauth]
RESPONSE = base64.b64encode(b"user=ann\x01auth=Bearer dead\x01\x01")
EACH_TYPE = pytest.mark.parametrize("auth_type", OAUTH_TYPES)


async def _failure(tokens: GivenTokens, dovecot: Dovecot, auth_type: AuthType) -> MailError:
    wanted = dovecot_account(dovecot, auth_type, dovecot.user())
    with pytest.raises(MailError) as caught:
        async with NetworkMailSource(tokens).open(wanted):
            pass
    return caught.value


@EACH_TYPE
@pytest.mark.parametrize("padding", [0, 3000])
async def test_a_good_token_logs_in(dovecot: Dovecot, auth_type: AuthType, padding: int) -> None:
    user = dovecot.user()
    tokens = GivenTokens([dovecot.tokens.issue(user, padding=padding)])
    async with NetworkMailSource(tokens).open(dovecot_account(dovecot, auth_type, user)) as one:
        assert await one.count() == 0
    assert tokens.asked == [None]


@EACH_TYPE
async def test_a_token_of_the_application_opens_any_mailbox(
    dovecot: Dovecot, auth_type: AuthType
) -> None:
    tokens = GivenTokens([dovecot.tokens.issue("application")])
    for user in (dovecot.user(), dovecot.user()):
        wanted = dovecot_account(dovecot, auth_type, user)
        async with NetworkMailSource(tokens).open(wanted) as session:
            assert await session.count() == 0


@EACH_TYPE
async def test_a_refused_token_is_asked_for_once_more_and_the_new_one_logs_in(
    dovecot: Dovecot, auth_type: AuthType
) -> None:
    user = dovecot.user()
    dead, good = dovecot.tokens.issue(user), dovecot.tokens.issue(user)
    dovecot.tokens.revoke(dead)
    tokens = GivenTokens([dead, good])
    async with NetworkMailSource(tokens).open(dovecot_account(dovecot, auth_type, user)) as one:
        assert await one.count() == 0
    assert tokens.asked == [None, dead]


@EACH_TYPE
async def test_a_second_refusal_is_the_end(dovecot: Dovecot, auth_type: AuthType) -> None:
    tokens = GivenTokens([Secret("dead-1"), Secret("dead-2"), Secret("dead-3")])
    error = await _failure(tokens, dovecot, auth_type)
    assert (error.stage, error.refused_credentials) == (Stage.LOGIN, True)
    assert "(status 401, schemes bearer, scope mail)" in error.message
    assert tokens.asked == [None, Secret("dead-1")]


async def test_a_token_that_is_given_again_is_not_shown_again(dovecot: Dovecot) -> None:
    cert, key = dovecot.authority.issue("again", ["127.0.0.1"])
    odd = OddPop3(
        [],
        capabilities=(b"SASL XOAUTH2",),
        answers={b"AUTH": b"+ \r\n", RESPONSE: b"-ERR [AUTH] no\r\n"},
    )
    async with scripted(odd, tls=server_context(str(cert), str(key))) as server:
        wanted = account(server.port, AuthType.M365_POP3, ca_file=dovecot.ca_file)
        tokens = GivenTokens([Secret("dead")])
        with pytest.raises(MailError) as caught:
            async with NetworkMailSource(tokens).open(wanted):
                pass
    assert caught.value.refused_credentials
    assert (tokens.asked, server.visits) == ([None, Secret("dead")], 1)


@EACH_TYPE
async def test_where_the_new_token_cannot_be_had_that_is_told(
    dovecot: Dovecot, auth_type: AuthType
) -> None:
    gone = SignInError("The sign-in of ann was revoked.", hint="Sign in again.")
    error = await _failure(GivenTokens([Secret("dead"), gone]), dovecot, auth_type)
    assert str(error) == "The sign-in of ann was revoked. Sign in again."


@pytest.mark.parametrize(
    ("given", "stage", "temporary", "refused", "after_s"),
    [
        (SignInError("Sign in."), Stage.LOGIN, False, True, None),
        (TokenSettingsError("Wrong client."), Stage.SETTINGS, False, True, None),
        (TokenDelayedError("Away."), Stage.LOGIN, True, False, None),
        (TokenDelayedError("Later.", retry_after_s=40), Stage.LOGIN, True, False, 40),
    ],
)
@EACH_TYPE
async def test_without_a_token_nothing_is_connected_to(
    given: TokenError,
    stage: Stage,
    temporary: bool,
    refused: bool,
    after_s: float | None,
    auth_type: AuthType,
) -> None:
    async with scripted(Peer.silence) as server:
        with pytest.raises(MailError) as caught:
            async with NetworkMailSource(GivenTokens([given])).open(
                account(server.port, auth_type)
            ):
                pass
    error = caught.value
    assert error.message == given.message
    assert (error.stage, error.temporary) == (stage, temporary)
    assert (error.refused_credentials, error.retry_after_s) == (refused, after_s)
    assert server.visits == 0


@EACH_TYPE
async def test_a_server_that_is_down_is_no_reason_to_doubt_a_token(auth_type: AuthType) -> None:
    tokens = GivenTokens([Secret("good")])
    async with scripted(Peer.silence) as server:
        port = server.port
    with pytest.raises(MailError) as caught:
        async with NetworkMailSource(tokens).open(account(port, auth_type)):
            pass
    assert (caught.value.stage, tokens.asked) == (Stage.CONNECT, [None])
