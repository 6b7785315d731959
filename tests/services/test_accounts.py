"""What a server is told of a mailbox, and when no credential leaves at all."""

from __future__ import annotations

from typing import Any

import pytest

from kana_tui.domain.authentication import AuthType
from kana_tui.domain.errors import MailError, Stage
from kana_tui.domain.secret import Secret
from kana_tui.domain.settings import Settings
from kana_tui.ports.mail_source import Account
from kana_tui.services.accounts import account_of
from tests.services.desk import Desk

PLAIN = [one for one in AuthType if not one.traits.implicit_tls]
TLS = [one for one in AuthType if one.traits.implicit_tls]
OAUTH_TYPES = [one for one in AuthType if one.traits.oauth]


async def _account(desk: Desk, *, ssl: bool = True, **own: Any) -> Account:
    mailbox = await desk.open(**own)
    return await account_of(desk.store.mailboxes, mailbox, Settings(ssl_enabled=ssl))


@pytest.mark.parametrize("auth_type", PLAIN)
@pytest.mark.parametrize("sends_by", ["smtp_auth", "oauth2_smtp"])
async def test_secure_smtp_makes_a_plain_type_upgrade(
    desk: Desk, auth_type: AuthType, sends_by: str
) -> None:
    found = await _account(desk, auth_type=auth_type, smtp_ssl=True, **{sends_by: True})
    assert found.upgrade_tls


@pytest.mark.parametrize("auth_type", PLAIN)
async def test_secure_smtp_fails_closed_while_ssl_is_off(desk: Desk, auth_type: AuthType) -> None:
    with pytest.raises(MailError, match=r"SSL is off in config\.xml") as caught:
        await _account(desk, ssl=False, auth_type=auth_type, smtp_ssl=True, smtp_auth=True)
    assert caught.value.stage is Stage.SETTINGS


@pytest.mark.parametrize("auth_type", TLS)
@pytest.mark.parametrize("ssl", [True, False])
async def test_a_type_with_tls_has_nothing_to_upgrade(
    desk: Desk, auth_type: AuthType, ssl: bool
) -> None:
    found = await _account(desk, ssl=ssl, auth_type=auth_type, smtp_ssl=True, smtp_auth=True)
    assert not found.upgrade_tls


@pytest.mark.parametrize("auth_type", PLAIN)
async def test_without_secure_smtp_a_plain_type_stays_plain(
    desk: Desk, auth_type: AuthType
) -> None:
    assert not (await _account(desk, ssl=False, auth_type=auth_type)).upgrade_tls


@pytest.mark.parametrize("auth_type", OAUTH_TYPES)
async def test_an_oauth_type_has_a_credential_and_no_password(
    desk: Desk, auth_type: AuthType
) -> None:
    mailbox = await desk.open(auth_type=auth_type, client_id="kana", oauth2_smtp=True)
    await desk.edit({"client_secret": Secret("s3cret"), "service_account_key": Secret("{}")})
    found = await account_of(desk.store.mailboxes, await desk.read(), Settings())
    credential = found.credential
    assert credential is not None
    assert (credential.mailbox_id, credential.auth_type) == (mailbox.id, auth_type)
    assert (credential.user, credential.email_address) == (found.user, mailbox.email_address)
    assert (credential.oauth, credential.sends) == (mailbox.oauth, True)
    assert credential.client_secret == Secret("s3cret")
    assert credential.service_account_key == Secret("{}")
    assert not found.secret
    assert "s3cret" not in repr(found)


@pytest.mark.parametrize("auth_type", [one for one in AuthType if not one.traits.oauth])
async def test_a_password_type_has_no_credential(desk: Desk, auth_type: AuthType) -> None:
    assert (await _account(desk, auth_type=auth_type)).credential is None
