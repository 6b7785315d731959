"""Every grant against a server that checks it; nothing but the form's own URLs is asked."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from attrs import evolve

from kana_tui.domain.authentication import AuthType
from kana_tui.domain.fields.oauth import Grant, OAuthFields
from kana_tui.domain.secret import Secret
from kana_tui.mail.oauth import OAuthServer
from kana_tui.mail.oauth.client import device_url
from kana_tui.ports.tokens import SignInError, TokenDelayedError, TokenSettingsError
from tests.mail.oauth.credentials import (
    EACH_WAY,
    SIGNED_IN,
    credential,
    path,
    refresh_for,
    renewed,
    signed_in,
    without_secret,
)
from tests.servers.authorization import (
    CLIENT_ID,
    MICROSOFT_DEVICE,
    MICROSOFT_TOKEN,
    Authorization,
)
from tests.servers.authorization_grants import ASSERTION, DEVICE

GRANT_TYPES = {
    "application": "client_credentials",
    "service account": ASSERTION,
}


def _user(server: Authorization, token: Secret) -> object:
    """Whose mailbox a token opens."""
    return server.tokens.answer("/introspect", {"token": token.reveal()})["username"]


@EACH_WAY
async def test_a_renewal_gives_a_token_and_asks_once(server: Authorization, way: str) -> None:
    granted = await renewed(server, way)
    assert _user(server, granted.access) == ("application" if way == "application" else "ann")
    assert granted.lasts_s == 3599
    assert server.asked == {(path(way), GRANT_TYPES.get(way, "refresh_token")): 1}


@SIGNED_IN
async def test_whoever_signs_in_gets_a_token_that_can_be_renewed(
    server: Authorization, way: str
) -> None:
    granted = await signed_in(server, way)
    assert _user(server, granted.access) == "ann"
    again = await OAuthServer().renew(credential(server, way), granted.refresh)
    assert _user(server, again.access) == "ann"


@SIGNED_IN
@pytest.mark.parametrize("sends", [False, True])
async def test_the_scope_is_what_the_mailbox_needs(
    server: Authorization, way: str, sends: bool
) -> None:
    wanted = evolve(credential(server, way), sends=sends)
    if way == "device":
        await OAuthServer().begin_device(wanted)
        scope = server.forms[-1]["scope"]
    else:
        page = await OAuthServer().begin_browser(wanted)
        scope = parse_qs(urlsplit(page.url).query)["scope"][0]
    expected = {"https://mail.google.com/"}
    if way != "google browser":
        kind = "POP" if wanted.auth_type is AuthType.M365_POP3 else "IMAP"
        expected = {f"https://outlook.office.com/{kind}.AccessAsUser.All", "offline_access"}
        expected |= {"https://outlook.office.com/SMTP.Send"} if sends else set()
    assert set(scope.split()) == expected


@SIGNED_IN
async def test_a_public_client_shows_no_secret(server: Authorization, way: str) -> None:
    server.client_secret = None
    wanted = without_secret(credential(server, way))
    granted = await OAuthServer().renew(wanted, server.sign_in("ann"))
    assert _user(server, granted.access) == "ann"


async def test_a_rotated_refresh_token_comes_along_and_the_old_one_is_dead(
    server: Authorization,
) -> None:
    oauth, wanted, old = OAuthServer(), credential(server, "device"), server.sign_in("ann")
    granted = await oauth.renew(wanted, old)
    assert granted.refresh not in (None, old)
    with pytest.raises(SignInError):
        await oauth.renew(wanted, old)
    assert (await oauth.renew(wanted, granted.refresh)).refresh is not None


async def test_where_the_server_does_not_rotate_none_comes(server: Authorization) -> None:
    server.rotates = False
    assert (await renewed(server, "browser")).refresh is None
    assert (await renewed(server, "google browser")).refresh is None


@pytest.mark.parametrize(
    ("told", "lasts_s"),
    [
        (None, 300),
        ("3599", 3599),
        ("soon", 300),
        (-5, 300),
        (0, 300),
        (10**400, 86_400),
        (True, 300),
        (0.5, 0.5),
    ],
)
@pytest.mark.parametrize("way", ["application", "google browser", "service account"])
async def test_a_token_lasts_what_can_be_believed(
    server: Authorization, way: str, told: object, lasts_s: float
) -> None:
    server.expires_in = told
    assert (await renewed(server, way)).lasts_s == lasts_s


# Devices


async def test_a_device_prompt_tells_what_the_server_tells(server: Authorization) -> None:
    server.interval, server.device_lasts = 7, 600
    prompt = await OAuthServer().begin_device(credential(server, "device"))
    assert prompt.verification_url == f"{server.url}/device"
    assert [prompt.user_code] == server.user_codes
    assert (prompt.interval_s, prompt.lasts_s) == (7, 600)
    assert server.asked == {(MICROSOFT_DEVICE, ""): 1}


@pytest.mark.parametrize(
    ("interval", "lasts", "expected"),
    [
        (None, None, (5, 900)),
        (0, 0, (1, 0)),
        (10**6, 10**6, (60, 3600)),
        ("3", "60", (3, 60)),
    ],
)
async def test_a_device_prompts_times_stay_within_reason(
    server: Authorization, interval: object, lasts: object, expected: tuple[float, float]
) -> None:
    server.interval, server.device_lasts = interval, lasts
    prompt = await OAuthServer().begin_device(credential(server, "device"))
    assert (prompt.interval_s, prompt.lasts_s) == expected


async def test_until_somebody_types_the_code_there_is_nothing(server: Authorization) -> None:
    oauth, wanted = OAuthServer(), credential(server, "device")
    prompt = await oauth.begin_device(wanted)
    assert await oauth.poll_device(wanted, prompt) is None
    assert await oauth.poll_device(wanted, prompt) is None
    server.approve(prompt.user_code, "ann")
    assert await oauth.poll_device(wanted, prompt) is not None
    assert server.asked[MICROSOFT_TOKEN, DEVICE] == 3


async def test_a_hurried_device_is_told_to_ask_less_often(server: Authorization) -> None:
    oauth, wanted = OAuthServer(), credential(server, "device")
    prompt = await oauth.begin_device(wanted)
    server.hurried(prompt.user_code)
    with pytest.raises(TokenDelayedError) as caught:
        await oauth.poll_device(wanted, prompt)
    assert caught.value.retry_after_s == prompt.interval_s + 5
    assert await oauth.poll_device(wanted, prompt) is None


@pytest.mark.parametrize(
    ("token_url", "authorization_url", "expected"),
    [
        ("https://a/t/oauth2/v2.0/token", "https://b/x", "https://a/t/oauth2/v2.0/devicecode"),
        ("https://a/token?x=1", "https://b/x", "https://a/devicecode"),
        ("https://a/t", "https://b/t/authorize", "https://b/t/devicecode"),
        ("https://a", "https://b", "https://b/devicecode"),
    ],
)
def test_where_a_device_code_is_asked_for(
    token_url: str, authorization_url: str, expected: str
) -> None:
    fields = OAuthFields(
        oauth_grant=Grant.DEVICE_CODE,
        authorization_url=authorization_url,
        token_url=token_url,
        client_id="kana",
    )
    assert device_url(fields) == expected


# What is missing


@SIGNED_IN
async def test_where_nobody_has_signed_in_nobody_is_asked(server: Authorization, way: str) -> None:
    with pytest.raises(SignInError) as caught:
        await OAuthServer().renew(credential(server, way), None)
    assert str(caught.value) == (
        "Nobody has signed in for ann@example.com. "
        "Sign in first: kana-tui mailbox authorize ann@example.com"
    )
    assert not server.asked


@pytest.mark.parametrize(
    ("way", "sentence"),
    [
        (
            "application",
            (
                f"The client {CLIENT_ID} has no Client Secret, which this grant needs. "
                "Set it, or choose a Grant for which somebody signs in."
            ),
        ),
        (
            "service account",
            (
                "ann@example.com has no Service Account Key. Set the Service Account Key again: "
                "the JSON key file that Google made for it."
            ),
        ),
    ],
)
async def test_what_a_grant_needs_is_asked_for_before_the_server_is(
    server: Authorization, way: str, sentence: str
) -> None:
    wanted = evolve(credential(server, way), client_secret=None, service_account_key=None)
    with pytest.raises(TokenSettingsError) as caught:
        await OAuthServer().renew(wanted, None)
    assert str(caught.value) == sentence
    assert not server.asked


@pytest.mark.parametrize("way", ["application", "device", "browser", "google browser"])
async def test_without_a_client_id_nobody_is_asked(server: Authorization, way: str) -> None:
    wanted = credential(server, way)
    wanted = evolve(wanted, oauth=evolve(wanted.oauth, client_id=""))
    with pytest.raises(TokenSettingsError) as caught:
        await OAuthServer().renew(wanted, refresh_for(server, way))
    whose = (
        f"What 127.0.0.1:{server.port} is asked with" if way == "application" else "ann@example.com"
    )
    assert str(caught.value) == (
        f"{whose} has no Client (Application) ID. Set it to what the application was registered as."
    )
    assert not server.asked
