"""A probe that worked proves for the runway what a visit does; of what nobody saved, nothing."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from datetime import timedelta

import pytest
from attrs import evolve, field, frozen

from kana_tui.domain.certificate import Certificate
from kana_tui.domain.errors import UnreachableError
from kana_tui.domain.secret import Secret
from kana_tui.domain.settings import Settings
from kana_tui.ports.mail_sender import RelayAccount
from kana_tui.ports.mail_source import Account
from kana_tui.ports.probe import Direction, Probed, ProbeStage
from kana_tui.ports.proofs import Proof, ProofKind
from kana_tui.services.probing import Plan, Probing
from kana_tui.services.proving import Proving
from tests.contracts.setting import SetClock
from tests.mailboxes import make_mailbox
from tests.services.memory_proofs import MemoryProofs

NOW = SetClock().now()
CERTIFICATE = Certificate(("mail.acme.test",), "CN=Acme CA", NOW + timedelta(days=40))
OWN = make_mailbox(
    3,
    server="mail.acme.test",
    port=993,
    smtp_server="smtp.acme.test",
    smtp_port=587,
    smtp_tls=True,
    smtp_auth=True,
    smtp_user="out",
)
PLAIN_OUT = evolve(OWN, outgoing=evolve(OWN.outgoing, smtp_auth=False, smtp_user=""))
AS_THE_SENDER = make_mailbox(3, server="mail.acme.test", port=993)
INCOMING = {ProofKind.INCOMING_LOGIN, ProofKind.INCOMING_CERTIFICATE}
OUTGOING = {ProofKind.OUTGOING_LOGIN, ProofKind.OUTGOING_CERTIFICATE}


class Stored:
    async def secret(self, _owner: object, _key: str) -> Secret | None:
        return Secret("stored")


@frozen
class Prober:
    """Every stage works up to the one in `fails`; `after_s`: how long the first one takes."""

    clock: SetClock
    fails: ProbeStage | None = None
    after_s: float = 0.0
    with_tls: Mapping[ProbeStage, Certificate] = field(
        factory=lambda: {ProbeStage.TLS: CERTIFICATE, ProbeStage.SMTP_TLS: CERTIFICATE}
    )

    async def incoming(self, _account: Account) -> AsyncGenerator[Probed, None]:
        self.clock.go_on(self.after_s)
        for stage in (ProbeStage.TLS, ProbeStage.LOGIN, ProbeStage.COUNT):
            yield self._probed(Direction.INCOMING, stage)
            if stage is self.fails:
                return

    async def outgoing(self, relay: RelayAccount, _address: str) -> AsyncGenerator[Probed, None]:
        login = (ProbeStage.SMTP_LOGIN,) if relay.user else ()
        for stage in (ProbeStage.SMTP_TLS, *login, ProbeStage.MAIL_FROM):
            yield self._probed(Direction.OUTGOING, stage)
            if stage is self.fails:
                return

    def _probed(self, direction: Direction, stage: ProbeStage) -> Probed:
        ok = stage is not self.fails
        return Probed(direction, stage, ok, 0.1, "", None if ok else "!", self.with_tls.get(stage))


class World:
    def __init__(self) -> None:
        self.clock, self.proofs = SetClock(), MemoryProofs()

    def probing(self, fails: ProbeStage | None = None, after_s: float = 0.0) -> Probing:
        proving = Proving(self.proofs, self.clock)
        prober = Prober(self.clock, fails, after_s)
        return Probing(prober, Stored(), Stored(), Settings, proving)

    async def run(self, probing: Probing, plan: Plan) -> list[ProbeStage]:
        return [one.name async for one in probing.run(plan)]

    @property
    def kinds(self) -> set[ProofKind]:
        return {proof.kind for proof in self.proofs.noted}

    def proof(self, kind: ProofKind) -> Proof:
        return next(proof for proof in self.proofs.noted if proof.kind is kind)


@pytest.fixture
def world() -> World:
    return World()


async def test_both_logins_and_their_certificates_are_noted(world: World) -> None:
    probing = world.probing()
    await world.run(probing, await probing.of_stored(OWN))
    assert world.kinds == INCOMING | OUTGOING
    assert world.proof(ProofKind.INCOMING_LOGIN).detail == "support at mail.acme.test:993"
    assert world.proof(ProofKind.OUTGOING_LOGIN).detail == "out at smtp.acme.test:587"
    certificate = world.proof(ProofKind.OUTGOING_CERTIFICATE)
    assert certificate.ends_at == CERTIFICATE.ends_at
    assert certificate.detail == "smtp.acme.test:587: for mail.acme.test; issued by CN=Acme CA"
    assert world.proofs.written == 2


@pytest.mark.parametrize(
    ("fails", "proven"),
    [
        (ProbeStage.TLS, OUTGOING),
        (ProbeStage.LOGIN, OUTGOING),
        (ProbeStage.COUNT, INCOMING | OUTGOING),
        (ProbeStage.SMTP_TLS, INCOMING),
        (ProbeStage.SMTP_LOGIN, INCOMING),
        (ProbeStage.MAIL_FROM, INCOMING | OUTGOING),
    ],
)
async def test_a_login_that_failed_proves_nothing(
    world: World, fails: ProbeStage, proven: set[ProofKind]
) -> None:
    probing = world.probing(fails)
    await world.run(probing, await probing.of_stored(OWN))
    assert world.kinds == proven


async def test_where_nobody_logs_in_the_certificate_is_proven(world: World) -> None:
    probing = world.probing()
    await world.run(probing, await probing.of_stored(PLAIN_OUT))
    assert world.kinds == INCOMING | {ProofKind.OUTGOING_CERTIFICATE}


async def test_nothing_is_noted_of_the_senders_server(world: World) -> None:
    probing = world.probing()
    await world.run(probing, await probing.of_stored(AS_THE_SENDER))
    assert world.kinds == INCOMING


@pytest.mark.parametrize("typed", [{}, {"password": Secret("typed")}])
async def test_what_stands_on_a_form_writes_nothing(
    world: World, typed: Mapping[str, Secret | None]
) -> None:
    probing = world.probing()
    await world.run(probing, await probing.of_form(OWN, typed, OWN))
    assert world.proofs.written == 0


async def test_a_secret_that_is_edited_meanwhile_is_not_proven_by_the_one_before(
    world: World,
) -> None:
    """What was proven is what stood when the secret was read."""
    probing = world.probing(after_s=60)
    await world.run(probing, await probing.of_stored(OWN))
    assert {proof.proven_at for proof in world.proofs.noted} == {NOW}


@pytest.mark.parametrize("fault", [UnreachableError("The disk is full."), RuntimeError("a fault")])
async def test_a_note_that_fails_fails_no_probe(world: World, fault: Exception) -> None:
    world.proofs.fail = fault
    probing = world.probing()
    stages = await world.run(probing, await probing.of_stored(OWN))
    assert stages[-1] is ProbeStage.MAIL_FROM
