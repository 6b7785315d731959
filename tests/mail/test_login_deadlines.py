"""Every login ends at its deadline, wherever in it the server falls silent."""

from __future__ import annotations

import pytest
from attrs import evolve

from kana_tui.domain.authentication import AuthType
from kana_tui.domain.errors import MailError, Stage
from kana_tui.domain.secret import Secret
from kana_tui.mail.source import NetworkMailSource
from kana_tui.ports.mail_source import Account
from tests.mail.accounts import SOON_S, GivenTokens, account, dovecot_account
from tests.servers.dovecot import Dovecot
from tests.servers.scripted import Peer, Talk, proxy, scripted

EACH_TYPE = pytest.mark.parametrize("auth_type", list(AuthType))
REACHED = {Stage.TLS, Stage.GREETING, Stage.LOGIN}


async def _failure(wanted: Account, token: Secret) -> MailError:
    with pytest.raises(MailError) as caught:
        async with NetworkMailSource(GivenTokens([token])).open(wanted):
            pass
    return caught.value


async def _drip(peer: Peer) -> None:
    while True:
        await peer.send(b"+")
        await peer.pause(SOON_S / 10)


@EACH_TYPE
@pytest.mark.parametrize("talk", [Peer.silence, _drip])
async def test_a_server_that_says_nothing_or_hardly_anything(
    auth_type: AuthType, talk: Talk
) -> None:
    async with scripted(talk) as server:
        wanted = account(server.port, auth_type, timeout_s=SOON_S)
        error = await _failure(wanted, Secret("token"))
    tls = auth_type.traits.implicit_tls
    assert error.stage is (Stage.TLS if tls else Stage.GREETING)
    assert error.deadline or talk is _drip  # to TLS a drip of text is no TLS at all


@EACH_TYPE
@pytest.mark.parametrize("share", [0.1, 0.3, 0.5, 0.7, 0.9, 0.98])
async def test_a_server_that_stops_in_the_middle(
    dovecot: Dovecot, auth_type: AuthType, share: float
) -> None:
    user = dovecot.user()
    real = dovecot_account(dovecot, auth_type, user)
    token = dovecot.tokens.issue(user)
    async with proxy(real.port) as between:
        source = NetworkMailSource(GivenTokens([token]))
        async with source.open(evolve(real, port=between.port)):
            size = between.from_server
    async with proxy(real.port, stop_after=int(size * share)) as between:
        wanted = evolve(real, port=between.port, timeout_s=SOON_S)
        error = await _failure(wanted, token)
    assert error.deadline
    assert error.stage in REACHED
    assert not error.refused_credentials
