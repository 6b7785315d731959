"""Which server a mailbox's mail leaves by, and when it leaves by none."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import define, evolve, field
from hypothesis import given
from hypothesis import strategies as st

from kana_tui.domain.authentication import AuthType
from kana_tui.domain.errors import MailError, Stage
from kana_tui.domain.secret import Secret
from kana_tui.domain.settings import Relay, SenderSettings, SenderTls, Settings
from kana_tui.ports.mail_sender import RelayAccount
from kana_tui.ports.secret_box import SealedSecretError
from kana_tui.services.accounts import account_of
from kana_tui.services.relays import mailbox_relay, sender_relays, sends_as_the_sender
from tests.mailboxes import make_mailbox

SENDER = SenderSettings("mx", 2525, SenderTls.STARTTLS, "relay", fallback=Relay("spare", 26))
SENDERS_OWN = Secret("the sender's")
HERS = Secret("hers")
OAUTH_TYPES = [one for one in AuthType if one.traits.oauth]
OTHERS = [one for one in AuthType if not one.traits.oauth]
FLAGS = ("smtp_tls", "smtp_auth", "smtp_ssl", "oauth2_smtp")


@define
class Given:
    """Implements `MailboxSecrets`."""

    stored: dict[str, Secret] = field(factory=lambda: {"smtp_password": HERS})
    damaged: bool = False

    async def secret(self, _mailbox_id: int, key: str) -> Secret | None:
        if self.damaged:
            raise SealedSecretError("The secret cannot be opened.", hint="Set it again.")
        return self.stored.get(key)


async def relay_of(secrets: Given | None = None, *, ssl: bool = True, **own: Any) -> RelayAccount:
    values = {"smtp_server": "own", "smtp_port": 587, "smtp_user": "sue", **own}
    settings = Settings(sender=SENDER, ssl_enabled=ssl)
    return await mailbox_relay(secrets or Given(), make_mailbox(7, **values), settings, SENDERS_OWN)


async def failure(secrets: Given | None = None, *, ssl: bool = True, **own: Any) -> MailError:
    with pytest.raises(MailError) as caught:
        await relay_of(secrets, ssl=ssl, **own)
    assert caught.value.stage is Stage.SETTINGS
    return caught.value


def test_the_sender_has_its_default_server_and_a_fall_back_that_nobody_logs_in_to() -> None:
    default, spare = sender_relays(SENDER, SENDERS_OWN)
    assert default == RelayAccount("mx", 2525, SenderTls.STARTTLS, "relay", SENDERS_OWN)
    assert spare == RelayAccount("spare", 26)
    assert sender_relays(evolve(SENDER, fallback=None), None) == (evolve(default, secret=None),)


async def test_an_own_server_is_used_as_it_stands_in_the_form() -> None:
    assert await relay_of() == RelayAccount("own", 587, owner="support@example.com")


async def test_without_a_server_it_is_the_senders_with_the_senders_login() -> None:
    assert await relay_of(smtp_server="") == sender_relays(SENDER, SENDERS_OWN)[0]


@pytest.mark.parametrize(("own", "tls", "user"), [
    ({"smtp_tls": True}, SenderTls.STARTTLS, ""),
    ({"smtp_auth": True}, SenderTls.STARTTLS, "sue"),
    ({"smtp_auth": True, "smtp_ssl": True}, SenderTls.IMPLICIT, "sue"),
])  # fmt: skip
async def test_own_switches_count_at_the_senders_server_too_and_its_login_does_not(
    own: dict[str, Any], tls: SenderTls, user: str
) -> None:
    found = await relay_of(smtp_server="", **own)
    assert (found.server, found.port, found.tls, found.user) == ("mx", 2525, tls, user)
    assert found.secret == (HERS if user else None)
    assert found.owner == "support@example.com"


@pytest.mark.parametrize("tls", list(SenderTls))
async def test_no_login_of_a_mailbox_goes_in_clear_where_the_senders_server_must_encrypt(
    tls: SenderTls,
) -> None:
    settings = Settings(sender=evolve(SENDER, tls=tls))
    mailbox = make_mailbox(7, smtp_server="", smtp_auth=True, smtp_user="sue")
    found = await mailbox_relay(Given(), mailbox, settings, SENDERS_OWN)
    assert (found.server, found.tls, found.secret) == ("mx", tls, HERS)


@pytest.mark.parametrize("auth_type", OTHERS)
async def test_a_password_type_logs_in_by_smtp_user_and_password(auth_type: AuthType) -> None:
    found = await relay_of(auth_type=auth_type, smtp_auth=True, oauth2_smtp=True)
    assert (found.user, found.secret, found.credential) == ("sue", HERS, None)


@pytest.mark.parametrize("auth_type", OAUTH_TYPES)
@pytest.mark.parametrize("secured", ["smtp_tls", "smtp_ssl"])
async def test_a_token_is_the_one_that_incoming_mail_logs_in_with(
    auth_type: AuthType, secured: str
) -> None:
    secrets = Given({"client_secret": Secret("s"), "service_account_key": Secret("k")})
    own = {"oauth2_smtp": True, secured: True}
    found = await relay_of(secrets, auth_type=auth_type, **own)
    incoming = await account_of(secrets, make_mailbox(7, auth_type=auth_type, **own), Settings())
    assert found.credential == incoming.credential is not None
    assert (found.user, found.secret) == (incoming.user, None)
    assert found.tls is (SenderTls.STARTTLS if secured == "smtp_tls" else SenderTls.IMPLICIT)


@pytest.mark.parametrize("auth_type", OAUTH_TYPES)
async def test_a_token_takes_the_place_of_user_and_password(auth_type: AuthType) -> None:
    found = await relay_of(auth_type=auth_type, oauth2_smtp=True, smtp_auth=True, smtp_tls=True)
    assert (found.secret, found.credential is not None) == (None, True)


@pytest.mark.parametrize("auth_type", OAUTH_TYPES)
async def test_a_token_is_for_no_server_without_tls(auth_type: AuthType) -> None:
    error = await failure(auth_type=auth_type, oauth2_smtp=True)
    assert str(error) == (
        "Use OAuth2 SMTP of support@example.com needs an encrypted connection for its token. "
        "Set smtp_tls or smtp_ssl to yes."
    )


async def test_secure_smtp_without_a_login_is_out_of_force() -> None:
    assert (await relay_of(smtp_ssl=True, ssl=False)).tls is SenderTls.NONE
    assert (await relay_of(smtp_ssl=True, smtp_tls=True, ssl=False)).tls is SenderTls.STARTTLS


@pytest.mark.parametrize("server", ["own", ""])
async def test_secure_smtp_fails_closed_while_ssl_is_off(server: str) -> None:
    error = await failure(smtp_server=server, smtp_auth=True, smtp_ssl=True, ssl=False)
    assert str(error) == (
        "SSL is off in config.xml, but Secure SMTP (SSL) is on for support@example.com. "
        'Set <ssl enabled="true"/> in config.xml, or smtp_ssl to no.'
    )


async def test_a_password_that_is_not_set_is_named_with_its_remedy() -> None:
    assert str(await failure(Given({}), smtp_auth=True)) == (
        "No SMTP Password is set for support@example.com. Set it: "
        "kana-tui mailbox edit support@example.com --secret smtp_password"
    )


async def test_a_secret_that_cannot_be_opened_is_this_mailboxs_trouble() -> None:
    error = await failure(Given(damaged=True), smtp_auth=True)
    assert str(error) == "The secret cannot be opened. Set it again."


async def test_the_mailboxs_ca_file_is_trusted_for_smtp_too() -> None:
    assert str((await relay_of(tls_ca_file="/etc/ca.pem")).ca_file) == "/etc/ca.pem"


@given(
    st.sampled_from(AuthType),
    st.fixed_dictionaries({flag: st.booleans() for flag in FLAGS}),
    st.sampled_from(["", "own"]),
    st.booleans(),
)
async def test_whatever_is_switched_no_secret_goes_where_tls_is_due_and_missing(
    auth_type: AuthType, flags: dict[str, bool], server: str, ssl: bool
) -> None:
    secrets = Given({"smtp_password": HERS, "client_secret": Secret("s")})
    mailbox = make_mailbox(7, auth_type=auth_type, smtp_server=server, smtp_user="sue", **flags)
    settings = Settings(sender=SENDER, ssl_enabled=ssl)
    try:
        found = await mailbox_relay(secrets, mailbox, settings, SENDERS_OWN)
    except MailError:
        return
    assert (found.secret == SENDERS_OWN) == sends_as_the_sender(mailbox)
    if flags["smtp_tls"] or found.credential is not None:
        assert found.tls is not SenderTls.NONE
    if found.tls is SenderTls.IMPLICIT:
        assert ssl
    if found.tls is SenderTls.NONE:
        assert not (found.user and flags["smtp_ssl"])
