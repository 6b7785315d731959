"""The staged probe of incoming mail on a real server: the ten types, and what each stage tells."""

from __future__ import annotations

from typing import Final

import pytest
from attrs import evolve

from kana_tui.domain.authentication import AuthType, Protocol
from kana_tui.domain.secret import Secret
from kana_tui.mail.prober import NetworkProber
from kana_tui.ports.mail_source import Account
from kana_tui.ports.probe import Direction
from kana_tui.ports.tokens import SignInError
from kana_tui.services.probing import stages_in
from tests.mail.accounts import GivenTokens, dovecot_account
from tests.mail.probing import failed, names, taken, told
from tests.mail.test_login_table import WRONG_SECRET
from tests.servers.dovecot import Dovecot

EACH_TYPE = pytest.mark.parametrize("auth_type", list(AuthType))
PLAIN: Final = [one for one in AuthType if not one.traits.implicit_tls]
OAUTH: Final = [one for one in AuthType if one.traits.oauth]
CERTIFICATE: Final = "for localhost, 127.0.0.1, ::1; issued by CN=Test CA; 29 days left"
LOGINS: Final = {
    AuthType.POP: "PASS",
    AuthType.EXCHANGE: "AUTH NTLM",
    AuthType.SECURE_POP: "PASS",
    AuthType.APOP: "APOP",
    AuthType.IMAP: "LOGIN",
    AuthType.SECURE_IMAP: "LOGIN",
    AuthType.M365_IMAP: "AUTHENTICATE XOAUTH2",
    AuthType.M365_POP3: "AUTH XOAUTH2",
    AuthType.GOOGLE_IMAP: "AUTHENTICATE XOAUTH2",
    AuthType.GOOGLE_POP3: "AUTH XOAUTH2",
}


def _stages(auth_type: AuthType) -> list[str]:
    tls = ["tls"] if auth_type.traits.implicit_tls else []
    token = ["token"] if auth_type.traits.oauth else []
    return ["dns", "tcp", *tls, "greeting", "capabilities", *token, "login", "count"]


def _prober(dovecot: Dovecot, wanted: Account) -> NetworkProber:
    return NetworkProber(GivenTokens([dovecot.tokens.issue(wanted.user)]))


@EACH_TYPE
async def test_each_stage_of_a_login_that_works(dovecot: Dovecot, auth_type: AuthType) -> None:
    user = dovecot.user()
    for number in range(3):
        dovecot.deliver(user, b"Subject: %d\r\n\r\nx\r\n" % number)
    wanted = dovecot_account(dovecot, auth_type, user)
    probed = await taken(_prober(dovecot, wanted).incoming(wanted))
    assert names(probed) == _stages(auth_type) == list(stages_in(wanted))
    assert all(one.ok and one.hint is None for one in probed)
    assert {one.direction for one in probed} == {Direction.INCOMING}
    assert all(one.seconds >= 0 for one in probed)
    details = told(probed)
    assert details["dns"] == "127.0.0.1"
    assert details["tcp"] == f"127.0.0.1 port {wanted.port}"
    assert details["greeting"].startswith("Dovecot (Debian) ready.")
    assert details["login"].startswith(f"{LOGINS[auth_type]} of {user}: Logged in")
    assert details["count"] == "3 messages wait"
    imap = auth_type.traits.protocol is Protocol.IMAP
    assert ("AUTH=XOAUTH2" if imap else "UIDL") in details["capabilities"].split(", ")
    if "tls" in details:
        assert details["tls"] == f"TLSv1.3, TLS_AES_256_GCM_SHA384; {CERTIFICATE}"
    shown = {one.name.value: one.certificate for one in probed if one.certificate is not None}
    assert shown.keys() == {"tls"} & details.keys()
    assert all(one.names == ("localhost", "127.0.0.1", "::1") for one in shown.values())


@pytest.mark.parametrize("auth_type", PLAIN)
async def test_a_plain_type_that_upgrades(dovecot: Dovecot, auth_type: AuthType) -> None:
    wanted = evolve(dovecot_account(dovecot, auth_type, dovecot.user()), upgrade_tls=True)
    probed = await taken(NetworkProber().incoming(wanted))
    assert names(probed) == ["dns", "tcp", "greeting", "capabilities", "tls", "login", "count"]
    assert names(probed) == list(stages_in(wanted))
    tls = told(probed)["tls"]
    assert tls.startswith(f"TLSv1.3, TLS_AES_256_GCM_SHA384; {CERTIFICATE}; under TLS: ")
    assert "STLS" not in tls
    assert "STARTTLS" not in tls


@EACH_TYPE
async def test_a_wrong_secret_fails_at_the_login(dovecot: Dovecot, auth_type: AuthType) -> None:
    wrong = Secret("swordfish-41")
    wanted = evolve(dovecot_account(dovecot, auth_type, dovecot.user()), secret=wrong)
    probed = await taken(NetworkProber(GivenTokens([wrong])).incoming(wanted))
    assert names(probed) == _stages(auth_type)[:-1]
    name, detail, hint = failed(probed)
    peer = f"{wanted.server}:{wanted.port}"
    assert name == "login"
    assert f"{detail} {hint}" == WRONG_SECRET[auth_type].format(peer=peer, user=wanted.user)
    assert "swordfish" not in str(probed)


@pytest.mark.parametrize("auth_type", OAUTH)
async def test_a_token_that_died_early_is_asked_for_once_more(
    dovecot: Dovecot, auth_type: AuthType
) -> None:
    wanted = dovecot_account(dovecot, auth_type, dovecot.user())
    dead, good = (dovecot.tokens.issue(wanted.user) for _ in range(2))
    dovecot.tokens.revoke(dead)
    tokens = GivenTokens([dead, good])
    probed = await taken(NetworkProber(tokens).incoming(wanted))
    assert names(probed) == _stages(auth_type)
    assert all(one.ok for one in probed)
    assert told(probed)["login"].startswith(
        f"the first token was refused, another one was asked for; {LOGINS[auth_type]} of "
    )
    assert tokens.asked == [None, dead]


@pytest.mark.parametrize("auth_type", OAUTH)
async def test_a_token_says_where_it_is_from(dovecot: Dovecot, auth_type: AuthType) -> None:
    wanted = dovecot_account(dovecot, auth_type, dovecot.user())
    probed = await taken(_prober(dovecot, wanted).incoming(wanted))
    assert told(probed)["token"] == (
        f"an access token for {wanted.user} by device code, from auth.example"
    )


async def test_where_there_is_no_token_the_server_is_known_all_the_same(dovecot: Dovecot) -> None:
    wanted = dovecot_account(dovecot, AuthType.M365_IMAP, dovecot.user())
    nobody = SignInError("Nobody has signed in.", hint="Sign in first.")
    probed = await taken(NetworkProber(GivenTokens([nobody])).incoming(wanted))
    assert names(probed) == ["dns", "tcp", "tls", "greeting", "capabilities", "token"]
    assert failed(probed) == ("token", "Nobody has signed in.", "Sign in first.")


async def test_a_folder_that_does_not_exist_fails_at_the_count(dovecot: Dovecot) -> None:
    made = dovecot_account(dovecot, AuthType.SECURE_IMAP, dovecot.user())
    name, detail, hint = failed(await taken(NetworkProber().incoming(evolve(made, folder="Nope"))))
    assert (name, bool(hint)) == ("count", True)
    assert "Nope" in detail


async def test_nothing_is_downloaded_or_deleted(dovecot: Dovecot) -> None:
    user = dovecot.user()
    dovecot.deliver(user, b"Subject: stays\r\n\r\nx\r\n")
    for auth_type in (AuthType.POP, AuthType.IMAP):
        wanted = dovecot_account(dovecot, auth_type, user)
        for _ in range(2):
            probed = await taken(NetworkProber().incoming(wanted))
            assert told(probed)["count"] == "1 message waits"
