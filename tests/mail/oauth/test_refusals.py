"""What a person reads of each way in which an authorization server refuses."""

from __future__ import annotations

import json

import pytest
from attrs import evolve

from kana_tui.domain.fields.oauth import Grant
from kana_tui.domain.secret import Secret
from kana_tui.mail.oauth import OAuthServer
from kana_tui.ports.tokens import Credential, SignInError, TokenError, TokenSettingsError
from tests.mail.oauth.credentials import (
    EACH_WAY,
    SIGNED_IN,
    credential,
    path,
    refresh_for,
    without_secret,
)
from tests.servers.authorization import Authorization
from tests.servers.authorization_faults import told

AGAIN = "Sign in again: kana-tui mailbox authorize ann@example.com"
CLIENT = (
    "Check the Client (Application) ID, and set the Client Secret again: it may be wrong, missing "
    "or past its end."
)
KEY = "Check the Service Account Key, the mailbox's e-mail address, and this host's clock."
BY_CLIENT = pytest.mark.parametrize("way", ["application", "device", "browser", "google browser"])


async def _refused(wanted: Credential, refresh: Secret | None) -> TokenError:
    with pytest.raises(TokenError) as caught:
        await OAuthServer().renew(wanted, refresh)
    return caught.value


def _sentence(server: Authorization, words: str, hint: str, whose: str = "ann@example.com") -> str:
    return f"127.0.0.1:{server.port} refused a token for {whose}: {words}. {hint}"


def _whose(wanted: Credential) -> str:
    """An application's failure is told to all mailboxes that share it: it names none of them."""
    if wanted.oauth.oauth_grant is Grant.CLIENT_CREDENTIALS:
        return f"the client {wanted.oauth.client_id}"
    return "ann@example.com"


@BY_CLIENT
async def test_a_wrong_client_secret(server: Authorization, way: str) -> None:
    wanted = evolve(credential(server, way), client_secret=Secret("swordfish-41"))
    error = await _refused(wanted, refresh_for(server, way))
    words = "invalid_client (AADSTS7000215: Invalid client secret provided)"
    assert str(error) == _sentence(server, words, CLIENT, _whose(wanted))
    assert type(error) is TokenSettingsError


@SIGNED_IN
async def test_no_client_secret_where_one_is_needed(server: Authorization, way: str) -> None:
    error = await _refused(without_secret(credential(server, way)), server.sign_in("ann"))
    words = "invalid_client (AADSTS7000218: The request body must contain 'client_secret')"
    assert str(error) == _sentence(server, words, CLIENT)
    assert type(error) is TokenSettingsError


@BY_CLIENT
async def test_an_unknown_client(server: Authorization, way: str) -> None:
    wanted = credential(server, way)
    wanted = evolve(wanted, oauth=evolve(wanted.oauth, client_id="another"))
    error = await _refused(wanted, refresh_for(server, way))
    assert str(error) == _sentence(
        server,
        "unauthorized_client (AADSTS700016: Application was not found in the directory 'contoso')",
        "Check the Client (Application) ID and the tenant in the Token Url, and that the "
        "application may use this grant.",
        _whose(wanted),
    )
    assert type(error) is TokenSettingsError


@SIGNED_IN
async def test_a_sign_in_that_was_revoked(server: Authorization, way: str) -> None:
    refresh = server.sign_in("ann")
    server.revoke(refresh)
    error = await _refused(credential(server, way), refresh)
    words = {
        "google browser": "invalid_grant (Token has been expired or revoked)",
    }.get(
        way,
        "invalid_grant (AADSTS700082: The refresh token has expired due to inactivity)",
    )
    assert str(error) == _sentence(server, words, AGAIN)
    assert type(error) is SignInError


@EACH_WAY
@pytest.mark.parametrize(
    "error",
    ["invalid_grant", "interaction_required", "consent_required", "login_required"],
)
async def test_only_a_person_can_help_where_a_person_signed_in(
    server: Authorization, way: str, error: str
) -> None:
    server.faults[path(way)] = told(400, {"error": error})
    found = await _refused(credential(server, way), refresh_for(server, way))
    delegated = way not in ("application", "service account")
    assert type(found) is (SignInError if delegated else TokenSettingsError)
    assert (found.hint == AGAIN) is delegated


@pytest.mark.parametrize(
    ("way", "error", "hint"),
    [
        (
            "application",
            "invalid_scope",
            "Give the application the permission for https://outlook.office365.com/.default.",
        ),
        (
            "device",
            "invalid_scope",
            (
                "Give the application the permission for "
                "https://outlook.office.com/POP.AccessAsUser.All offline_access."
            ),
        ),
        (
            "browser",
            "unsupported_grant_type",
            "Choose another Grant, or check the Token Url.",
        ),
        (
            "google browser",
            "redirect_uri_mismatch",
            "Register http://localhost as a redirect address of the application.",
        ),
        ("application", "invalid_request", "Check the OAuth fields of the mailbox."),
        ("service account", "invalid_grant", KEY),
        (
            "service account",
            "invalid_scope",
            "Give the application the permission for https://mail.google.com/.",
        ),
    ],
)
async def test_the_hint_names_what_to_correct(
    server: Authorization, way: str, error: str, hint: str
) -> None:
    server.faults[path(way)] = told(400, {"error": error, "error_description": "So it is."})
    wanted = credential(server, way)
    found = await _refused(wanted, refresh_for(server, way))
    assert str(found) == _sentence(server, f"{error} (So it is)", hint, _whose(wanted))
    assert type(found) is TokenSettingsError


# Service accounts


async def test_a_service_account_that_may_not_act_for_the_domain(server: Authorization) -> None:
    server.delegates = False
    error = await _refused(credential(server, "service account"), None)
    assert str(error) == _sentence(
        server,
        "unauthorized_client (Client is unauthorized to retrieve access tokens using this method)",
        "Let the service account act for the domain (domain-wide delegation): "
        "https://mail.google.com/",
    )
    assert type(error) is TokenSettingsError


async def test_a_key_that_the_server_does_not_know(server: Authorization) -> None:
    wanted = evolve(credential(server, "service account"), service_account_key=server.foreign_key())
    error = await _refused(wanted, None)
    assert str(error) == _sentence(server, "invalid_grant (Invalid JWT Signature)", KEY)
    assert type(error) is TokenSettingsError


@pytest.mark.parametrize(
    "key",
    [
        "{",
        "[]",
        "7",
        json.dumps({"type": "service_account"}),
        json.dumps({"private_key": "canary", "client_email": "a@b.c", "token_uri": "https://a/"}),
        json.dumps({"private_key": 7, "client_email": "a@b.c", "token_uri": "https://a/"}),
        "elliptic",
        "another universe",
    ],
)
async def test_a_key_that_cannot_sign(server: Authorization, key: str) -> None:
    given = {"elliptic": server.elliptic_key, "another universe": server.foreign_universe}.get(key)
    secret = given() if given else Secret(key)
    wanted = evolve(credential(server, "service account"), service_account_key=secret)
    error = await _refused(wanted, None)
    assert str(error) == (
        "The Service Account Key of ann@example.com cannot be used to sign. Set the Service "
        "Account Key again: the JSON key file that Google made for it."
    )
    assert type(error) is TokenSettingsError
    assert not server.asked


# Devices


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("decline", "authorization_declined (AADSTS70016: authorization declined)"),
        ("lapse", "expired_token (AADSTS70016: expired token)"),
    ],
)
async def test_a_device_code_that_comes_to_nothing(
    server: Authorization, what: str, words: str
) -> None:
    oauth, wanted = OAuthServer(), credential(server, "device")
    prompt = await oauth.begin_device(wanted)
    getattr(server, what)(prompt.user_code)
    with pytest.raises(SignInError) as caught:
        await oauth.poll_device(wanted, prompt)
    assert str(caught.value) == _sentence(server, words, AGAIN)


async def test_a_device_code_that_was_used(server: Authorization) -> None:
    oauth, wanted = OAuthServer(), credential(server, "device")
    prompt = await oauth.begin_device(wanted)
    server.approve(prompt.user_code, "ann")
    await oauth.poll_device(wanted, prompt)
    with pytest.raises(SignInError):
        await oauth.poll_device(wanted, prompt)


async def test_an_unknown_client_gets_no_device_code(server: Authorization) -> None:
    wanted = credential(server, "device")
    wanted = evolve(wanted, oauth=evolve(wanted.oauth, client_id="another"))
    with pytest.raises(TokenSettingsError):
        await OAuthServer().begin_device(wanted)


@SIGNED_IN
async def test_a_sign_in_that_could_not_be_renewed_is_none(server: Authorization, way: str) -> None:
    oauth, wanted = OAuthServer(), credential(server, way)
    if way == "device":
        prompt = await oauth.begin_device(wanted)
        server.faults[path(way)] = told(200, {"access_token": "ya29", "token_type": "Bearer"})
        with pytest.raises(SignInError) as caught:
            await oauth.poll_device(wanted, prompt)
    else:
        page = await oauth.begin_browser(wanted)
        landed = server.browse(page.url, "ann")
        server.faults[path(way)] = told(200, {"access_token": "ya29", "token_type": "Bearer"})
        with pytest.raises(SignInError) as caught:
            await oauth.redeem(wanted, page, landed)
    assert str(caught.value) == (
        f"127.0.0.1:{server.port} gave no refresh token for ann@example.com: the sign-in would end "
        "with the first token. Allow the application offline access, and sign in again."
    )
