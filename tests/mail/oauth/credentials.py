"""Credentials of a mailbox of ann@example.com, for tests."""

from __future__ import annotations

from typing import Final

import pytest
from attrs import evolve

from kana_tui.domain.authentication import AuthType
from kana_tui.domain.fields.oauth import Grant
from kana_tui.domain.secret import Secret
from kana_tui.mail.oauth import OAuthServer
from kana_tui.ports.authorization import Granted
from kana_tui.ports.tokens import Credential
from tests.servers.authorization import (
    CLIENT_SECRET,
    GOOGLE_TOKEN,
    MICROSOFT_TOKEN,
    Authorization,
)

ADDRESS: Final = "ann@example.com"

SEVERAL: Final = {
    "application": (AuthType.M365_IMAP, Grant.CLIENT_CREDENTIALS),
    "device": (AuthType.M365_POP3, Grant.DEVICE_CODE),
    "browser": (AuthType.M365_IMAP, Grant.AUTHORIZATION_CODE),
    "google browser": (AuthType.GOOGLE_POP3, Grant.AUTHORIZATION_CODE),
    "service account": (AuthType.GOOGLE_IMAP, Grant.SERVICE_ACCOUNT),
}
"""Each way to a token."""

EACH_WAY = pytest.mark.parametrize("way", SEVERAL)
SIGNED_IN = pytest.mark.parametrize("way", ["device", "browser", "google browser"])


def credential(server: Authorization, way: str) -> Credential:
    auth_type, grant = SEVERAL[way]
    google = auth_type in (AuthType.GOOGLE_IMAP, AuthType.GOOGLE_POP3)
    account = grant is Grant.SERVICE_ACCOUNT
    return Credential(
        mailbox_id=7,
        email_address=ADDRESS,
        auth_type=auth_type,
        user="ann",
        oauth=server.google(grant) if google else server.microsoft(grant),
        client_secret=None if account else CLIENT_SECRET,
        service_account_key=server.service_account_key() if account else None,
        timeout_s=20.0,
    )


def path(way: str) -> str:
    return GOOGLE_TOKEN if "google" in way or "service" in way else MICROSOFT_TOKEN


async def renewed(server: Authorization, way: str) -> Granted:
    """A renewal; with a refresh token where somebody had to sign in before."""
    return await OAuthServer().renew(credential(server, way), refresh_for(server, way))


def refresh_for(server: Authorization, way: str) -> Secret | None:
    own = way in ("application", "service account")
    return None if own else server.sign_in("ann")


async def signed_in(server: Authorization, way: str, wanted: Credential | None = None) -> Granted:
    """What the grant itself gives, after the mailbox's user has done their part."""
    oauth, wanted = OAuthServer(), wanted or credential(server, way)
    if way == "device":
        prompt = await oauth.begin_device(wanted)
        server.approve(prompt.user_code, wanted.user)
        granted = await oauth.poll_device(wanted, prompt)
        assert granted is not None
        return granted
    page = await oauth.begin_browser(wanted)
    return await oauth.redeem(wanted, page, server.browse(page.url, wanted.user))


def without_secret(wanted: Credential) -> Credential:
    return evolve(wanted, client_secret=None)
