"""Letters leave by the default server or the fall-back relay, and each attempt ends one way."""

from __future__ import annotations

from datetime import timedelta

import pytest
from attrs import define, evolve, field
from hypothesis import given
from hypothesis import strategies as st

from kana_tui.domain.errors import MailError, Stage
from kana_tui.domain.resending import ALERT_LONGEST_S, resend_after_s
from kana_tui.domain.secret import Secret
from kana_tui.domain.settings import Relay, SenderSettings, SenderTls, Settings
from kana_tui.ports.mail_sender import Refusal
from kana_tui.ports.outbox import OutboundKind, Outgoing
from kana_tui.services.sending import Attempt, Sending, SendingPorts
from tests.contracts.setting import NOON, SetClock
from tests.services.memory_post import Answer, MemoryOutbox, MemorySecrets, MemorySender

LETTER = Outgoing(1, OutboundKind.ALERT, "kana@acme.test", ("a@x.test", "b@x.test"), b"raw", 0)
LATER = Refusal("451 later", permanent=False)
NEVER = Refusal("550 nobody", permanent=True)
AWAY = MailError(Stage.SMTP, "mx refuses the connection.", temporary=True)
SLOW = MailError(Stage.SMTP, "mx: no greeting after 30 s.", deadline=True)
LOCKED = MailError(Stage.SMTP, "mx refused user and password.", refused_credentials=True)
UNWANTED = MailError(Stage.SMTP, "mx: “554 not this”.")

WITH_FALLBACK = SenderSettings(server="mx", fallback=Relay("spare", 2525))


@define
class Office:
    answers: dict[str, Answer] = field(factory=dict)
    settings: SenderSettings = WITH_FALLBACK
    outbox: MemoryOutbox = field(factory=MemoryOutbox)
    secrets: MemorySecrets = field(factory=MemorySecrets)
    sender: MemorySender = field(factory=MemorySender)

    @property
    def sending(self) -> Sending:
        self.sender.answers = self.answers
        ports = SendingPorts(self.outbox, self.sender, self.secrets, SetClock(), lambda: 0.0)
        return Sending(ports, lambda: Settings(sender=self.settings), "mx1")

    async def attempt(self) -> Attempt:
        return await self.sending.attempt(LETTER)


async def test_the_default_server_is_enough() -> None:
    office = Office()
    assert await office.attempt() == Attempt()
    assert office.sender.sent == [("mx", LETTER.recipients)]


@pytest.mark.parametrize("failure", [AWAY, SLOW, LOCKED, UNWANTED])
async def test_the_fall_back_relay_takes_what_the_default_server_does_not(
    failure: MailError,
) -> None:
    office = Office({"mx": failure})
    assert await office.attempt() == Attempt()
    assert [server for server, _to in office.sender.sent] == ["mx", "spare"]
    assert (office.sender.relays[1].port, office.sender.relays[1].user) == (2525, "")


async def test_the_fall_back_relay_is_asked_only_for_those_who_were_refused() -> None:
    office = Office({"mx": {"b@x.test": NEVER}})
    assert await office.attempt() == Attempt()
    assert office.sender.sent == [("mx", LETTER.recipients), ("spare", ("b@x.test",))]


@pytest.mark.parametrize(("failure", "again"), [
    (AWAY, True), (SLOW, True), (LOCKED, True), (UNWANTED, False),
])  # fmt: skip
async def test_without_a_fall_back_a_failure_is_told_in_its_words(
    failure: MailError, again: bool
) -> None:
    office = Office({"mx": failure}, SenderSettings(server="mx"))
    assert await office.attempt() == Attempt(error=str(failure), again=again)


async def test_where_both_fail_both_are_told() -> None:
    office = Office({"mx": UNWANTED, "spare": AWAY})
    assert await office.attempt() == Attempt(error=f"{UNWANTED} {AWAY}", again=True)


async def test_a_refusal_is_final_only_if_both_servers_say_so() -> None:
    final = await Office({"mx": {"b@x.test": NEVER}, "spare": {"b@x.test": NEVER}}).attempt()
    assert (final.refused["b@x.test"].permanent, final.again) == (True, False)
    assert final.refused["b@x.test"].words == "550 nobody 550 nobody"
    for first, second in ((NEVER, LATER), (LATER, NEVER)):
        mixed = Office({"mx": {"b@x.test": first}, "spare": {"b@x.test": second}})
        assert (await mixed.attempt()).again


async def test_a_refusal_is_not_final_while_the_other_server_is_away() -> None:
    away_first: dict[str, Answer] = {"mx": AWAY, "spare": {"b@x.test": NEVER}}
    away_second: dict[str, Answer] = {"mx": {"b@x.test": NEVER}, "spare": AWAY}
    for answers in (away_first, away_second):
        attempt = await Office(answers).attempt()
        assert list(attempt.refused) == ["b@x.test"]
        assert (attempt.refused["b@x.test"].permanent, attempt.again) == (False, True)


async def test_a_user_logs_in_with_the_stored_password() -> None:
    office = Office(settings=SenderSettings(server="mx", user="relay", tls=SenderTls.STARTTLS))
    office.secrets.stored["sender", "sender-password"] = Secret("hunter2")
    await office.attempt()
    (relay,) = office.sender.relays
    assert (relay.user, relay.secret, relay.tls) == ("relay", Secret("hunter2"), SenderTls.STARTTLS)


async def test_a_password_that_cannot_be_opened_keeps_the_letter_waiting() -> None:
    office = Office(settings=SenderSettings(server="mx", user="relay"))
    office.secrets.damaged = True
    assert await office.attempt() == Attempt(error="The secret cannot be opened.", again=True)


async def test_in_training_nothing_leaves_and_letters_wait() -> None:
    office = Office(settings=SenderSettings(training=True))
    office.outbox.waiting.append(LETTER)
    assert await office.sending.claim(9) == ()
    assert office.outbox.waiting == [LETTER]
    office.settings = evolve(office.settings, training=False)
    assert await office.sending.claim(9) == [LETTER]


async def test_an_attempt_that_failed_has_its_next_time_and_a_final_one_has_none() -> None:
    office = Office()
    await office.sending.settle(LETTER, Attempt(error="away", again=True))
    await office.sending.settle(LETTER, Attempt(refused={"b@x.test": NEVER}))
    await office.sending.settle(evolve(LETTER, attempts=50), Attempt(error="away", again=True))
    first, final, late = office.outbox.settled
    assert first == ({}, NOON + timedelta(seconds=1.5), "away")
    assert final == ({"b@x.test": NEVER}, None, None)
    assert late[1] == NOON + timedelta(seconds=45)


@given(st.integers(1, 10_000), st.floats(0, 1, exclude_max=True))
def test_an_alert_is_never_kept_waiting_for_more_than_a_minute(
    attempts: int, chance: float
) -> None:
    wait_s = resend_after_s(attempts, chance)
    assert 1.5 <= wait_s <= ALERT_LONGEST_S
    assert resend_after_s(attempts + 1, 0.0) >= resend_after_s(attempts, 0.0)
