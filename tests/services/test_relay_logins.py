"""After three refused logins a relay's account is tried each 30 minutes, until it changes."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from attrs import define, evolve, field

from kana_tui.domain.authentication import AuthType
from kana_tui.domain.backoff import REFUSALS_AT_PACE, REFUSED_EACH_S
from kana_tui.domain.errors import MailError, Stage
from kana_tui.domain.secret import Secret
from kana_tui.domain.settings import Relay, SenderSettings, Settings
from kana_tui.ports.mail_sender import PerhapsSentError, RelayAccount
from kana_tui.ports.mailboxes import Edit
from kana_tui.ports.outbox import OutboundKind, Outgoing
from kana_tui.services.relay_logins import FORGOTTEN_AFTER_S, RelayLogins
from kana_tui.services.sending import Attempt, Sending, SendingPorts
from tests.contracts.setting import ALICE, NOON, SetClock
from tests.mailboxes import mailbox_values
from tests.services.memory_mailboxes import MemoryMailboxes
from tests.services.memory_post import MemoryOutbox, MemorySecrets, MemorySender

LOCKED = MailError(Stage.SMTP, "own refused AUTH.", hint="Set it.", refused_credentials=True)
AWAY = MailError(Stage.SMTP, "own refuses the connection.", temporary=True)
UNWANTED = MailError(Stage.SMTP, "own: “554 not this”.")
IN_DOUBT = PerhapsSentError("own closed the connection.")
RELAY = RelayAccount("own", 587, user="sue", secret=Secret("hers"), owner="sue@acme.test")
NOBODYS = RelayAccount("own", 25)


@define
class Door:
    """`tries`: who got as far as the server."""

    clock: SetClock = field(factory=SetClock)
    tries: int = 0
    _logins: RelayLogins = field(init=False)

    @_logins.default
    def _new(self) -> RelayLogins:
        return RelayLogins(self.clock)

    async def try_(self, answer: MailError | None, relay: RelayAccount = RELAY) -> MailError | None:
        try:
            async with self._logins.trying(relay):
                self.tries += 1
                if answer is not None:
                    raise answer
        except MailError as error:
            return error
        return None

    async def refused(self, times: int = REFUSALS_AT_PACE, relay: RelayAccount = RELAY) -> None:
        for _ in range(times):
            await self.try_(LOCKED, relay)


async def test_the_third_refusal_and_all_that_follow_say_why_and_when() -> None:
    door = Door()
    await door.refused(2)
    third, fourth = await door.try_(LOCKED), await door.try_(None)
    assert door.tries == 3
    for error in (third, fourth):
        assert error is not None
        assert str(error) == (
            "own refused AUTH. Set it. After 3 refusals there is one try each 30 minutes, so that "
            "the account is not locked; the next one is at 12:30 UTC."
        )
        assert (error.refused_credentials, error.retry_after_s) == (True, REFUSED_EACH_S)


async def test_then_there_is_one_try_each_thirty_minutes() -> None:
    door = Door()
    await door.refused()
    for times in (4, 5):
        door.clock.go_on(REFUSED_EACH_S - 1)
        assert (await door.try_(None) or AWAY).retry_after_s == 1
        door.clock.go_on(1)
        await door.refused(2)
        assert door.tries == times


async def test_of_many_at_once_three_are_tried_and_the_others_wait_for_how_they_end() -> None:
    door, held = Door(), asyncio.Event()

    async def hold() -> MailError | None:
        with suppress(MailError):
            async with door._logins.trying(RELAY):
                door.tries += 1
                await held.wait()
                raise LOCKED
        return None

    async with asyncio.TaskGroup() as group:
        for _ in range(8):
            group.create_task(hold())
        for _ in range(20):
            await asyncio.sleep(0)
        assert door.tries == REFUSALS_AT_PACE
        held.set()
    assert door.tries == REFUSALS_AT_PACE


async def test_one_that_is_cancelled_leaves_its_place() -> None:
    door = Door()

    async def hold() -> None:
        async with door._logins.trying(RELAY):
            door.tries += 1
            await asyncio.Event().wait()

    tasks = [asyncio.create_task(hold()) for _ in range(REFUSALS_AT_PACE)]
    waiting = asyncio.create_task(door.try_(None))
    while door.tries < REFUSALS_AT_PACE:
        await asyncio.sleep(0)
    for task in tasks:
        task.cancel()
    async with asyncio.timeout(20):
        assert await waiting is None
    await asyncio.wait(tasks)


@pytest.mark.parametrize("answer", [None, UNWANTED, IN_DOUBT])
async def test_a_login_that_succeeded_forgets_the_refusals(answer: MailError | None) -> None:
    door = Door()
    await door.refused(2)
    await door.try_(answer)
    await door.refused(2)
    assert await door.try_(None) is None


async def test_a_server_that_is_away_forgets_none() -> None:
    door = Door()
    await door.refused(2)
    await door.try_(AWAY)
    await door.refused(1)
    assert (await door.try_(None) or AWAY).refused_credentials


@pytest.mark.parametrize("other", [
    evolve(RELAY, secret=Secret("new")), evolve(RELAY, user="ann"), evolve(RELAY, port=465),
    evolve(RELAY, server="else"), evolve(RELAY, edition=2), NOBODYS,
])  # fmt: skip
async def test_another_secret_or_account_is_tried_at_once(other: RelayAccount) -> None:
    door = Door()
    await door.refused()
    assert await door.try_(None, other) is None


async def test_two_mailboxes_with_one_account_have_one_pause() -> None:
    door = Door()
    await door.refused()
    assert await door.try_(None, evolve(RELAY, server="OWN", owner="ann@acme.test")) is not None


async def test_where_nobody_logs_in_nothing_waits() -> None:
    door = Door()
    await door.refused(9, NOBODYS)
    assert (door.tries, await door.try_(None, NOBODYS)) == (9, None)


async def test_secrets_that_nobody_uses_any_more_are_forgotten() -> None:
    door = Door()
    await door.refused()
    door.clock.go_on(FORGOTTEN_AFTER_S + 1)
    await door.refused(1, evolve(RELAY, secret=Secret("new")))
    assert len(door._logins._accounts) == 1


SENDER = SenderSettings("mx", user="relay", fallback=Relay("spare", 25))
LETTER = Outgoing(1, OutboundKind.ALERT, "kana@acme.test", ("a@x.test",), b"raw", 0)


@define
class Office:
    """One engine's sending; `own` is a mailbox's server, `mx` the sender's."""

    sender: MemorySender = field(factory=MemorySender)
    clock: SetClock = field(factory=SetClock)
    outbox: MemoryOutbox = field(factory=MemoryOutbox)
    mailboxes: MemoryMailboxes = field(factory=MemoryMailboxes)
    sending: Sending = field(init=False)

    def __attrs_post_init__(self) -> None:
        ports = SendingPorts(
            self.outbox, self.sender, MemorySecrets(), self.clock, lambda: 0.0, self.mailboxes
        )
        self.sending = Sending(ports, lambda: Settings(sender=SENDER), "mx1")

    async def a_reply(self, **own: Any) -> Outgoing:
        fields: dict[str, Any] = {
            "smtp_server": "own",
            "smtp_auth": True,
            "smtp_user": "sue",
            **own,
        }
        secrets = {"smtp_password": Secret("hers")}
        stored = await self.mailboxes.add(mailbox_values(**fields), secrets, ALICE)
        return evolve(LETTER, kind=OutboundKind.REPLY, mailbox_id=stored.mailbox.id)

    async def attempts(self, letter: Outgoing, times: int) -> Attempt:
        for _ in range(times):
            attempt = await self.sending.attempt(letter)
        return attempt

    def asked(self, server: str) -> int:
        return sum(one == server for one, _to in self.sender.sent)


async def test_a_mailboxs_letters_wait_until_the_next_try_of_its_relay() -> None:
    office = Office(MemorySender({"own": LOCKED}))
    letter = await office.a_reply()
    attempt = await office.attempts(letter, 5)
    await office.sending.settle(letter, attempt)
    assert office.asked("own") == REFUSALS_AT_PACE
    ((refused, next_try, error),) = office.outbox.settled
    assert (refused, next_try) == ({}, NOON + timedelta(seconds=REFUSED_EACH_S))
    assert "the next one is at 12:30 UTC" in (error or "")


async def test_an_edit_during_the_attempt_ends_the_pause_that_it_begins() -> None:
    office = Office(MemorySender({"own": LOCKED}))
    letter = await office.a_reply()
    await office.attempts(letter, REFUSALS_AT_PACE - 1)

    async def edit() -> None:
        (stored,) = await office.mailboxes.all()
        new = Edit({}, {"smtp_password": Secret("new")}, (), new_epoch=False, raise_token=False)
        await office.mailboxes.edit(stored.mailbox.id, stored.mailbox.version, new, ALICE)

    office.sender.before = edit
    attempt = await office.sending.attempt(letter)
    assert (attempt.again, attempt.told_s) == (True, 0.0)


async def test_alert_mail_goes_by_the_fall_back_while_the_default_server_is_paused() -> None:
    office = Office(MemorySender({"mx": LOCKED}))
    for _ in range(6):
        assert await office.sending.attempt(LETTER) == Attempt()
    assert (office.asked("mx"), office.asked("spare")) == (REFUSALS_AT_PACE, 6)


async def test_an_undelivered_alert_is_tried_at_its_own_pace_and_its_server_is_not() -> None:
    office = Office(MemorySender({"mx": LOCKED, "spare": AWAY}))
    attempt = await office.attempts(LETTER, 6)
    assert (attempt.again, attempt.told_s) == (True, 0.0)
    assert (office.asked("mx"), office.asked("spare")) == (REFUSALS_AT_PACE, 6)


@pytest.mark.parametrize("told_s", [5.0, 900.0])
async def test_letters_wait_as_long_as_the_authorization_server_wants(told_s: float) -> None:
    delayed = MailError(Stage.SMTP, "Asked too often.", temporary=True, retry_after_s=told_s)
    office = Office(MemorySender({"own": delayed}))
    by_token: dict[str, Any] = {
        "auth_type": AuthType.M365_IMAP,
        "oauth2_smtp": True,
        "smtp_tls": True,
    }
    letter = await office.a_reply(smtp_auth=False, **by_token)
    await office.sending.settle(letter, await office.sending.attempt(letter))
    ((_refused, next_try, error),) = office.outbox.settled
    assert (next_try, error) == (NOON + timedelta(seconds=told_s), "Asked too often.")
