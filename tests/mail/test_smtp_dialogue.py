"""A conversation that only introduces itself: followed step by step, and nothing is sent."""

from __future__ import annotations

from typing import Any

import pytest
from attrs import define, evolve, field

from kana_tui.domain.certificate import Certificate
from kana_tui.domain.errors import MailError
from kana_tui.domain.secret import Secret
from kana_tui.domain.settings import SenderTls
from kana_tui.mail.smtp_dialogue import SmtpDialogue
from kana_tui.ports.mail_sender import RelayAccount
from kana_tui.ports.probe import ProbeStage
from tests.mail.accounts import GivenTokens
from tests.mail.smtp_relays import (
    NO_TLS_SEEN,
    SENDER,
    at,
    encrypted,
    plain,
    secured,
    with_login,
)
from tests.mail.smtp_talks import OK, ehlo, talk
from tests.mail.test_smtp_login import ANN
from tests.servers.certificates import Authority
from tests.servers.ports import free_ports
from tests.servers.scripted import scripted
from tests.servers.smtp import running_smtp
from tests.servers.smtp_logins import MECHANISMS

pytestmark = NO_TLS_SEEN

TO_THE_CAPABILITIES = ["dns", "tcp", "greeting", "capabilities"]


@define
class Notes:
    """Implements `Trace`."""

    told: dict[str, list[str]] = field(factory=dict)
    certificate: Certificate | None = None
    _stage: str = ""

    def begin(self, stage: ProbeStage) -> None:
        self._stage = stage.value
        self.told.setdefault(self._stage, [])

    def tell(self, detail: str) -> None:
        self.told[self._stage].append(detail)

    def accepted(self, certificate: Certificate | None) -> None:
        self.certificate = certificate

    @property
    def stages(self) -> list[str]:
        return list(self.told)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("ca"))


async def introduce(relay: RelayAccount, notes: Notes, tokens: Any = None) -> None:
    dialogue = SmtpDialogue(relay, tokens or GivenTokens([Secret("good")]), notes)
    try:
        with dialogue.told():
            await dialogue.begin()
            await dialogue.mail_from(SENDER)
        await dialogue.quit()
    finally:
        dialogue.close()


async def test_in_plain_text_each_step_tells_what_it_found() -> None:
    notes = Notes()
    with running_smtp(login=True) as server:
        await introduce(plain(server, **with_login()), notes)
        assert (server.mails, server.named, server.logins) == ([], 0, ["PLAIN"])
    assert notes.stages == [*TO_THE_CAPABILITIES, "smtp_login", "mail_from"]
    assert notes.told["dns"] == ["127.0.0.1"]
    assert notes.told["tcp"] == [f"127.0.0.1 port {server.port}"]
    assert notes.told["greeting"][0].startswith("220 ")
    assert "AUTH LOGIN PLAIN" in notes.told["capabilities"][0]
    welcome = "AUTH PLAIN of relay: 235 2.7.0 Authentication successful"
    assert notes.told["smtp_login"] == [welcome]
    assert notes.told["mail_from"] == ["250 OK"]


async def test_tls_comes_after_the_capabilities_where_it_is_an_upgrade(
    authority: Authority,
) -> None:
    notes = Notes()
    with secured(authority, "starttls", login=True) as server:
        relay = encrypted(server, authority, SenderTls.STARTTLS, **with_login())
        await introduce(relay, notes)
    assert notes.stages == [*TO_THE_CAPABILITIES, "smtp_tls", "smtp_login", "mail_from"]
    agreed, offered = notes.told["smtp_tls"]
    assert agreed.startswith("TLSv1.3, ")
    assert "for localhost; issued by CN=Test CA; 29 days left" in agreed
    assert "AUTH LOGIN PLAIN" in offered
    assert "STARTTLS" in notes.told["capabilities"][0]


async def test_tls_comes_before_the_greeting_where_it_is_implicit(authority: Authority) -> None:
    notes = Notes()
    with secured(authority, "implicit", login=True, mechanisms=MECHANISMS) as server:
        server.opens = lambda _user, token: token == "good"
        relay = encrypted(server, authority, SenderTls.IMPLICIT, user="ann", credential=ANN)
        await introduce(relay, notes)
    ways = [
        "dns",
        "tcp",
        "smtp_tls",
        "greeting",
        "capabilities",
        "token",
        "smtp_login",
        "mail_from",
    ]
    assert notes.stages == ways
    assert "for localhost; issued by CN=Test CA; 29 days left" in notes.told["smtp_tls"][0]
    assert notes.told["smtp_login"] == ["AUTH XOAUTH2 of ann: 235 2.7.0 Authentication successful"]


async def test_a_second_token_is_part_of_the_login(authority: Authority) -> None:
    notes = Notes()
    with secured(authority, "starttls", login=True, mechanisms=MECHANISMS) as server:
        server.opens = lambda _user, token: token == "good"
        relay = encrypted(server, authority, SenderTls.STARTTLS, user="ann", credential=ANN)
        tokens = GivenTokens([Secret("dead"), Secret("good")])
        await introduce(relay, notes, tokens)
        assert server.logins == ["XOAUTH2", "XOAUTH2"]
    assert notes.told["smtp_login"] == [
        "the first token was refused, another one was asked for",
        "AUTH XOAUTH2 of ann: 235 2.7.0 Authentication successful",
    ]
    assert len(notes.told["dns"]) == 1
    assert notes.told["mail_from"] == ["250 OK"]


async def test_the_step_that_fails_is_the_last() -> None:
    nowhere, nobody = Notes(), Notes()
    (port,) = free_ports(1)
    for relay, notes in ((evolve(at(1), server="no-such.invalid"), nowhere), (at(port), nobody)):
        with pytest.raises(MailError):
            await introduce(relay, notes)
    assert (nowhere.stages, nobody.stages) == (["dns"], ["dns", "tcp"])


async def test_what_the_sender_is_refused_for_is_told_in_the_servers_words() -> None:
    said: list[bytes] = []
    steps = (ehlo(), (b"MAIL", b"550 5.7.60 not \x1b[31myou\r\n"))
    notes = Notes()
    async with scripted(talk(*steps, said=said)) as server:
        with pytest.raises(MailError) as caught:
            await introduce(at(server.port), notes)
    assert "its answer to MAIL was “550 5.7.60 not \\x1b[31myou”" in caught.value.message
    assert notes.stages[-1] == "mail_from"


async def test_the_envelope_is_taken_back() -> None:
    said: list[bytes] = []
    steps = (ehlo(), (b"MAIL FROM:<kana@acme.test>", OK), (b"RSET", OK), (b"QUIT", b"221 Bye\r\n"))
    async with scripted(talk(*steps, said=said)) as server:
        await introduce(at(server.port), Notes())
    assert said[1:] == [b"MAIL FROM:<kana@acme.test>", b"RSET", b"QUIT"]
