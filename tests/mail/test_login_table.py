"""Every authentication type, and what a person reads of each way in which its login ends."""

from __future__ import annotations

from typing import Final

import pytest
from attrs import evolve

from kana_tui.domain.authentication import AuthType, Protocol
from kana_tui.domain.errors import MailError, Stage
from kana_tui.domain.secret import Secret
from kana_tui.mail.source import NetworkMailSource
from kana_tui.ports.mail_source import Account
from tests.mail.accounts import GivenTokens, account, dovecot_account
from tests.servers.certificates import DAY, NOW
from tests.servers.dovecot import Dovecot
from tests.servers.odd_imap import OddImap
from tests.servers.odd_pop3 import OddPop3
from tests.servers.ports import free_ports
from tests.servers.scripted import scripted, server_context

PACE: Final = (
    "After 3 refusals there is one try each 30 minutes, so that the account is not locked."
)
OTHER_WAY: Final = (
    "No user or secret was sent, and no other way is tried. "
    "Choose another authentication type, or have the server offer it."
)
PASSWORD: Final = f"Check user and password. {PACE}"
TOKEN: Final = (
    "Check that the user is whom the token is for, and that the account lets this application "
    f"in; then sign in again (kana-tui mailbox authorize). {PACE}"
)
POP3_TOKEN: Final = (
    "{peer} refused AUTH XOAUTH2 of {user}: [AUTH] Authentication failed. "
    f"(status 401, schemes bearer, scope mail) {TOKEN}"
)
IMAP_TOKEN: Final = (
    "{peer} refused AUTHENTICATE XOAUTH2 of {user}: [AUTHENTICATIONFAILED] Authentication "
    f"failed. (status 401, schemes bearer, scope mail) {TOKEN}"
)

WRONG_SECRET: Final = {
    AuthType.POP: f"{{peer}} refused PASS of {{user}}: [AUTH] Authentication failed. {PASSWORD}",
    AuthType.EXCHANGE: "{peer} refused AUTH NTLM of {user}: [AUTH] Authentication failed. "
    f"Check user, domain and password. {PACE}",
    AuthType.SECURE_POP: "{peer} refused PASS of {user}: [AUTH] Authentication failed. "
    f"{PASSWORD}",
    AuthType.APOP: f"{{peer}} refused APOP of {{user}}: [AUTH] Authentication failed. {PASSWORD}",
    AuthType.IMAP: "{peer} refused LOGIN of {user}: [AUTHENTICATIONFAILED] Authentication "
    f"failed. {PASSWORD}",
    AuthType.SECURE_IMAP: "{peer} refused LOGIN of {user}: [AUTHENTICATIONFAILED] "
    f"Authentication failed. {PASSWORD}",
    AuthType.M365_IMAP: IMAP_TOKEN,
    AuthType.M365_POP3: POP3_TOKEN,
    AuthType.GOOGLE_IMAP: IMAP_TOKEN,
    AuthType.GOOGLE_POP3: POP3_TOKEN,
}
EXPIRED: Final = {one: WRONG_SECRET[one] for one in AuthType if one.traits.oauth}

DISABLED: Final = (
    "{peer} does not allow LOGIN on this connection (LOGINDISABLED). No user or password was sent. "
)
DISABLED_IN_CLEAR: Final = DISABLED + "If it has TLS on a port, choose Secure IMAP."
DISABLED_UNDER_TLS: Final = (
    DISABLED
    + "Choose the authentication type by which this account logs in, or have it allow LOGIN."
)
NO_USER: Final = (
    "{peer} does not offer the login by USER and PASS; it offers CRAM-MD5. " + OTHER_WAY
)
POP3_NO_TOKENS: Final = (
    "{peer} does not offer the login by AUTH XOAUTH2; it offers CRAM-MD5. " + OTHER_WAY
)
IMAP_NO_TOKENS: Final = (
    "{peer} does not offer the login by AUTHENTICATE XOAUTH2; it offers AUTH=CRAM-MD5. " + OTHER_WAY
)
MISSING: Final = {
    AuthType.POP: NO_USER,
    AuthType.EXCHANGE: "{peer} does not offer the login by AUTH NTLM; it offers CRAM-MD5. "
    + OTHER_WAY,
    AuthType.SECURE_POP: NO_USER,
    AuthType.APOP: "{peer} cannot take APOP: its greeting has no timestamp. No user or password "
    "was sent, and no other way is tried. Choose Secure POP, or POP if the server has no TLS.",
    AuthType.IMAP: DISABLED_IN_CLEAR,
    AuthType.SECURE_IMAP: DISABLED_UNDER_TLS,
    AuthType.M365_IMAP: IMAP_NO_TOKENS,
    AuthType.M365_POP3: POP3_NO_TOKENS,
    AuthType.GOOGLE_IMAP: IMAP_NO_TOKENS,
    AuthType.GOOGLE_POP3: POP3_NO_TOKENS,
}
DOWN: Final = "{peer} refuses the connection. Check the port, and whether the server runs."
OTHER_NAME: Final = (
    "The certificate of {peer} is not accepted: it is not for 127.0.0.2 (it is for localhost, "
    "127.0.0.1, ::1, issued by CN=Test CA, and ends on {end}). Nothing was sent to it. "
    "Use a name as server that the certificate holds."
)
EACH_TYPE = pytest.mark.parametrize("auth_type", list(AuthType))


def _good(dovecot: Dovecot, user: str) -> NetworkMailSource:
    return NetworkMailSource(GivenTokens([dovecot.tokens.issue(user)]))


async def _failure(source: NetworkMailSource, wanted: Account) -> MailError:
    with pytest.raises(MailError) as caught:
        async with source.open(wanted):
            pass
    return caught.value


def _told(template: str, wanted: Account) -> str:
    end = (NOW + 30 * DAY).date().isoformat()
    peer = f"{wanted.server}:{wanted.port}"
    return template.format(peer=peer, user=wanted.user, end=end)


@EACH_TYPE
async def test_right(dovecot: Dovecot, auth_type: AuthType) -> None:
    user = dovecot.user()
    async with _good(dovecot, user).open(dovecot_account(dovecot, auth_type, user)) as session:
        assert await session.count() == 0


@EACH_TYPE
async def test_wrong_secret(dovecot: Dovecot, auth_type: AuthType) -> None:
    wrong = Secret("swordfish-41")
    wanted = evolve(dovecot_account(dovecot, auth_type, dovecot.user()), secret=wrong)
    error = await _failure(NetworkMailSource(GivenTokens([wrong])), wanted)
    assert str(error) == _told(WRONG_SECRET[auth_type], wanted)
    assert (error.stage, error.temporary) == (Stage.LOGIN, False)
    assert error.refused_credentials


@pytest.mark.parametrize("auth_type", list(EXPIRED))
async def test_expired_token(dovecot: Dovecot, auth_type: AuthType) -> None:
    wanted = dovecot_account(dovecot, auth_type, dovecot.user())
    token = dovecot.tokens.issue(wanted.user)
    dovecot.tokens.revoke(token)
    error = await _failure(NetworkMailSource(GivenTokens([token])), wanted)
    assert str(error) == _told(EXPIRED[auth_type], wanted)
    assert (error.stage, error.refused_credentials) == (Stage.LOGIN, True)


@EACH_TYPE
async def test_server_down(dovecot: Dovecot, auth_type: AuthType) -> None:
    wanted = account(free_ports(1)[0], auth_type)
    error = await _failure(_good(dovecot, "ann"), wanted)
    assert str(error) == _told(DOWN, wanted)
    assert (error.stage, error.refused_credentials) == (Stage.CONNECT, False)


@EACH_TYPE
async def test_tls_name_wrong(dovecot: Dovecot, auth_type: AuthType) -> None:
    real = dovecot_account(dovecot, auth_type, dovecot.user())
    plain = not auth_type.traits.implicit_tls
    wanted = evolve(real, server="127.0.0.2", upgrade_tls=plain)
    error = await _failure(_good(dovecot, real.user), wanted)
    assert str(error) == _told(OTHER_NAME, wanted)
    assert (error.stage, error.refused_credentials) == (Stage.TLS, False)


@EACH_TYPE
async def test_capability_missing(dovecot: Dovecot, auth_type: AuthType) -> None:
    cert, key = dovecot.authority.issue("missing", ["127.0.0.1"])
    server: OddImap | OddPop3
    if auth_type.traits.protocol is Protocol.IMAP:
        server = OddImap({}, capabilities=b"IMAP4rev1 LOGINDISABLED AUTH=CRAM-MD5")
    else:
        server = OddPop3([], capabilities=(b"SASL CRAM-MD5", b"UIDL"))
    tls = server_context(str(cert), str(key)) if auth_type.traits.implicit_tls else None
    async with scripted(server, tls=tls) as running:
        wanted = account(running.port, auth_type, ca_file=dovecot.ca_file)
        error = await _failure(_good(dovecot, "ann"), wanted)
    assert str(error) == _told(MISSING[auth_type], wanted)
    assert (error.stage, error.refused_credentials) == (Stage.LOGIN, False)
    assert [line.split()[0] for line in server.log] in ([b"CAPA"], [b"CAPABILITY"])


@pytest.mark.parametrize("auth_type", [one for one in AuthType if not one.traits.implicit_tls])
@pytest.mark.parametrize("right", [True, False])
async def test_a_plain_type_that_upgrades(
    dovecot: Dovecot, auth_type: AuthType, right: bool
) -> None:
    real = dovecot_account(dovecot, auth_type, dovecot.user())
    wanted = evolve(real, upgrade_tls=True)
    if right:
        async with NetworkMailSource().open(wanted) as session:
            assert await session.count() == 0
        return
    error = await _failure(NetworkMailSource(), evolve(wanted, secret=Secret("swordfish-41")))
    assert str(error) == _told(WRONG_SECRET[auth_type], wanted)


@pytest.mark.parametrize("auth_type", [one for one in AuthType if not one.traits.implicit_tls])
async def test_no_upgrade_is_offered(auth_type: AuthType) -> None:
    imap = auth_type.traits.protocol is Protocol.IMAP
    server = OddImap({}) if imap else OddPop3([], greeting=b"+OK <1.2@mx.test>\r\n")
    async with scripted(server) as running:
        wanted = account(running.port, auth_type, upgrade_tls=True)
        error = await _failure(NetworkMailSource(), wanted)
    name, secure = ("STARTTLS", "Secure IMAP") if imap else ("STLS", "Secure POP")
    assert str(error) == _told(
        f"{{peer}} does not offer {name}, but this mailbox must not log in in clear. No user or "
        f"password was sent. Choose {secure}, or have the server offer {name}.",
        wanted,
    )
    assert [line.split()[0] for line in server.log] in ([b"CAPA"], [b"CAPABILITY"])
