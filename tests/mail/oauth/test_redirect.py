"""The address that a browser ended at, as somebody pasted it."""

from __future__ import annotations

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from kana_tui.domain.secret import Secret
from kana_tui.mail.oauth import OAuthServer
from kana_tui.mail.oauth.redirect import PASTED_MOST, code_in
from kana_tui.ports.authorization import BrowserPrompt
from kana_tui.ports.tokens import SignInError
from tests.mail.oauth.credentials import credential
from tests.servers.authorization import MICROSOFT_TOKEN, Authorization

STATE, CODE = "state-4711", "0.code-canary"
PROMPT = BrowserPrompt("https://a/", "http://localhost", Secret(STATE), Secret("verifier"))
GOOD = f"http://localhost/?code={CODE}&state={STATE}"
PASTE = "Paste the whole address that the browser ended at; it begins with http://localhost/?"
ANOTHER = "The address belongs to another sign-in. "
AGAIN = "Begin the sign-in once more, and use its new address."
NO_ADDRESS = f"That is not the address that a sign-in ends at. {PASTE}"
BROWSERS = pytest.mark.parametrize("way", ["browser", "google browser"])


def _refused(pasted: str) -> str:
    with pytest.raises(SignInError) as caught:
        code_in(PROMPT, pasted)
    sentence = str(caught.value)
    assert CODE not in sentence
    assert STATE not in sentence
    return sentence


@pytest.mark.parametrize(
    "pasted",
    [
        GOOD,
        f"  {GOOD}\n",
        GOOD.replace("localhost/?", "localhost?"),
        f"HTTP://LocalHost/?{GOOD.partition('?')[2]}",
        f"{GOOD}&session_state=7#",
        f"{GOOD[:30]}\r\n  {GOOD[30:]}",
    ],
)
def test_the_code_is_found(pasted: str) -> None:
    assert code_in(PROMPT, pasted) == CODE


@pytest.mark.parametrize(
    "pasted",
    [
        "",
        "yes",
        CODE,
        f"code={CODE}&state={STATE}",
        "http://[",
        "http://localhost:99999/",
        f"http://localhost.evil.example/?code={CODE}&state={STATE}",
        f"http://localhost:8080/?code={CODE}&state={STATE}",
        f"https://login.example/authorize?code={CODE}&state={STATE}",
        f"http://localhost/?code=%ff&state={STATE}",
        f"http://localhost/?{'a=1&' * 60}code={CODE}",
        f"{GOOD}&x={'y' * PASTED_MOST}",
    ],
)
def test_what_is_no_such_address_is_refused(pasted: str) -> None:
    assert _refused(pasted) == NO_ADDRESS


@pytest.mark.parametrize(
    "pasted",
    [
        f"http://localhost/?code={CODE}",
        f"http://localhost/?code={CODE}&state=another",
        f"http://localhost/?code={CODE}&state=",
        f"{GOOD}&state={STATE}",
        f"http://localhost/?error=access_denied&state=another{STATE}",
    ],
)
def test_the_address_of_another_sign_in_is_refused(pasted: str) -> None:
    assert _refused(pasted) == ANOTHER + AGAIN


@pytest.mark.parametrize("code", ["", "code=", f"code={CODE}&code={CODE}"])
def test_an_address_without_one_code_is_refused(code: str) -> None:
    assert _refused(f"http://localhost/?{code}&state={STATE}") == (
        f"The address has no code in it. {PASTE}"
    )


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        ("error=access_denied", "The sign-in was refused: access_denied. "),
        (
            "error=access_denied&error_description=AADSTS65004:+User+declined.%0D%0ATrace",
            "The sign-in was refused: access_denied (AADSTS65004: User declined). ",
        ),
        ("error=%1b%5b2J", "The sign-in was refused: \\x1b[2J. "),
    ],
)
def test_a_refusal_is_told_in_the_servers_words(told: str, sentence: str) -> None:
    assert _refused(f"http://localhost/?{told}&state={STATE}") == sentence + AGAIN


@given(st.text())
def test_whatever_is_pasted_is_judged(pasted: str) -> None:
    _refused(pasted)


@given(st.text())
def test_no_state_but_the_own_one_is_taken(state: str) -> None:
    if state != STATE:
        with pytest.raises(SignInError):
            code_in(PROMPT, f"http://localhost/?code={CODE}&state={state}")


# With a server


@BROWSERS
async def test_somebody_who_declines(server: Authorization, way: str) -> None:
    oauth, wanted = OAuthServer(), credential(server, way)
    page = await oauth.begin_browser(wanted)
    with pytest.raises(SignInError) as caught:
        await oauth.redeem(wanted, page, server.refuse(page.url))
    assert str(caught.value) == (
        f"The sign-in was refused: access_denied (The user has denied access). {AGAIN}"
    )
    assert not server.asked


@BROWSERS
async def test_each_sign_in_has_a_state_and_a_verifier_of_its_own(
    server: Authorization, way: str
) -> None:
    oauth, wanted = OAuthServer(), credential(server, way)
    first, second = await oauth.begin_browser(wanted), await oauth.begin_browser(wanted)
    assert first.state != second.state
    assert first.verifier != second.verifier
    assert not server.asked
    with pytest.raises(SignInError) as caught:
        await oauth.redeem(wanted, second, server.browse(first.url, "ann"))
    assert str(caught.value) == ANOTHER + AGAIN


@BROWSERS
async def test_a_code_is_worth_nothing_without_its_verifier(
    server: Authorization, way: str
) -> None:
    oauth, wanted = OAuthServer(), credential(server, way)
    page = await oauth.begin_browser(wanted)
    stolen = evolve(page, verifier=Secret("x" * 43))
    with pytest.raises(SignInError) as caught:
        await oauth.redeem(wanted, stolen, server.browse(page.url, "ann"))
    assert "invalid_grant (Invalid code verifier)" in str(caught.value)


@BROWSERS
async def test_a_code_serves_once(server: Authorization, way: str) -> None:
    oauth, wanted = OAuthServer(), credential(server, way)
    page = await oauth.begin_browser(wanted)
    landed = server.browse(page.url, "ann")
    await oauth.redeem(wanted, page, landed)
    with pytest.raises(SignInError):
        await oauth.redeem(wanted, page, landed)


async def test_the_sign_in_page_must_be_a_safe_one(server: Authorization) -> None:
    wanted = credential(server, "browser")
    unsafe = evolve(wanted.oauth, authorization_url="http://login.example/authorize")
    with pytest.raises(Exception, match="which is only for a loopback address"):
        await OAuthServer().begin_browser(evolve(wanted, oauth=unsafe))
    assert not server.asked[MICROSOFT_TOKEN, ""]
