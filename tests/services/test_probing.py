"""What a probe is made of: a stored mailbox or a form, with the gates that fail closed."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from typing import Any, Final

import pytest
from attrs import define, evolve, field

from kana_tui.domain.authentication import AuthType
from kana_tui.domain.fields.oauth import Grant
from kana_tui.domain.mailbox import Mailbox
from kana_tui.domain.secret import Secret
from kana_tui.domain.settings import SenderSettings, SenderTls, Settings
from kana_tui.ports.mail_sender import RelayAccount
from kana_tui.ports.mail_source import Account
from kana_tui.ports.probe import Direction, Probed, ProbeStage
from kana_tui.ports.secret_box import SealedSecretError
from kana_tui.services.probing import Plan, Probing
from tests.mailboxes import make_mailbox

Stages = list[tuple[str, str]]
OFF: Final = Settings(ssl_enabled=False)


@define
class Stored:
    """The secrets of one mailbox, or of the sender; those in `sealed` cannot be opened."""

    secrets: Mapping[str, str] = field(factory=dict)
    sealed: frozenset[str] = frozenset()

    async def secret(self, _owner: object, key: str) -> Secret | None:
        if key in self.sealed:
            raise SealedSecretError(f"{key} cannot be opened.", hint="Set it again.")
        return Secret(self.secrets[key]) if key in self.secrets else None


class OkProber:
    """Every stage that it is asked for, and no server."""

    async def incoming(self, account: Account) -> AsyncGenerator[Probed, None]:
        yield Probed(Direction.INCOMING, ProbeStage.LOGIN, True, 0.1, account.server)

    async def outgoing(
        self, relay: RelayAccount, from_address: str
    ) -> AsyncGenerator[Probed, None]:
        yield Probed(Direction.OUTGOING, ProbeStage.MAIL_FROM, True, 0.1, from_address)


def probing(settings: Settings | None = None, sealed: str = "", **secrets: str) -> Probing:
    found = settings or Settings()
    stored = Stored(secrets, frozenset({sealed}))
    return Probing(OkProber(), stored, stored, lambda: found)


def due(plan: Plan) -> Stages:
    return [(direction.value, stage.value) for direction, stage in plan.stages]


def oauth(**own: Any) -> Mailbox:
    given = {"oauth_grant": Grant.DEVICE_CODE, "client_id": "kana", "oauth2_smtp": True, **own}
    return make_mailbox(7, auth_type=AuthType.M365_IMAP, smtp_tls=True, **given)


async def test_a_stored_mailbox_is_probed_with_its_secrets_both_ways() -> None:
    use = probing(password="stored")
    plan = await use.of_stored(make_mailbox(1))
    assert isinstance(plan.incoming, Account)
    assert plan.incoming.secret == Secret("stored")
    assert [one.name.value async for one in use.run(plan)] == ["login", "mail_from"]


async def test_without_a_server_of_its_own_the_senders_is_probed_with_its_password() -> None:
    sender = SenderSettings(server="relay.test", port=587, tls=SenderTls.STARTTLS, user="kana")
    secrets = {"password": "stored", "sender-password": "the sender's"}
    plan = await probing(Settings(sender=sender), **secrets).of_stored(make_mailbox(1))
    assert isinstance(plan.outgoing, RelayAccount)
    assert (plan.outgoing.server, plan.outgoing.secret) == ("relay.test", Secret("the sender's"))
    assert due(plan)[-3:] == [
        ("outgoing", "smtp_tls"),
        ("outgoing", "smtp_login"),
        ("outgoing", "mail_from"),
    ]


@pytest.mark.parametrize("auth_type", list(AuthType))
async def test_the_stages_that_are_due_follow_from_the_type(auth_type: AuthType) -> None:
    plan = await probing(password="stored").of_stored(make_mailbox(1, auth_type=auth_type))
    stages = [name for direction, name in due(plan) if direction == "incoming"]
    traits = auth_type.traits
    assert ("tls" in stages) is traits.implicit_tls
    assert ("token" in stages) is traits.oauth
    assert stages[:2] + stages[-2:] == ["dns", "tcp", "login", "count"]
    assert len(set(stages)) == len(stages)


async def test_an_upgrade_comes_after_the_first_capabilities() -> None:
    mailbox = make_mailbox(1, smtp_auth=True, smtp_user="relay", smtp_ssl=True, smtp_server="s")
    plan = await probing(password="a", smtp_password="b").of_stored(mailbox)
    names = [name for _, name in due(plan)]
    assert names[2:6] == ["greeting", "capabilities", "tls", "login"]
    assert names[7:] == [
        "dns",
        "tcp",
        "smtp_tls",
        "greeting",
        "capabilities",
        "smtp_login",
        "mail_from",
    ]


async def test_a_missing_password_is_a_failed_login_and_outgoing_goes_on() -> None:
    use = probing()
    plan = await use.of_stored(make_mailbox(1))
    first, second = [one async for one in use.run(plan)]
    assert (first.direction, first.name, first.ok) == (
        Direction.INCOMING,
        ProbeStage.LOGIN,
        False,
    )
    assert first.detail == "No password is set for support@example.com."
    assert first.hint == "Set it: kana-tui mailbox edit support@example.com --secret password"
    assert second.ok


async def test_a_missing_smtp_password_is_a_failed_smtp_login() -> None:
    mailbox = make_mailbox(1, smtp_server="s", smtp_auth=True, smtp_user="relay")
    plan = await probing(password="stored").of_stored(mailbox)
    assert isinstance(plan.outgoing, Probed)
    assert plan.outgoing.name is ProbeStage.SMTP_LOGIN
    assert due(plan)[-1] == ("outgoing", "smtp_login")


async def test_ssl_that_is_off_fails_at_tls_both_ways() -> None:
    mailbox = make_mailbox(1, smtp_server="s", smtp_auth=True, smtp_user="r", smtp_ssl=True)
    plan = await probing(OFF, password="a", smtp_password="b").of_stored(mailbox)
    assert due(plan) == [("incoming", "tls"), ("outgoing", "smtp_tls")]


@pytest.mark.parametrize(
    ("key", "mailbox", "stages"),
    [
        ("password", make_mailbox(1), [("incoming", "login")]),
        ("client_secret", oauth(), [("incoming", "token"), ("outgoing", "token")]),
        (
            "smtp_password",
            make_mailbox(1, smtp_server="s", smtp_auth=True, smtp_user="r"),
            [("outgoing", "smtp_login")],
        ),
        ("sender-password", make_mailbox(1), [("outgoing", "smtp_login")]),
        ("sender-password", make_mailbox(1, smtp_server="s"), []),
    ],
)
async def test_a_secret_that_cannot_be_opened_fails_where_it_is_needed(
    key: str, mailbox: Mailbox, stages: Stages
) -> None:
    plan = await probing(sealed=key, password="a").of_stored(mailbox)
    unset = [one for one in (plan.incoming, plan.outgoing) if isinstance(one, Probed)]
    assert [(one.direction.value, one.name.value) for one in unset] == stages
    assert all(one.hint == "Set it again." for one in unset)


async def test_what_was_typed_counts_and_what_was_not_is_the_stored() -> None:
    mailbox = make_mailbox(1, smtp_server="s", smtp_auth=True, smtp_user="r")
    use = probing(password="stored", smtp_password="stored too")
    plan = await use.of_form(mailbox, {"password": Secret("typed")}, mailbox)
    assert isinstance(plan.incoming, Account)
    assert isinstance(plan.outgoing, RelayAccount)
    assert plan.incoming.secret == Secret("typed")
    assert plan.outgoing.secret == Secret("stored too")


async def test_a_secret_that_is_to_be_cleared_is_none() -> None:
    plan = await probing(password="stored").of_form(make_mailbox(1), {"password": None}, None)
    assert isinstance(plan.incoming, Probed)


async def test_a_token_for_what_nobody_saved_is_nobodys() -> None:
    saved = oauth()
    edited = oauth(client_id="another")
    use = probing(client_secret="stored")
    for mailbox, typed, stored in (
        (edited, {}, saved),
        (saved, {"client_secret": Secret("typed")}, saved),
        (evolve(saved, id=0), {}, None),
    ):
        plan = await use.of_form(mailbox, typed, stored)
        assert isinstance(plan.incoming, Account)
        assert isinstance(plan.outgoing, RelayAccount)
        for way in (plan.incoming, plan.outgoing):
            assert way.credential is not None
            assert way.credential.mailbox_id is None


async def test_a_token_for_what_is_saved_stays_that_mailboxs() -> None:
    saved = oauth()
    edited = evolve(saved, incoming=evolve(saved.incoming, server="another.test"))
    plan = await probing().of_form(edited, {}, saved)
    assert isinstance(plan.incoming, Account)
    assert plan.incoming.credential is not None
    assert plan.incoming.credential.mailbox_id == saved.id
    stored = await probing().of_stored(saved)
    assert isinstance(stored.incoming, Account)
    assert stored.incoming.credential == plan.incoming.credential
