"""No secret, assertion, code or token stands in an error, a traceback, a log or on a terminal,
even where the server repeats all that it was sent."""

from __future__ import annotations

import logging
import traceback
from base64 import b64encode, urlsafe_b64encode
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest
from attrs import evolve

from kana_tui.domain.secret import Secret
from kana_tui.mail.oauth import OAuthServer
from kana_tui.ports.tokens import TokenError
from tests.mail.oauth.credentials import EACH_WAY, SIGNED_IN, credential, path, refresh_for
from tests.servers import authorization_faults as faults
from tests.servers.authorization import Authorization, running_authorization
from tests.servers.authorization_faults import Fault
from tests.servers.certificates import Authority

PUBLIC = {"client_id", "grant_type", "redirect_uri", "scope"}
WRONG = Secret("canary-secret/41+äß")


def _private(server: Authorization) -> set[str]:
    """All that was sent and is nobody else's business, and the tokens that were given."""
    sent = {form[name] for form in server.forms for name in form.keys() - PUBLIC}
    return sent | set(server.tokens._users)


def _spellings(text: str) -> set[str]:
    raw = text.encode()
    coded = {encode(raw).rstrip(b"=").decode() for encode in (b64encode, urlsafe_b64encode)}
    return {text, quote(text, safe=""), quote_plus(text), *coded}


def _seen(caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> str:
    out, err = capfd.readouterr()
    records = "\n".join(f"{one.getMessage()} {one.__dict__}" for one in caplog.records)
    return f"{caplog.text}\n{records}\n{out}\n{err}"


def _check(server: Authorization, seen: str) -> None:
    private = _private(server)
    assert private
    for text in private:
        for spelling in _spellings(text):
            assert spelling.lower() not in seen.lower()
            assert spelling[:40].lower() not in seen.lower()


@pytest.fixture
def everything_logged(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.DEBUG)
    for name in ("urllib3", "requests", "msal", "google", "google.auth", "asyncio"):
        caplog.set_level(logging.DEBUG, logger=name)
    return caplog


@EACH_WAY
async def test_nothing_is_said_of_a_renewal(
    server: Authorization,
    way: str,
    everything_logged: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    wanted = credential(server, way)
    granted = await OAuthServer().renew(wanted, refresh_for(server, way))
    seen = _seen(everything_logged, capfd) + repr(wanted) + repr(granted)
    assert "POST" in seen  # the log was on
    _check(server, seen)


@EACH_WAY
@pytest.mark.parametrize(
    "fault",
    [
        faults.broken(),
        faults.too_many("9"),
        faults.bad_json(),
        faults.html(),
        faults.dropped,
        faults.redirected("https://elsewhere.example/"),
        faults.told(200, {}),
        None,
    ],
)
async def test_nothing_is_said_where_it_fails(
    server: Authorization,
    way: str,
    fault: Fault | None,
    everything_logged: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    wanted = credential(server, way)
    if fault is not None:
        server.faults[path(way)] = fault
    elif way == "service account":
        wanted = evolve(wanted, service_account_key=server.foreign_key())
    else:
        wanted = evolve(wanted, client_secret=WRONG)
    server.repeats = True
    with pytest.raises(TokenError) as caught:
        await OAuthServer().renew(wanted, refresh_for(server, way))
    told = "".join(traceback.format_exception(caught.value))
    assert fault is not None or "You sent: …" in caught.value.message or "… " in told
    _check(server, _seen(everything_logged, capfd) + told + repr(caught.value))


@SIGNED_IN
async def test_nothing_is_said_of_a_sign_in(
    server: Authorization,
    way: str,
    everything_logged: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    oauth, wanted = OAuthServer(), credential(server, way)
    server.repeats = True
    told = ""
    if way == "device":
        prompt = await oauth.begin_device(wanted)
        assert await oauth.poll_device(wanted, prompt) is None
        server.decline(prompt.user_code)
        with pytest.raises(TokenError) as caught:
            await oauth.poll_device(wanted, prompt)
        told = repr(prompt)
    else:
        page = await oauth.begin_browser(wanted)
        landed = server.browse(page.url, "ann")
        with pytest.raises(TokenError) as caught:
            await oauth.redeem(evolve(wanted, client_secret=WRONG), page, landed)
        assert page.verifier.reveal() not in page.url
        told = page.verifier.reveal() and repr(page.verifier)
    told += "".join(traceback.format_exception(caught.value))
    _check(server, _seen(everything_logged, capfd) + told)


async def test_a_servers_words_cannot_steer_a_terminal(server: Authorization) -> None:
    words = "\x1b]0;owned\x07\u202egood\nsecond line"
    server.faults[path("application")] = faults.told(
        400, {"error": "invalid_client\x1b[2J", "error_description": words}
    )
    with pytest.raises(TokenError) as caught:
        await OAuthServer().renew(credential(server, "application"), None)
    assert "(\\x1b]0;owned\\x07\\u202egood)" in caught.value.message
    assert str(caught.value).isprintable()


async def test_a_refused_certificate_leaves_no_secret_in_the_traceback(
    server: Authorization, tmp_path: Path
) -> None:
    pair = Authority(tmp_path).issue("auth", ["127.0.0.1"])
    with running_authorization(server.tokens, pair) as secure:
        wanted, refresh = credential(secure, "device"), secure.sign_in("ann")
        with pytest.raises(TokenError) as caught:
            await OAuthServer().renew(wanted, refresh)
    told = "".join(traceback.format_exception(caught.value))
    assert wanted.client_secret is not None
    for secret in (wanted.client_secret, refresh):
        assert not any(spelling in told for spelling in _spellings(secret.reveal()))


async def test_a_key_that_cannot_sign_leaves_nothing_of_it(server: Authorization) -> None:
    key = server.elliptic_key()
    wanted = evolve(credential(server, "service account"), service_account_key=key)
    with pytest.raises(TokenError) as caught:
        await OAuthServer().renew(wanted, None)
    told = "".join(traceback.format_exception(caught.value))
    body = key.reveal().partition("PRIVATE KEY-----\\n")[2][:40]
    assert len(body) == 40
    assert body not in told
