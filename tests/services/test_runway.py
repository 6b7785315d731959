"""The runway of a mailbox: what its type and switches use, and what is known of each."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from attrs import evolve

from kana_tui.domain.authentication import AuthType
from kana_tui.domain.certificate import Certificate
from kana_tui.domain.fields.oauth import Grant
from kana_tui.domain.runway import Held, RunwayKind, RunwayState
from kana_tui.domain.secret import Secret
from kana_tui.domain.settings import SenderSettings, Settings
from kana_tui.ports.mailboxes import StoredMailbox
from kana_tui.ports.probe import Direction
from kana_tui.ports.secret_box import SealedSecretError
from kana_tui.ports.tokens import Credential
from kana_tui.services.credentials import CredentialState
from kana_tui.services.proving import Login, Proving
from kana_tui.services.runway import Runway
from tests.contracts.setting import ALICE, SetClock
from tests.mailboxes import mailbox_values
from tests.services.memory_mailboxes import MemoryMailboxes
from tests.services.memory_proofs import MemoryProofs

NOW = SetClock().now()
ENDS_AT = NOW + timedelta(days=40)
CERTIFICATE = Certificate(("mail.acme.test",), "CN=Acme CA", ENDS_AT)
SETTINGS = Settings(sender=SenderSettings(server="relay.acme.test", port=587))
Kind = RunwayKind


class World:
    def __init__(self) -> None:
        self.mailboxes = MemoryMailboxes()
        self.mailboxes.clock = lambda: NOW - timedelta(days=2)
        self.proofs = MemoryProofs()
        self.clock = SetClock()
        self.state = CredentialState()
        self.asked: list[Credential] = []
        self.fault: SealedSecretError | None = None

    async def add(
        self, auth_type: AuthType = AuthType.POP, *, secrets: tuple[str, ...] = (), **own: Any
    ) -> StoredMailbox:
        values = mailbox_values(auth_type, **{"server": "mail.acme.test", "port": 993, **own})
        given = {key: Secret(f"{key} of it") for key in secrets}
        return await self.mailboxes.add(values, given, ALICE)

    async def logged_in(self, stored: StoredMailbox, direction: Direction, login: Login) -> None:
        await Proving(self.proofs, self.clock).note(stored.mailbox, direction, login)

    async def held(self, *mailboxes: StoredMailbox) -> dict[Kind, Held]:
        async def state(credential: Credential) -> CredentialState:
            self.asked.append(credential)
            if self.fault is not None:
                raise self.fault
            return self.state

        runway = Runway(self.mailboxes, self.proofs, state, lambda: SETTINGS)
        return {one.kind: one for one in await runway.of(mailboxes)}


@pytest.fixture
def world() -> World:
    return World()


async def test_a_plain_mailbox_has_its_login_alone(world: World) -> None:
    stored = await world.add(secrets=("password",))
    held = await world.held(stored)
    assert held.keys() == {Kind.INCOMING_LOGIN}
    login = held[Kind.INCOMING_LOGIN]
    assert login.state(NOW) is RunwayState.UNPROVEN
    assert login.set_at == NOW - timedelta(days=2)
    assert login.of == "support at mail.acme.test:993"
    assert (login.mailbox, login.email_address) == ("Support", "support@example.com")
    await world.logged_in(stored, Direction.INCOMING, Login("mail.acme.test:993", "support", None))
    assert (await world.held(stored))[Kind.INCOMING_LOGIN].state(NOW) is RunwayState.OK


async def test_under_tls_the_certificate_counts_down(world: World) -> None:
    stored = await world.add(AuthType.SECURE_IMAP, secrets=("password",))
    assert (await world.held(stored))[Kind.INCOMING_CERTIFICATE].of == "mail.acme.test:993"
    login = Login("mail.acme.test:993", "support", CERTIFICATE)
    await world.logged_in(stored, Direction.INCOMING, login)
    found = (await world.held(stored))[Kind.INCOMING_CERTIFICATE]
    assert (found.ends_at, found.proven_at, found.days_left(NOW)) == (ENDS_AT, NOW, 40)
    assert found.detail == "for mail.acme.test; issued by CN=Acme CA"


async def test_secure_smtp_has_a_plain_type_encrypted_too(world: World) -> None:
    stored = await world.add(smtp_ssl=True, smtp_auth=True, secrets=("password",))
    assert Kind.INCOMING_CERTIFICATE in await world.held(stored)


@pytest.mark.parametrize(
    "proven",
    [
        Login("old.acme.test:993", "support", CERTIFICATE),
        Login("mail.acme.test:99", "support", CERTIFICATE),
    ],
)
async def test_what_another_server_proved_does_not_count(world: World, proven: Login) -> None:
    stored = await world.add(AuthType.SECURE_POP, secrets=("password",))
    await world.logged_in(stored, Direction.INCOMING, proven)
    held = await world.held(stored)
    assert {one.state(NOW) for one in held.values()} == {RunwayState.UNPROVEN}


async def test_a_login_by_token_does_not_prove_the_password(world: World) -> None:
    """A mailbox that went from OAuth back to a password that was set long ago."""
    stored = await world.add(AuthType.SECURE_IMAP, secrets=("password",))
    by_token = Login("mail.acme.test:993", "support", CERTIFICATE, by_token=True)
    await world.logged_in(stored, Direction.INCOMING, by_token)
    held = await world.held(stored)
    assert held[Kind.INCOMING_LOGIN].state(NOW) is RunwayState.UNPROVEN
    assert held[Kind.INCOMING_CERTIFICATE].state(NOW) is RunwayState.OK
    oauth = await world.add(
        AuthType.M365_IMAP,
        secrets=("client_secret",),
        name="Sales",
        email_address="sales@example.com",
        user="sales",
    )
    await world.logged_in(oauth, Direction.INCOMING, evolve(by_token, user="sales"))
    held = await world.held(oauth)
    assert held[Kind.INCOMING_LOGIN].state(NOW) is RunwayState.OK
    assert held[Kind.INCOMING_LOGIN].of == "sales at mail.acme.test:993 by token"


async def test_another_users_login_proves_the_certificate_alone(world: World) -> None:
    stored = await world.add(AuthType.SECURE_POP, secrets=("password",))
    login = Login("mail.acme.test:993", "sales", CERTIFICATE)
    await world.logged_in(stored, Direction.INCOMING, login)
    held = await world.held(stored)
    assert held[Kind.INCOMING_LOGIN].state(NOW) is RunwayState.UNPROVEN
    assert held[Kind.INCOMING_CERTIFICATE].state(NOW) is RunwayState.OK


async def test_client_credentials_have_a_token_and_a_secret_that_ends(world: World) -> None:
    world.state = CredentialState(ends_at=NOW + timedelta(hours=1), renewed_at=NOW)
    stored = await world.add(
        AuthType.M365_IMAP,
        secrets=("client_secret",),
        client_secret_expires=date(2026, 12, 31),
    )
    held = await world.held(stored)
    assert {Kind.TOKEN, Kind.CLIENT_SECRET} <= held.keys()
    assert Kind.SIGN_IN not in held
    secret = held[Kind.CLIENT_SECRET]
    assert secret.ends_at == datetime(2026, 12, 31, tzinfo=UTC)
    assert (secret.set_at, secret.proven_at) == (NOW - timedelta(days=2), NOW)
    assert held[Kind.TOKEN].state(NOW) is RunwayState.OK
    assert held[Kind.INCOMING_LOGIN].set_at is None
    assert [one.client_secret for one in world.asked] == [Secret("client_secret of it")]


@pytest.mark.parametrize("grant", [Grant.DEVICE_CODE, Grant.AUTHORIZATION_CODE])
async def test_where_somebody_signs_in_the_sign_in_is_told(world: World, grant: Grant) -> None:
    stored = await world.add(AuthType.GOOGLE_IMAP, oauth_grant=grant)
    sign_in = (await world.held(stored))[Kind.SIGN_IN]
    assert (sign_in.state(NOW), sign_in.detail) == (
        RunwayState.SIGN_IN_AGAIN,
        "nobody has signed in",
    )
    since = NOW - timedelta(days=9)
    world.state = CredentialState(signed_in_at=since, renewed_at=NOW)
    sign_in = (await world.held(stored))[Kind.SIGN_IN]
    assert (sign_in.state(NOW), sign_in.set_at, sign_in.proven_at) == (RunwayState.OK, since, NOW)
    world.state = CredentialState(signed_in_at=since, failure="Revoked.", sign_in_again=True)
    sign_in = (await world.held(stored))[Kind.SIGN_IN]
    assert (sign_in.state(NOW), sign_in.detail) == (RunwayState.SIGN_IN_AGAIN, "Revoked.")
    assert Kind.CLIENT_SECRET not in await world.held(stored)


async def test_a_service_account_has_its_key(world: World) -> None:
    world.state = CredentialState(renewed_at=NOW)
    stored = await world.add(
        AuthType.GOOGLE_POP3,
        secrets=("service_account_key",),
        oauth_grant=Grant.SERVICE_ACCOUNT,
    )
    held = await world.held(stored)
    key = held[Kind.SERVICE_ACCOUNT_KEY]
    assert (key.state(NOW), key.set_at) == (RunwayState.OK, NOW - timedelta(days=2))
    assert not {Kind.CLIENT_SECRET, Kind.SIGN_IN} & held.keys()


async def test_a_secret_that_cannot_be_opened_is_told_and_the_others_go_on(world: World) -> None:
    stored = await world.add(AuthType.M365_IMAP, secrets=("client_secret",))
    world.fault = SealedSecretError("The secret cannot be opened.")
    held = await world.held(stored)
    assert held[Kind.TOKEN].detail == "The secret cannot be opened."
    assert held[Kind.TOKEN].state(NOW) is RunwayState.UNPROVEN


async def test_an_smtp_server_of_its_own_has_login_certificate_and_password(world: World) -> None:
    stored = await world.add(
        smtp_server="smtp.acme.test",
        smtp_port=587,
        smtp_tls=True,
        smtp_auth=True,
        smtp_user="out",
        secrets=("password", "smtp_password"),
    )
    login = Login("smtp.acme.test:587", "out", CERTIFICATE)
    await world.logged_in(stored, Direction.OUTGOING, login)
    held = await world.held(stored)
    for kind in (Kind.OUTGOING_CERTIFICATE, Kind.OUTGOING_LOGIN, Kind.SMTP_PASSWORD):
        assert held[kind].proven_at == NOW
        assert held[kind].state(NOW) is RunwayState.OK
    assert held[Kind.SMTP_PASSWORD].set_at == NOW - timedelta(days=2)


async def test_a_mailbox_that_sends_as_the_sender_has_nothing_outgoing(world: World) -> None:
    held = await world.held(await world.add(secrets=("password",)))
    assert not {kind for kind in held if kind.value.startswith(("outgoing", "smtp"))}


async def test_with_switches_alone_it_is_the_senders_server(world: World) -> None:
    stored = await world.add(smtp_auth=True, smtp_user="out", secrets=("password",))
    held = await world.held(stored)
    assert held[Kind.OUTGOING_LOGIN].of == "out at relay.acme.test:587"


async def test_by_token_there_is_no_smtp_password(world: World) -> None:
    stored = await world.add(
        AuthType.GOOGLE_IMAP, smtp_server="smtp.acme.test", smtp_tls=True, oauth2_smtp=True
    )
    held = await world.held(stored)
    assert held[Kind.OUTGOING_LOGIN].of == "support at smtp.acme.test:25 by token"
    assert Kind.SMTP_PASSWORD not in held


async def test_no_password_is_opened_for_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    stored = await world.add(AuthType.IMAP, secrets=("password",))

    async def refuse(*_asked: object) -> None:
        pytest.fail("a secret was opened")

    monkeypatch.setattr(MemoryMailboxes, "secret", refuse)
    assert await world.held(stored)
