"""A relay that took a mail is told of, with the certificate that it showed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from kana_tui.domain.certificate import Certificate
from kana_tui.domain.errors import MailError
from kana_tui.domain.secret import Secret
from kana_tui.domain.settings import SenderTls
from kana_tui.mail.smtp_sender import SmtpMailSender
from kana_tui.ports.mail_sender import RelayAccount
from tests.mail.smtp_relays import NO_TLS_SEEN, RAW, SENDER, encrypted, plain, secured
from tests.servers.certificates import Authority
from tests.servers.smtp import PERMANENT_DATA, running_smtp
from tests.servers.smtp_logins import SMTP_PASSWORD, USER

pytestmark = NO_TLS_SEEN


class Ear:
    def __init__(self) -> None:
        self.met: list[tuple[RelayAccount, Certificate | None]] = []

    async def hear(self, relay: RelayAccount, certificate: Certificate | None) -> None:
        self.met.append((relay, certificate))

    async def send(self, relay: RelayAccount, to: str = "ops@acme.test") -> None:
        await SmtpMailSender(met=self.hear).send(relay, SENDER, [to], RAW)


@pytest.mark.parametrize("tls", [SenderTls.STARTTLS, SenderTls.IMPLICIT])
async def test_under_tls_with_the_certificate(tmp_path: Path, tls: SenderTls) -> None:
    ear, authority = Ear(), Authority(tmp_path)
    with secured(authority, tls.value, login=True) as server:
        login = {"user": USER, "secret": Secret(SMTP_PASSWORD)}
        relay = encrypted(server, authority, tls, **login)
        await ear.send(relay)
    ((met, certificate),) = ear.met
    assert met == relay
    assert certificate is not None
    assert certificate.names == ("localhost",)
    assert certificate.ends_at > datetime.now(UTC)


async def test_in_plain_text_without_one() -> None:
    ear = Ear()
    with running_smtp() as server:
        await ear.send(plain(server))
    assert [certificate for _relay, certificate in ear.met] == [None]


async def test_one_that_refused_the_login_or_the_mail_is_not_told_of() -> None:
    ear = Ear()
    with running_smtp(login=True) as server:
        with pytest.raises(MailError):
            await ear.send(plain(server, user=USER, secret=Secret("wrong")))
        relay = plain(server, user=USER, secret=Secret(SMTP_PASSWORD))
        with pytest.raises(MailError):
            await ear.send(relay, f"{PERMANENT_DATA}@acme.test")
    assert ear.met == []


async def _raises() -> None:
    raise ZeroDivisionError


async def _never_ends() -> None:
    await asyncio.Event().wait()


@pytest.mark.parametrize("fault", [_raises, _never_ends])
async def test_whoever_is_told_changes_nothing_of_a_mail_that_was_taken(
    fault: Callable[[], Awaitable[None]],
) -> None:
    async def hear(_relay: RelayAccount, _certificate: Certificate | None) -> None:
        await fault()

    with running_smtp() as server, capture_logs() as logged:
        relay = plain(server)
        assert await SmtpMailSender(met=hear).send(relay, SENDER, ["ops@acme.test"], RAW) == {}
        assert [mail.raw for mail in server.mails] == [RAW]
    assert [(each["event"], each["action"]) for each in logged] == [("proof not noted", "prove")]
