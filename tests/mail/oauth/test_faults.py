"""An authorization server that is away, slow or odd: what a person reads, and that it was asked
once."""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from threading import Event

import pytest
from attrs import evolve

from kana_tui.mail.oauth import OAuthServer
from kana_tui.mail.oauth.session import ANSWER_BYTES
from kana_tui.ports.tokens import TokenDelayedError, TokenError, TokenSettingsError
from tests.mail.oauth.credentials import (
    EACH_WAY,
    credential,
    path,
    refresh_for,
    renewed,
)
from tests.servers import authorization_faults as faults
from tests.servers.authorization import MICROSOFT_DEVICE, MICROSOFT_TOKEN, Authorization
from tests.servers.authorization_faults import Fault
from tests.servers.ports import free_ports

BY_ITSELF = "It is asked again by itself."
CHECK = "Check the Token Url; it is asked again by itself."
NETWORK = "Check the Token Url, and this host's network and DNS."

ODD: dict[str, tuple[Callable[[], Fault], str]] = {
    "500": (lambda: faults.broken(500), f"cannot answer now (500). {BY_ITSELF}"),
    "503": (lambda: faults.broken(503), f"cannot answer now (503). {BY_ITSELF}"),
    "a page with 502": (lambda: faults.html(502), f"cannot answer now (502). {BY_ITSELF}"),
    "429": (
        lambda: faults.too_many(None),
        f"wants no more questions for a while (429: temporarily_unavailable). {BY_ITSELF}",
    ),
    "429 with a time": (
        lambda: faults.too_many("17"),
        f"wants no more questions for 17 s (429: temporarily_unavailable). {BY_ITSELF}",
    ),
    "busy with 400": (
        lambda: faults.told(
            400, {"error": "temporarily_unavailable", "error_description": "AADSTS90033: Soon."}
        ),
        f"cannot answer now (400: temporarily_unavailable (AADSTS90033: Soon)). {BY_ITSELF}",
    ),
    "a page": (faults.html, f"answered with a web page (200). {CHECK}"),
    "a page with 403": (lambda: faults.html(403), f"answered with a web page (403). {CHECK}"),
    "half a JSON": (faults.bad_json, f"answered with what is no JSON object (200). {CHECK}"),
    "JSON that tells nothing": (
        lambda: faults.told(400, {"message": "no"}),
        f"refused without an OAuth error that says why (400). {CHECK}",
    ),
    "a list": (
        lambda: faults.told(200, []),
        f"answered with what is no JSON object (200). {CHECK}",
    ),
    "deep JSON": (
        lambda: faults.answered(200, b"[" * 100_000),
        f"answered with what is no JSON object (200). {CHECK}",
    ),
    "no body": (
        lambda: faults.answered(200, b""),
        f"answered with what is no JSON object (200). {CHECK}",
    ),
    "no token": (
        lambda: faults.told(200, {"token_type": "Bearer", "scope": 5}),
        f"answered without an access token that a login can carry. {CHECK}",
    ),
    "a token that is none": (
        lambda: faults.told(200, {"access_token": ["ya29"], "expires_in": "x"}),
        f"answered without an access token that a login can carry. {CHECK}",
    ),
    "a token with a line break": (
        lambda: faults.told(200, {"access_token": "ya29\r\nA1 LOGOUT"}),
        f"answered without an access token that a login can carry. {CHECK}",
    ),
    "a refresh token with a line break": (
        lambda: faults.told(200, {"access_token": "ya29", "refresh_token": "a\nb"}),
        f"gave a refresh token with a character that none has. {CHECK}",
    ),
    "a huge body": (
        lambda: faults.huge,
        f"answered with more than {ANSWER_BYTES:,} bytes, which no token needs. {CHECK}",
    ),
    "a dropped connection": (
        lambda: faults.dropped,
        f"closed the connection before its answer was complete. {NETWORK}",
    ),
    "another protocol": (
        lambda: faults.no_http,
        f"does not speak HTTP on this port. {NETWORK}",
    ),
    "half a body": (
        lambda: faults.cut_short,
        f"closed the connection before its answer was complete. {NETWORK}",
    ),
}
ELSEWHERE = (
    "redirects to another address, which is not followed. "
    "Set the Token Url to where the server answers itself."
)
WRONG: dict[str, tuple[Callable[[], Fault], str]] = {
    "a redirect": (
        lambda: faults.redirected("https://elsewhere.example/token"),
        ELSEWHERE,
    ),
    "a lasting redirect": (
        lambda: faults.redirected("/elsewhere", 308),
        ELSEWHERE,
    ),
    "nothing there": (
        lambda: faults.html(404),
        "has nothing at that address (404). Check the Token Url.",
    ),
    "another token type": (
        lambda: faults.told(200, {"access_token": "ya29", "token_type": "mac\x1b"}),
        "gave a token of the type mac\\x1b; mail servers take Bearer. Check the Token Url.",
    ),
}


async def _error(server: Authorization, way: str) -> TokenError:
    with pytest.raises(TokenError) as caught:
        await renewed(server, way)
    return caught.value


@EACH_WAY
@pytest.mark.parametrize("what", ODD)
async def test_trouble_that_passes(server: Authorization, way: str, what: str) -> None:
    fault, sentence = ODD[what]
    server.faults[path(way)] = fault()
    error = await _error(server, way)
    assert str(error) == f"127.0.0.1:{server.port} {sentence}"
    assert type(error) is TokenDelayedError
    assert server.asked.total() == 1


@EACH_WAY
@pytest.mark.parametrize("what", WRONG)
async def test_what_does_not_pass_without_an_edit(
    server: Authorization, way: str, what: str
) -> None:
    fault, sentence = WRONG[what]
    server.faults[path(way)] = fault()
    error = await _error(server, way)
    assert str(error) == f"127.0.0.1:{server.port} {sentence}"
    assert type(error) is TokenSettingsError
    assert server.asked.total() == 1


@pytest.mark.parametrize("what", ["500", "a page", "a huge body", "a dropped connection"])
async def test_the_same_where_a_device_code_is_asked_for(server: Authorization, what: str) -> None:
    fault, sentence = ODD[what]
    server.faults[MICROSOFT_DEVICE] = fault()
    with pytest.raises(TokenDelayedError) as caught:
        await OAuthServer().begin_device(credential(server, "device"))
    assert str(caught.value) == f"127.0.0.1:{server.port} {sentence}"


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"user_code": "A B", "device_code": "x", "verification_uri": "https://a.example/"},
        {"user_code": "AB", "device_code": "x", "verification_uri": "javascript:alert(1)"},
        {"user_code": "AB", "device_code": "x", "verification_uri": "http://a.example/"},
        {"user_code": "AB", "device_code": "x", "verification_uri": "https://a.example/\x1b"},
        {"user_code": "AB", "device_code": "", "verification_uri": "https://a.example/"},
        {"user_code": "\x1b[2J", "device_code": "x", "verification_uri": "https://a.example/"},
        {"user_code": "A" * 41, "device_code": "x", "verification_uri": "https://a.example/"},
    ],
)
async def test_a_device_prompt_that_nobody_could_or_should_follow(
    server: Authorization, answer: dict[str, str]
) -> None:
    server.faults[MICROSOFT_DEVICE] = faults.told(200, answer)
    with pytest.raises(TokenDelayedError) as caught:
        await OAuthServer().begin_device(credential(server, "device"))
    assert str(caught.value) == (
        f"127.0.0.1:{server.port} answered without a code to type, or without a safe address for "
        "it. Check the Token Url, and that the server has the device code grant."
    )


@pytest.mark.parametrize(
    ("header", "least", "most"),
    [
        ("0", 0, 0),
        ("17", 17, 17),
        ("86400", 3600, 3600),
        ("9" * 15, 3600, 3600),
        ("-5", None, None),
        ("soon", None, None),
        ("Wed, 99 Nov 2026 07:28:00 GMT", None, None),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0, 0),
        (timedelta(days=9), 3600, 3600),
        (timedelta(seconds=1800), 1, 1800),
    ],
)
async def test_what_the_server_wishes_is_told_within_reason(
    server: Authorization, header: str | timedelta, least: float | None, most: float | None
) -> None:
    if isinstance(header, timedelta):  # from now on, as an HTTP date
        header = format_datetime(datetime.now(UTC) + header, usegmt=True)
    for status in (429, 503):
        server.faults[MICROSOFT_TOKEN] = faults.told(status, {}, {"Retry-After": header})
        error = await _error(server, "application")
        assert isinstance(error, TokenDelayedError)
        if least is None or most is None:
            assert error.retry_after_s is None
        else:
            assert error.retry_after_s is not None
            assert least <= error.retry_after_s <= most


@EACH_WAY
async def test_a_server_that_is_down(server: Authorization, way: str) -> None:
    port = free_ports(1)[0]
    wanted = credential(server, way)
    url = f"http://127.0.0.1:{port}{path(way)}"
    wanted = evolve(wanted, oauth=evolve(wanted.oauth, token_url=url))
    with pytest.raises(TokenDelayedError) as caught:
        await OAuthServer().renew(wanted, refresh_for(server, way))
    assert str(caught.value) == f"127.0.0.1:{port} refuses the connection. {NETWORK}"


async def test_a_host_that_does_not_exist(server: Authorization) -> None:
    wanted = credential(server, "application")
    wanted = evolve(wanted, oauth=evolve(wanted.oauth, token_url="https://auth.invalid/token"))
    with pytest.raises(TokenDelayedError) as caught:
        await OAuthServer().renew(wanted, None)
    assert str(caught.value).startswith("auth.invalid was not found: ")
    assert caught.value.hint == NETWORK


async def test_a_host_that_takes_no_connection(server: Authorization) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        port = full.getsockname()[1]
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(("127.0.0.1", port))
        wanted = evolve(credential(server, "application"), timeout_s=0.8)
        url = f"http://127.0.0.1:{port}/token"
        with pytest.raises(TokenDelayedError) as caught:
            await OAuthServer().renew(
                evolve(wanted, oauth=evolve(wanted.oauth, token_url=url)), None
            )
        for one in waiting:
            one.close()
    assert str(caught.value) == (
        f"127.0.0.1:{port} cannot be connected to: it does not answer. {NETWORK}"
    )


@pytest.mark.parametrize(
    ("failure", "sentence"),
    [
        (
            OSError(errno.ENETUNREACH, "Network is unreachable"),
            "cannot be connected to (Network is unreachable)",
        ),
        (socket.gaierror(socket.EAI_NONAME, "no"), "was not found: there is no such host"),
        (socket.gaierror(socket.EAI_AGAIN, "no"), "was not found: the name servers do not answer"),
    ],
)
async def test_a_network_that_leads_nowhere(
    server: Authorization, failure: OSError, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def create_connection(*_arguments: object, **_options: object) -> None:
        raise failure

    monkeypatch.setattr("urllib3.util.connection.create_connection", create_connection)
    with pytest.raises(TokenDelayedError) as caught:
        await OAuthServer().renew(credential(server, "application"), None)
    assert str(caught.value) == f"127.0.0.1:{server.port} {sentence}. {NETWORK}"


@EACH_WAY
@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("http://login.example/token", "is http, which is only for a loopback address"),
        ("file:///etc/passwd", "is not an https URL"),
        ("https://u:p@login.example/token", "holds a user, password or #fragment"),
    ],
)
async def test_nothing_is_sent_to_an_unsafe_url(
    server: Authorization, way: str, url: str, words: str
) -> None:
    wanted = credential(server, way)
    wanted = evolve(wanted, oauth=evolve(wanted.oauth, token_url=url))
    with pytest.raises(TokenSettingsError) as caught:
        await OAuthServer().renew(wanted, refresh_for(server, way))
    assert caught.value.message == f"Token Url “{url}” {words}; nothing was sent there."


@EACH_WAY
async def test_a_slow_server_is_waited_for_as_long_as_the_mailbox_says(
    server: Authorization, way: str
) -> None:
    until = Event()
    server.faults[path(way)] = faults.slow(until)
    wanted = evolve(credential(server, way), timeout_s=0.2)
    try:
        with pytest.raises(TokenDelayedError) as caught:
            await OAuthServer().renew(wanted, refresh_for(server, way))
    finally:
        until.set()
    assert str(caught.value) == f"127.0.0.1:{server.port}: no answer after 0.2 s. {NETWORK}"


async def test_while_one_is_waited_for_all_else_goes_on(server: Authorization) -> None:
    until = Event()
    server.faults[MICROSOFT_TOKEN] = faults.slow(until)
    slow = asyncio.create_task(renewed(server, "application"))
    try:
        while not server.asked.total():
            await asyncio.sleep(0)
        assert (await renewed(server, "service account")).access
        assert not slow.done()
    finally:
        until.set()
    assert (await slow).access
