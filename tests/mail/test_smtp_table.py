"""Every way in which a mailbox sends, and what a person reads of each way in which that ends."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from typing import Any, Final

import pytest
from attrs import frozen

from kana_tui.domain.authentication import AuthType
from kana_tui.domain.errors import MailError, Stage
from kana_tui.domain.secret import Secret
from kana_tui.domain.settings import Settings
from kana_tui.mail.smtp_sender import SmtpMailSender
from kana_tui.ports.mail_sender import Refusal, RelayAccount
from kana_tui.services.relays import mailbox_relay
from tests.mail.accounts import GivenTokens
from tests.mail.smtp_relays import NO_TLS_SEEN, RAW, SENDER, secured
from tests.mailboxes import make_mailbox
from tests.servers.certificates import DAY, NOW, Authority
from tests.servers.ports import free_ports
from tests.servers.smtp import SmtpServer, running_smtp
from tests.servers.smtp_logins import SMTP_PASSWORD, USER

pytestmark = NO_TLS_SEEN


@frozen
class Way:
    """`fields` of the form; `tls` of the server, and the one login that it offers."""

    fields: dict[str, bool]
    tls: str | None = None
    login: str | None = None

    @property
    def by_token(self) -> bool:
        return self.login == "XOAUTH2"


class Mode(Enum):
    PLAIN = Way({})
    PLAIN_AND_PLAIN = Way({"smtp_auth": True}, login="PLAIN")
    PLAIN_AND_LOGIN = Way({"smtp_auth": True}, login="LOGIN")
    PLAIN_AND_CRAM_MD5 = Way({"smtp_auth": True}, login="CRAM-MD5")
    STARTTLS = Way({"smtp_tls": True}, "starttls")
    STARTTLS_AND_PLAIN = Way({"smtp_tls": True, "smtp_auth": True}, "starttls", "PLAIN")
    STARTTLS_AND_LOGIN = Way({"smtp_tls": True, "smtp_auth": True}, "starttls", "LOGIN")
    IMPLICIT_AND_PLAIN = Way({"smtp_ssl": True, "smtp_auth": True}, "implicit", "PLAIN")
    STARTTLS_AND_TOKEN = Way({"smtp_tls": True, "oauth2_smtp": True}, "starttls", "XOAUTH2")
    IMPLICIT_AND_TOKEN = Way({"smtp_ssl": True, "oauth2_smtp": True}, "implicit", "XOAUTH2")


EACH = pytest.mark.parametrize("mode", list(Mode))
LOGINS = pytest.mark.parametrize("mode", [one for one in Mode if one.value.login])
TOKENS = pytest.mark.parametrize("mode", [one for one in Mode if one.value.by_token])
ENCRYPTED = pytest.mark.parametrize("mode", [one for one in Mode if one.value.tls])
IMPLICIT = pytest.mark.parametrize("mode", [one for one in Mode if one.value.tls == "implicit"])
OTHERS = pytest.mark.parametrize("mode", [one for one in Mode if one.value.tls != "implicit"])

WRONG_PASSWORD: Final = (
    "{peer} refused AUTH {login} of relay: 535 5.7.8 Authentication credentials invalid Set the "
    "SMTP Password again: kana-tui mailbox edit support@example.com --secret smtp_password"
)
WRONG_TOKEN: Final = (
    "{peer} refused AUTH XOAUTH2 of support: 535 5.7.8 Authentication credentials invalid "
    "(status 401, schemes bearer, scope mail) Check that the user is whom the token is for, and "
    "that the account lets this application send; then sign in again: "
    "kana-tui mailbox authorize support@example.com"
)
DOWN: Final = (
    "{peer} refuses the connection. Check the SMTP port of support@example.com, and whether the "
    "server runs."
)
OTHER_NAME: Final = (
    "The certificate of {peer} is not accepted: it is not for localhost (it is for other.test, "
    "issued by CN=Test CA, and ends on {end}). Nothing was sent to it. Use a name as server that "
    "the certificate holds."
)
OTHER_LOGIN: Final = (
    "Nothing was shown to it. Check SMTP server and SMTP port of support@example.com, or choose "
    "another login or encryption."
)
NO_PASSWORDS: Final = (
    "{peer} offers no login that this program knows (PLAIN, LOGIN, CRAM-MD5); it offers XOAUTH2. "
    + OTHER_LOGIN
)
NO_TOKENS: Final = "{peer} offers no XOAUTH2 login; it offers PLAIN. " + OTHER_LOGIN
NO_STARTTLS: Final = (
    "{peer} does not offer STARTTLS, but mail to it must be encrypted. Nothing was sent to it. "
    "Check SMTP server and SMTP port of support@example.com, or choose Secure SMTP (SSL) if it "
    "speaks TLS from the start."
)
NO_TLS: Final = (
    "{peer} does not speak TLS on this port. Nothing was sent to it. Check SMTP server and SMTP "
    "port, Use SMTP TLS and Secure SMTP (SSL) of support@example.com."
)
SSL_OFF: Final = (
    "SSL is off in config.xml, but Secure SMTP (SSL) is on for support@example.com. "
    'Set <ssl enabled="true"/> in config.xml, or smtp_ssl to no.'
)


class Secrets:
    """Implements `MailboxSecrets`."""

    def __init__(self, password: str) -> None:
        self._password = Secret(password)

    async def secret(self, _mailbox_id: int, key: str) -> Secret | None:
        return self._password if key == "smtp_password" else None


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("ca"))


@contextmanager
def _serving(authority: Authority, way: Way, host: str = "localhost") -> Iterator[SmtpServer]:
    options: dict[str, Any] = {"login": way.login is not None}
    options["mechanisms"] = [way.login] if way.login else []
    running = (
        secured(authority, way.tls, host=host, **options) if way.tls else running_smtp(**options)
    )
    with running as server:
        server.opens = lambda user, token: (user, token) == ("support", "good")
        yield server


async def _relay(
    authority: Authority, mode: Mode, port: int, *, password: str, ssl: bool = True
) -> RelayAccount:
    """As the form of a mailbox gives it."""
    auth_type = AuthType.GOOGLE_IMAP if mode.value.by_token else AuthType.POP
    mailbox = make_mailbox(
        7,
        auth_type=auth_type,
        smtp_server="localhost" if mode.value.tls else "127.0.0.1",
        smtp_port=port,
        smtp_user=USER,
        tls_ca_file=str(authority.ca_file),
        **mode.value.fields,
    )
    return await mailbox_relay(Secrets(password), mailbox, Settings(ssl_enabled=ssl), None)


async def _send(
    authority: Authority,
    mode: Mode,
    port: int,
    *,
    tokens: GivenTokens | None = None,
    password: str = SMTP_PASSWORD,
    ssl: bool = True,
) -> dict[str, Refusal]:
    relay = await _relay(authority, mode, port, password=password, ssl=ssl)
    sender = SmtpMailSender(tokens or GivenTokens([Secret("good")]))
    return dict(await sender.send(relay, SENDER, ["ops@acme.test"], RAW))


async def _told(authority: Authority, mode: Mode, port: int, **own: Any) -> MailError:
    with pytest.raises(MailError) as caught:
        await _send(authority, mode, port, **own)
    return caught.value


def _sentence(template: str, mode: Mode, port: int) -> str:
    host = "localhost" if mode.value.tls else "127.0.0.1"
    end = (NOW + 30 * DAY).date().isoformat()
    return template.format(peer=f"{host}:{port}", login=mode.value.login, end=end)


@EACH
async def test_right(authority: Authority, mode: Mode) -> None:
    with _serving(authority, mode.value) as server:
        assert await _send(authority, mode, server.port) == {}
        assert [mail.raw for mail in server.mails] == [RAW]
        assert server.logins == ([mode.value.login] if mode.value.login else [])


@LOGINS
async def test_wrong_secret(authority: Authority, mode: Mode) -> None:
    tokens = GivenTokens([Secret("swordfish-41")])
    with _serving(authority, mode.value) as server:
        error = await _told(authority, mode, server.port, tokens=tokens, password="swordfish-41")
        template = WRONG_TOKEN if mode.value.by_token else WRONG_PASSWORD
        assert str(error) == _sentence(template, mode, server.port)
        assert (error.stage, error.refused_credentials) == (Stage.SMTP, True)
        assert (server.mails, len(server.logins)) == ([], 1)


@TOKENS
async def test_expired_token(authority: Authority, mode: Mode) -> None:
    """It is asked for anew, once, and the mail leaves."""
    tokens = GivenTokens([Secret("dead"), Secret("good")])
    with _serving(authority, mode.value) as server:
        assert await _send(authority, mode, server.port, tokens=tokens) == {}
        assert [mail.raw for mail in server.mails] == [RAW]
    assert tokens.asked == [None, Secret("dead")]


@TOKENS
async def test_expired_token_and_no_better_one(authority: Authority, mode: Mode) -> None:
    tokens = GivenTokens([Secret("dead-1"), Secret("dead-2"), Secret("good")])
    with _serving(authority, mode.value) as server:
        error = await _told(authority, mode, server.port, tokens=tokens)
        assert str(error) == _sentence(WRONG_TOKEN, mode, server.port)
    assert tokens.asked == [None, Secret("dead-1")]


@EACH
async def test_server_down(authority: Authority, mode: Mode) -> None:
    (port,) = free_ports(1)
    error = await _told(authority, mode, port)
    assert str(error) == _sentence(DOWN, mode, port)
    assert (error.temporary, error.refused_credentials) == (True, False)


@ENCRYPTED
async def test_tls_name_wrong(authority: Authority, mode: Mode) -> None:
    with _serving(authority, mode.value, host="other.test") as server:
        error = await _told(authority, mode, server.port)
        assert str(error) == _sentence(OTHER_NAME, mode, server.port)
        assert (server.mails, server.logins) == ([], [])


@LOGINS
async def test_login_not_offered(authority: Authority, mode: Mode) -> None:
    way = mode.value
    other = Way(way.fields, way.tls, "PLAIN" if way.by_token else "XOAUTH2")
    with _serving(authority, other) as server:
        error = await _told(authority, mode, server.port)
        template = NO_TOKENS if way.by_token else NO_PASSWORDS
        assert str(error) == _sentence(template, mode, server.port)
        assert (server.mails, server.logins, error.refused_credentials) == ([], [], False)


@ENCRYPTED
async def test_tls_not_offered(authority: Authority, mode: Mode) -> None:
    with running_smtp(login=True) as server:
        error = await _told(authority, mode, server.port)
        template = NO_TLS if mode.value.tls == "implicit" else NO_STARTTLS
        assert str(error) == _sentence(template, mode, server.port)
        assert (server.mails, server.logins) == ([], [])


@IMPLICIT
async def test_ssl_off_in_config_xml(authority: Authority, mode: Mode) -> None:
    with _serving(authority, mode.value) as server:
        error = await _told(authority, mode, server.port, ssl=False)
        assert (str(error), error.stage) == (SSL_OFF, Stage.SETTINGS)
        assert (server.mails, server.logins) == ([], [])


@OTHERS
async def test_ssl_off_in_config_xml_is_nothing_to_the_others(
    authority: Authority, mode: Mode
) -> None:
    with _serving(authority, mode.value) as server:
        assert await _send(authority, mode, server.port, ssl=False) == {}
