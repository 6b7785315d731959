"""What a login proves is noted: at once when it is news, and otherwise once an hour."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from attrs import evolve

from kana_tui.domain.certificate import Certificate
from kana_tui.domain.errors import MailError, Stage, UnreachableError
from kana_tui.domain.secret import Secret
from kana_tui.domain.settings import Settings
from kana_tui.mail.header import read_envelope
from kana_tui.ports.mail_sender import RelayAccount
from kana_tui.ports.probe import Direction
from kana_tui.ports.proofs import ProofKind
from kana_tui.services import proving
from kana_tui.services.intake import IntakePorts, MailboxIntake
from kana_tui.services.proving import NOTED_EACH_S, Login, Proving, RelayProving
from kana_tui.services.visit import Bounds
from tests.contracts.setting import SetClock
from tests.mailboxes import make_mailbox
from tests.services.desk import Desk, raws
from tests.services.memory_proofs import MemoryProofs

ENDS_AT = SetClock().now() + timedelta(days=40)
CERTIFICATE = Certificate(("imap.acme.test", "*.acme.test"), "CN=Acme CA", ENDS_AT)
HOLDER, SETTINGS, BOUNDS = "mx1/r1", Settings(), Bounds()


class Watched:
    """A desk's mailbox, served by one intake that notes what logins prove."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.proofs = MemoryProofs()
        self.intake = MailboxIntake(
            IntakePorts(
                mailboxes=desk.store.mailboxes,
                intake=desk.store.intake,
                depths=desk.store.depths,
                source=desk.server,
                read_envelope=read_envelope,
                clock=desk.clock,
                proofs=self.proofs,
            )
        )

    async def sample(self) -> None:
        result = await self.intake.sample(await self.desk.read(), SETTINGS, HOLDER)
        assert result is not None

    async def visit(self) -> int:
        result = await self.intake.visit(await self.desk.read(), SETTINGS, HOLDER, BOUNDS)
        assert result is not None
        return result.taken

    @property
    def told(self) -> dict[ProofKind, str]:
        return {proof.kind: proof.detail for proof in self.proofs.noted}


@pytest.fixture
async def watched(desk: Desk) -> Watched:
    await desk.open(user="support", server="imap.acme.test", port=993)
    return Watched(desk)


async def test_a_visit_and_a_sample_note_the_login(watched: Watched) -> None:
    await watched.sample()
    assert watched.told == {ProofKind.INCOMING_LOGIN: "support at imap.acme.test:993"}
    (proof,) = watched.proofs.noted
    assert (proof.proven_at, proof.ends_at) == (watched.desk.clock.now(), None)
    watched.desk.clock.go_on(NOTED_EACH_S)
    await watched.visit()
    (proof,) = watched.proofs.noted
    assert proof.proven_at == watched.desk.clock.now()


async def test_under_tls_the_certificate_is_noted_too(watched: Watched) -> None:
    watched.desk.server.certificate = CERTIFICATE
    await watched.visit()
    assert watched.told[ProofKind.INCOMING_CERTIFICATE] == (
        "imap.acme.test:993: for imap.acme.test, *.acme.test; issued by CN=Acme CA"
    )
    assert {proof.ends_at for proof in watched.proofs.noted} == {None, ENDS_AT}


async def test_a_poll_that_is_no_news_writes_nothing_for_an_hour(watched: Watched) -> None:
    for _poll in range(5):
        await watched.sample()
        await watched.visit()
        watched.desk.clock.go_on(NOTED_EACH_S / 6)
    assert watched.proofs.written == 1
    watched.desk.clock.go_on(NOTED_EACH_S)
    await watched.sample()
    assert watched.proofs.written == 2


async def test_another_certificate_is_noted_at_once(watched: Watched) -> None:
    watched.desk.server.certificate = CERTIFICATE
    await watched.sample()
    later = ENDS_AT + timedelta(days=90)
    watched.desk.server.certificate = evolve(CERTIFICATE, ends_at=later)
    await watched.sample()
    assert watched.proofs.written == 2
    assert later in {proof.ends_at for proof in watched.proofs.noted}


async def test_a_login_after_an_edit_is_noted_at_once(watched: Watched) -> None:
    await watched.sample()
    await watched.desk.edit({"password": Secret("another")})
    watched.desk.clock.go_on(1)
    await watched.sample()
    (proof,) = watched.proofs.noted
    assert proof.proven_at == watched.desk.clock.now()


async def test_a_login_that_failed_proves_nothing(watched: Watched) -> None:
    watched.desk.server.fail_login = MailError(Stage.LOGIN, "no")
    await watched.sample()
    assert watched.proofs.noted == []


async def test_a_visit_that_failed_after_its_login_has_proven_it(watched: Watched) -> None:
    watched.desk.server.deliver(*raws(1))
    watched.desk.server.fail_at = {b"1": MailError(Stage.DOWNLOAD, "cut")}
    assert await watched.visit() == 0
    assert watched.told.keys() == {ProofKind.INCOMING_LOGIN}


@pytest.mark.parametrize("fault", [UnreachableError("The disk is full."), RuntimeError("a fault")])
async def test_a_note_that_fails_fails_no_visit_and_is_tried_again(
    watched: Watched, fault: Exception
) -> None:
    watched.desk.server.deliver(*raws(2))
    watched.proofs.fail = fault
    assert await watched.visit() == 2
    assert watched.desk.view().last_error is None
    watched.proofs.fail = None
    await watched.sample()
    assert watched.told.keys() == {ProofKind.INCOMING_LOGIN}


async def test_a_store_that_hangs_holds_up_no_visit(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hang(_proofs: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(proving, "NOTED_WITHIN_S", 0.0)
    monkeypatch.setattr(MemoryProofs, "note", lambda _self, proofs: hang(proofs))
    watched.desk.server.deliver(*raws(2))
    assert await watched.visit() == 2
    assert watched.desk.view().last_error is None


async def test_a_visit_proves_the_secret_that_it_began_with(watched: Watched) -> None:
    """One that is set while it lasts has not worked yet."""
    began_at = watched.desk.clock.now()
    watched.desk.server.deliver(*raws(1))
    read = watched.intake._ports.read_envelope
    lasts = evolve(watched.intake._ports, read_envelope=_slowly(watched.desk.clock, read))
    watched.intake = MailboxIntake(lasts)
    assert await watched.visit() == 1
    assert watched.desk.clock.now() > began_at
    assert {proof.proven_at for proof in watched.proofs.noted} == {began_at}


def _slowly(clock: SetClock, read: Callable[..., Any]) -> Callable[..., Any]:
    def envelope(*given: Any) -> Any:
        clock.go_on(600)
        return read(*given)

    return envelope


async def test_incoming_and_outgoing_have_each_their_own_hour() -> None:
    proofs, clock, mailbox = MemoryProofs(), SetClock(), make_mailbox(3)
    use = Proving(proofs, clock)
    login = Login("mail.acme.test:587", "support", CERTIFICATE)
    for _again in range(2):
        for direction in Direction:
            await use.note(mailbox, direction, login)
    assert proofs.written == 2
    assert {proof.kind for proof in proofs.noted} == set(ProofKind) - {ProofKind.TOKEN}


async def test_where_nobody_logs_in_only_the_certificate_is_proven() -> None:
    proofs, mailbox = MemoryProofs(), make_mailbox(3)
    login = Login("mail.acme.test:25", "", CERTIFICATE)
    await Proving(proofs, SetClock()).note(mailbox, Direction.OUTGOING, login)
    assert [proof.kind for proof in proofs.noted] == [ProofKind.OUTGOING_CERTIFICATE]


async def test_what_a_server_calls_itself_is_made_harmless() -> None:
    proofs, hostile = MemoryProofs(), Certificate(("\x1b]0;x\x07",) * 9, "CN=\u202eevil", ENDS_AT)
    login = Login("mail.acme.test:25", "", hostile)
    await Proving(proofs, SetClock()).note(make_mailbox(3), Direction.OUTGOING, login)
    (proof,) = proofs.noted
    assert proof.detail.isprintable()
    assert "(4 more)" in proof.detail


async def test_a_mailboxs_own_relay_proves_its_login_and_certificate(desk: Desk) -> None:
    mailbox = await desk.open()
    proofs = MemoryProofs()
    use = RelayProving(Proving(proofs, desk.clock), desk.store.mailboxes)
    relay = RelayAccount("smtp.acme.test", 587, user="out", owner=mailbox.email_address)
    await use.met(relay, CERTIFICATE)
    assert {proof.mailbox_id for proof in proofs.noted} == {mailbox.id}
    assert {proof.kind: proof.detail for proof in proofs.noted} == {
        ProofKind.OUTGOING_LOGIN: "out at smtp.acme.test:587",
        ProofKind.OUTGOING_CERTIFICATE: (
            "smtp.acme.test:587: for imap.acme.test, *.acme.test; issued by CN=Acme CA"
        ),
    }


@pytest.mark.parametrize("owner", [None, "gone@acme.test"])
async def test_of_the_senders_relay_or_one_of_a_mailbox_that_is_gone_nothing_is_noted(
    desk: Desk, owner: str | None
) -> None:
    proofs = MemoryProofs()
    use = RelayProving(Proving(proofs, desk.clock), desk.store.mailboxes)
    await use.met(RelayAccount("smtp.acme.test", 587, user="out", owner=owner), CERTIFICATE)
    assert proofs.written == 0


async def test_a_store_that_is_away_does_not_undo_what_was_sent(desk: Desk) -> None:
    mailbox = await desk.open()
    proofs = MemoryProofs(fail=UnreachableError("The store is away."))
    use = RelayProving(Proving(proofs, desk.clock), desk.store.mailboxes)
    await use.met(RelayAccount("h", 25, owner=mailbox.email_address), CERTIFICATE)
    await desk.store.aclose()
    await use.met(RelayAccount("h", 25, owner=mailbox.email_address), CERTIFICATE)
