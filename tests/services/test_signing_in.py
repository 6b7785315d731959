"""Signing in: what is asked, how often, what is kept, and what is said where it fails."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from attrs import define, field

from kana_tui.domain.authentication import AuthType
from kana_tui.domain.errors import ConflictError, InvalidValueError, NotFoundError
from kana_tui.domain.fields.oauth import Grant
from kana_tui.domain.secret import Secret
from kana_tui.ports.mailboxes import Edit
from kana_tui.ports.tokens import SignInError, TokenDelayedError, TokenSettingsError
from kana_tui.services.signing_in import BrowserSignIn, CodeSignIn, Proven, SigningIn, typed
from tests.contracts.setting import ALICE, NOON, SetClock
from tests.mailboxes import mailbox_values
from tests.services.memory_mailboxes import MemoryMailboxes
from tests.services.sign_ins import (
    CODE,
    GRANTED,
    LANDED,
    PAGE,
    MemoryAuthorization,
    MemoryTokens,
)

DECLINED = SignInError("The sign-in was declined (access_denied).")


@define
class World:
    """A mailbox of each grant; `paused`: how long was waited, on a clock that goes on by it."""

    server: MemoryAuthorization = field(factory=MemoryAuthorization)
    tokens: MemoryTokens = field(factory=MemoryTokens)
    mailboxes: MemoryMailboxes = field(factory=MemoryMailboxes)
    clock: SetClock = field(factory=SetClock)
    paused: list[float] = field(factory=list)

    @property
    def use(self) -> SigningIn:
        return SigningIn(self.server, self.tokens, self.mailboxes, self.clock)

    async def add(self, grant: Grant, auth_type: AuthType = AuthType.M365_IMAP, **own: Any) -> int:
        values = mailbox_values(auth_type, oauth_grant=grant, client_id="app", **own)
        return (await self.mailboxes.add(values, {}, ALICE)).mailbox.id

    async def code(self) -> CodeSignIn:
        begun = await self.use.begin(await self.add(Grant.DEVICE_CODE))
        assert isinstance(begun, CodeSignIn)
        return begun

    async def browser(self) -> BrowserSignIn:
        begun = await self.use.begin(await self.add(Grant.AUTHORIZATION_CODE))
        assert isinstance(begun, BrowserSignIn)
        return begun

    async def pause(self, seconds: float) -> None:
        self.paused.append(seconds)
        self.clock.go_on(seconds)

    @property
    def nothing_is_kept(self) -> bool:
        actions = [action for _, _, action, _ in self.mailboxes.audit]
        return self.tokens.kept == [] and "authorized" not in actions


@pytest.fixture
def world() -> World:
    return World()


async def test_a_code_is_asked_for_and_nothing_is_kept_before_it_is_typed(world: World) -> None:
    begun = await world.code()
    assert begun.prompt == CODE
    assert await world.use.look(begun) is None
    assert world.nothing_is_kept


async def test_the_server_is_asked_at_its_interval_until_the_code_is_typed(world: World) -> None:
    world.server.answers = [None, None, GRANTED]
    begun = await world.code()
    assert await typed(begun, world.use.look, world.pause) == GRANTED
    assert world.paused == [5.0, 5.0, 5.0]
    assert world.server.asked.count("poll_device") == 3


async def test_a_server_that_wants_fewer_questions_gets_them_from_then_on(world: World) -> None:
    slow, slower = TokenDelayedError("Slow."), TokenDelayedError("Slow.", retry_after_s=60.0)
    world.server.answers = [slow, None, slower, None, GRANTED]
    await typed(await world.code(), world.use.look, world.pause)
    assert world.paused == [5.0, 10.0, 10.0, 60.0, 60.0]


async def test_a_code_that_nobody_types_ends_after_its_life(world: World) -> None:
    begun = await world.code()
    with pytest.raises(SignInError, match="not typed within 15 min"):
        await typed(begun, world.use.look, world.pause)
    assert sum(world.paused) == CODE.lasts_s
    assert world.nothing_is_kept


async def test_a_declined_code_ends_the_wait(world: World) -> None:
    world.server.answers = [None, DECLINED]
    with pytest.raises(SignInError, match="declined"):
        await typed(await world.code(), world.use.look, world.pause)
    assert world.nothing_is_kept


async def test_what_was_granted_is_kept_audited_and_proven(world: World) -> None:
    begun = await world.code()
    proven = await world.use.keep(begun, GRANTED, ALICE)
    assert world.tokens.kept == [(begun.credential, GRANTED)]
    assert world.mailboxes.audit[-1] == ("alice", begun.mailbox.id, "authorized", None)
    assert proven.grant is Grant.DEVICE_CODE
    assert proven.signed_in_at == NOON
    assert proven.ends_at == NOON + timedelta(seconds=GRANTED.lasts_s)
    assert str(proven) == "Support: signed in; the token lasts 59 min, then is renewed."


async def test_a_sign_in_makes_the_mailbox_due_as_a_new_secret_does(world: World) -> None:
    begun = await world.code()
    await world.use.keep(begun, GRANTED, ALICE)
    stored = await world.mailboxes.get(begun.mailbox.id)
    assert stored is not None
    assert stored.mailbox.version == begun.mailbox.version + 1
    assert world.mailboxes.tokens[begun.mailbox.id] == 1


async def test_a_sign_in_whose_token_does_not_come_is_told_as_failed(world: World) -> None:
    world.tokens.dead = TokenSettingsError("The scope is not granted.")
    with pytest.raises(TokenSettingsError):
        await world.use.keep(await world.code(), GRANTED, ALICE)


async def test_what_was_changed_meanwhile_is_not_signed_in(world: World) -> None:
    begun = await world.code()
    change = Edit({"client_id": "other"}, {}, (), new_epoch=False, raise_token=True)
    await world.mailboxes.edit(begun.mailbox.id, 1, change, ALICE)
    with pytest.raises(ConflictError, match="changed meanwhile"):
        await world.use.keep(begun, GRANTED, ALICE)
    assert world.nothing_is_kept


async def test_what_is_gone_meanwhile_is_not_signed_in(world: World) -> None:
    begun = await world.browser()
    await world.mailboxes.remove(begun.mailbox.id, ALICE, archive=False)
    with pytest.raises(NotFoundError):
        await world.use.keep(begun, GRANTED, ALICE)
    assert world.nothing_is_kept


@pytest.mark.parametrize(
    "pasted",
    [
        LANDED,
        f"  {LANDED}\n",
        LANDED.replace("code", "co\n  de", 1),
        "http://localhost/?error=access_denied&state=st-1",
    ],
)
async def test_an_address_of_this_sign_in_is_redeemed_however_it_was_broken(
    world: World, pasted: str
) -> None:
    begun = await world.browser()
    assert begun.prompt == PAGE
    assert await world.use.redeem(begun, pasted) == GRANTED
    assert world.server.pasted == ["".join(pasted.split())]


@pytest.mark.parametrize(
    "pasted",
    [
        "",
        "one-time",
        "http://localhost/",
        "http://localhost/?code=one-time",
        "http://localhost/?state=st-1",
        "http://[localhost/?code=one-time&state=st-1",
        "http://localhost/?code=one-time&state=other",
        "https://localhost/?code=one-time&state=st-1",
        "http://localhost.evil.test/?code=one-time&state=st-1",
        "http://localhost:x/?code=one-time&state=st-1",
        "http://localhost/?code=one-time&state=\udc80",
    ],
)
async def test_what_is_no_address_of_this_sign_in_is_never_sent_nor_repeated(
    world: World, pasted: str
) -> None:
    begun = await world.browser()
    with pytest.raises(InvalidValueError) as caught:
        await world.use.redeem(begun, pasted)
    assert "redeem" not in world.server.asked
    assert "one-time" not in str(caught.value)
    assert "st-1" not in str(caught.value)


async def test_a_refused_redirect_is_told(world: World) -> None:
    begun = await world.browser()
    world.server.refusal = DECLINED
    with pytest.raises(SignInError, match="declined"):
        await world.use.redeem(begun, LANDED)
    assert world.nothing_is_kept


@pytest.mark.parametrize(
    ("grant", "auth_type", "named"),
    [
        (Grant.CLIENT_CREDENTIALS, AuthType.M365_IMAP, "client credentials"),
        (Grant.SERVICE_ACCOUNT, AuthType.GOOGLE_IMAP, "a service account"),
    ],
)
async def test_where_nobody_signs_in_a_token_is_got_at_once(
    world: World, grant: Grant, auth_type: AuthType, named: str
) -> None:
    proven = await world.use.begin(await world.add(grant, auth_type))
    assert isinstance(proven, Proven)
    assert proven.signed_in_at is None
    assert str(proven) == (
        f"Support: nobody signs in for {named}: a token was got, it lasts 59 min."
    )
    assert [granted for _, granted in world.tokens.kept] == [GRANTED]
    assert "authorized" not in [action for _, _, action, _ in world.mailboxes.audit]


async def test_where_nobody_signs_in_a_wrong_secret_is_told(world: World) -> None:
    world.server.refusal = TokenSettingsError("The Client Secret is wrong.")
    mailbox_id = await world.add(Grant.CLIENT_CREDENTIALS)
    with pytest.raises(TokenSettingsError, match="Client Secret"):
        await world.use.begin(mailbox_id)


async def test_who_logs_in_by_a_password_is_refused_with_a_sentence(world: World) -> None:
    stored = await world.mailboxes.add(mailbox_values(), {"password": Secret("x")}, ALICE)
    with pytest.raises(InvalidValueError) as caught:
        await world.use.begin(stored.mailbox.id)
    assert caught.value.message == "Support is of type POP: it logs in by a password."
    assert world.server.asked == []


async def test_what_is_not_there_has_no_sign_in(world: World) -> None:
    with pytest.raises(NotFoundError):
        await world.use.begin(7)
