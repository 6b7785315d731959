"""A mailbox's letters from the store to a real SMTP server, as its form says at that moment."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from attrs import evolve

from kana_tui.domain.authentication import AuthType
from kana_tui.domain.backoff import REFUSALS_AT_PACE, REFUSED_EACH_S
from kana_tui.domain.secret import Secret
from kana_tui.domain.settings import SenderSettings, Settings
from kana_tui.mail.smtp_sender import SmtpMailSender
from kana_tui.ports.outbox import OutboundKind, OutboundRow, OutboundState
from kana_tui.ports.tokens import Credential
from kana_tui.services.accounts import account_of
from kana_tui.services.sending import Sending, SendingPorts
from tests.contracts.outbox import a_letter, stored
from tests.mail.smtp_relays import NO_TLS_SEEN, secured
from tests.servers.certificates import Authority
from tests.servers.ports import free_ports
from tests.servers.smtp import STORED_THEN_DROPPED, running_smtp
from tests.servers.smtp_logins import SMTP_PASSWORD, USER
from tests.services.desk import Desk

pytestmark = NO_TLS_SEEN


class OneToken:
    """Implements `Tokens`; remembers whom they were for."""

    def __init__(self) -> None:
        self.asked: list[Credential] = []

    async def token(self, credential: Credential, *, refused: Secret | None = None) -> Secret:
        self.asked.append(credential)
        return Secret("good")


async def _written(desk: Desk, kind: OutboundKind, to: str = "ops") -> None:
    """A letter of the desk's mailbox."""
    letter = a_letter(1, f"{to}@acme.test")
    await stored(desk.store, evolve(letter, kind=kind, mailbox_id=desk.mailbox.id))


def _sending(desk: Desk, default_port: int, tokens: Any = None) -> Sending:
    sender = SmtpMailSender(tokens or OneToken())
    store, settings = desk.store, Settings(sender=SenderSettings("127.0.0.1", default_port))
    ports = SendingPorts(
        store.outbox, sender, store.secrets, desk.clock, lambda: 0.0, store.mailboxes
    )
    return Sending(ports, lambda: settings, "mx1")


async def _attempted(desk: Desk, sending: Sending) -> OutboundRow:
    """The one letter that is due, attempted once, and how that ended."""
    (claimed,) = await sending.claim(9)
    await sending.settle(claimed, await sending.attempt(claimed))
    (row,) = await desk.store.outbox.list()
    return row


async def _sent(
    desk: Desk, *, kind: OutboundKind, default_port: int, tokens: Any = None, to: str = "ops"
) -> OutboundRow:
    await _written(desk, kind, to)
    return await _attempted(desk, _sending(desk, default_port, tokens))


@pytest.mark.parametrize("kind", [OutboundKind.REPLY, OutboundKind.ALERT])
async def test_a_reply_leaves_by_its_mailboxs_server_and_an_alert_by_the_default_one(
    desk: Desk, kind: OutboundKind
) -> None:
    with running_smtp(login=True) as own, running_smtp() as default:
        fields = {"smtp_server": "127.0.0.1", "smtp_port": own.port, "smtp_user": USER}
        await desk.open(smtp_auth=True, **fields)
        await desk.edit({"smtp_password": Secret(SMTP_PASSWORD)})
        row = await _sent(desk, kind=kind, default_port=default.port)
        assert (row.state, row.last_error) == (OutboundState.SENT, None)
        mine, others = (own, default) if kind is OutboundKind.REPLY else (default, own)
        assert [mail.message_id for mail in mine.mails] == ["<1@acme.test>"]
        assert others.mails == []


async def test_a_reply_logs_in_with_the_token_that_incoming_mail_has(
    desk: Desk, tmp_path_factory: pytest.TempPathFactory
) -> None:
    authority, tokens = Authority(tmp_path_factory.mktemp("ca")), OneToken()
    with secured(authority, "starttls", login=True, mechanisms=["XOAUTH2"]) as own:
        own.opens = lambda user, token: (user, token) == ("support", "good")
        fields = {"smtp_server": "localhost", "smtp_port": own.port, "client_id": "kana"}
        await desk.open(
            auth_type=AuthType.M365_IMAP, oauth2_smtp=True, smtp_tls=True,
            tls_ca_file=str(authority.ca_file), **fields,
        )  # fmt: skip
        (nobody,) = free_ports(1)
        row = await _sent(desk, kind=OutboundKind.REPLY, default_port=nobody, tokens=tokens)
        assert (row.state, row.last_error) == (OutboundState.SENT, None)
        assert (own.logins, len(own.mails)) == (["XOAUTH2"], 1)
    incoming = await account_of(desk.store.mailboxes, await desk.read(), Settings())
    assert tokens.asked == [incoming.credential]


async def test_a_reply_waits_while_its_own_server_is_down_and_no_other_one_gets_it(
    desk: Desk,
) -> None:
    (nobody,) = free_ports(1)
    with running_smtp() as default:
        await desk.open(smtp_server="127.0.0.1", smtp_port=nobody)
        row = await _sent(desk, kind=OutboundKind.REPLY, default_port=default.port)
        assert (row.state, default.mails) == (OutboundState.WAITING, [])
    assert f"127.0.0.1:{nobody} refuses the connection." in (row.last_error or "")


@pytest.mark.parametrize(("kind", "state"), [
    (OutboundKind.REPLY, OutboundState.FAILED), (OutboundKind.ALERT, OutboundState.WAITING),
])  # fmt: skip
async def test_what_was_taken_and_not_confirmed_is_sent_again_only_where_it_is_an_alert(
    desk: Desk, kind: OutboundKind, state: OutboundState
) -> None:
    with running_smtp() as default:
        await desk.open()
        row = await _sent(desk, kind=kind, default_port=default.port, to=STORED_THEN_DROPPED)
        assert (row.state, len(default.mails)) == (state, 1)
    in_doubt = "It has perhaps arrived, so it is not sent again." in (row.last_error or "")
    assert in_doubt == (kind is OutboundKind.REPLY)


async def test_a_refused_password_is_shown_three_times_and_then_not_before_it_is_changed(
    desk: Desk,
) -> None:
    with running_smtp(login=True) as own:
        fields = {"smtp_server": "127.0.0.1", "smtp_port": own.port, "smtp_user": USER}
        await desk.open(smtp_auth=True, **fields)
        await desk.edit({"smtp_password": Secret("wrong")})
        await _written(desk, OutboundKind.REPLY)
        sending = _sending(desk, own.port)
        for wait_s in (0, 60, 60):
            desk.clock.go_on(wait_s)
            row = await _attempted(desk, sending)
        assert len(own.logins) == REFUSALS_AT_PACE
        assert row.next_try == desk.clock.now() + timedelta(seconds=REFUSED_EACH_S)
        assert "; the next one is at 12:32 UTC." in (row.last_error or "")
        desk.clock.go_on(60)
        assert await sending.claim(9) == ()
        await desk.edit({"smtp_password": Secret(SMTP_PASSWORD)})
        row = await _attempted(desk, sending)
        assert (row.state, len(own.mails)) == (OutboundState.SENT, 1)
