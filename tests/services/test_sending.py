"""Letters leave by the default server or the fall-back relay, and each attempt ends one way."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from attrs import define, evolve, field
from hypothesis import given
from hypothesis import strategies as st

from kana_tui.domain.errors import MailError, Stage
from kana_tui.domain.resending import ALERT_LONGEST_S, resend_after_s
from kana_tui.domain.secret import Secret
from kana_tui.domain.settings import Relay, SenderSettings, SenderTls, Settings
from kana_tui.ports.mail_sender import PerhapsSentError, Refusal
from kana_tui.ports.mailboxes import Edit
from kana_tui.ports.outbox import OutboundKind, Outgoing
from kana_tui.services.sending import Attempt, Sending, SendingPorts
from tests.contracts.setting import ALICE, NOON, SetClock
from tests.mailboxes import mailbox_values
from tests.services.memory_mailboxes import MemoryMailboxes
from tests.services.memory_post import Answer, MemoryOutbox, MemorySecrets, MemorySender

LETTER = Outgoing(1, OutboundKind.ALERT, "kana@acme.test", ("a@x.test", "b@x.test"), b"raw", 0)
LATER = Refusal("451 later", permanent=False)
NEVER = Refusal("550 nobody", permanent=True)
AWAY = MailError(Stage.SMTP, "mx refuses the connection.", temporary=True)
SLOW = MailError(Stage.SMTP, "mx: no greeting after 30 s.", deadline=True)
LOCKED = MailError(Stage.SMTP, "mx refused user and password.", refused_credentials=True)
IN_DOUBT = PerhapsSentError("mx closed the connection before its answer to the message.")
UNWANTED = MailError(Stage.SMTP, "mx: “554 not this”.")

WITH_FALLBACK = SenderSettings(server="mx", fallback=Relay("spare", 2525))


@define
class Office:
    answers: dict[str, Answer] = field(factory=dict)
    settings: SenderSettings = WITH_FALLBACK
    ssl_enabled: bool = True
    outbox: MemoryOutbox = field(factory=MemoryOutbox)
    secrets: MemorySecrets = field(factory=MemorySecrets)
    sender: MemorySender = field(factory=MemorySender)
    mailboxes: MemoryMailboxes = field(factory=MemoryMailboxes)

    @property
    def sending(self) -> Sending:
        self.sender.answers = self.answers
        ports = SendingPorts(
            self.outbox, self.sender, self.secrets, SetClock(), lambda: 0.0, self.mailboxes
        )
        settings = Settings(sender=self.settings, ssl_enabled=self.ssl_enabled)
        return Sending(ports, lambda: settings, "mx1")

    async def attempt(self, letter: Outgoing = LETTER) -> Attempt:
        return await self.sending.attempt(letter)

    async def of_a_mailbox(self, **own: Any) -> Outgoing:
        """A reply of a new mailbox whose SMTP server is `own`, unless told otherwise."""
        values = mailbox_values(**{"smtp_server": "own", "smtp_port": 587, **own})
        secrets = {"smtp_password": Secret("hers")}
        stored = await self.mailboxes.add(values, secrets, ALICE)
        return evolve(LETTER, kind=OutboundKind.REPLY, mailbox_id=stored.mailbox.id)

    @property
    def servers(self) -> list[str]:
        return [server for server, _to in self.sender.sent]


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


CUSTOMERS = [kind for kind in OutboundKind if not kind.at_least_once]


@pytest.mark.parametrize("kind", list(OutboundKind))
async def test_a_mailboxs_mail_leaves_by_its_own_server_and_alerts_never_do(
    kind: OutboundKind,
) -> None:
    office = Office()
    letter = await office.of_a_mailbox(smtp_tls=True, smtp_auth=True, smtp_user="sue")
    assert await office.attempt(evolve(letter, kind=kind)) == Attempt()
    if kind.at_least_once:
        assert office.servers == ["mx"]
        return
    (relay,) = office.sender.relays
    assert (relay.server, relay.port, relay.tls) == ("own", 587, SenderTls.STARTTLS)
    assert (relay.user, relay.secret, relay.owner) == ("sue", Secret("hers"), "support@example.com")


@pytest.mark.parametrize("failure", [AWAY, SLOW, LOCKED, UNWANTED])
async def test_no_other_server_stands_in_for_a_mailboxs_own(failure: MailError) -> None:
    office = Office({"own": failure})
    attempt = await office.attempt(await office.of_a_mailbox())
    assert attempt == Attempt(error=str(failure), again=failure is not UNWANTED)
    assert office.servers == ["own"]


async def test_a_mailbox_without_a_server_sends_as_the_sender_does() -> None:
    office = Office({"mx": AWAY})
    assert await office.attempt(await office.of_a_mailbox(smtp_server="")) == Attempt()
    assert office.servers == ["mx", "spare"]


async def test_a_mailbox_that_asks_for_tls_is_sent_by_no_relay_without_it() -> None:
    office = Office({"mx": AWAY})
    letter = await office.of_a_mailbox(smtp_server="", smtp_tls=True)
    assert (await office.attempt(letter)).again
    assert [(one.server, one.tls) for one in office.sender.relays] == [("mx", SenderTls.STARTTLS)]


async def test_the_mailbox_counts_as_it_stands_when_the_letter_is_sent() -> None:
    office = Office()
    letter = await office.of_a_mailbox()
    stored = await office.mailboxes.get(letter.mailbox_id or 0)
    assert stored is not None
    edit = Edit({"smtp_server": "other"}, {}, (), new_epoch=False, raise_token=False)
    await office.mailboxes.edit(stored.mailbox.id, stored.mailbox.version, edit, ALICE)
    await office.attempt(letter)
    assert office.servers == ["other"]


async def test_what_the_settings_forbid_waits_and_shows_nothing_to_any_server() -> None:
    office = Office(ssl_enabled=False)
    letter = await office.of_a_mailbox(smtp_auth=True, smtp_user="sue", smtp_ssl=True)
    attempt = await office.attempt(letter)
    assert (attempt.error or "").startswith("SSL is off in config.xml, but Secure SMTP (SSL) is on")
    assert (attempt.again, office.servers) == (True, [])


@pytest.mark.parametrize("kind", CUSTOMERS)
async def test_mail_to_customers_that_has_perhaps_arrived_is_not_sent_again(
    kind: OutboundKind,
) -> None:
    office = Office({"mx": IN_DOUBT})
    attempt = await office.attempt(evolve(LETTER, kind=kind))
    assert attempt == Attempt(error=f"{IN_DOUBT} It has perhaps arrived, so it is not sent again.")
    assert office.servers == ["mx"]


async def test_only_those_are_in_doubt_whom_no_server_has_taken_for_sure() -> None:
    office = Office({"mx": {"b@x.test": LATER}, "spare": IN_DOUBT})
    attempt = await office.attempt(evolve(LETTER, kind=OutboundKind.REPLY))
    assert (list(attempt.refused), attempt.error, attempt.again) == (["b@x.test"], None, False)
    assert attempt.refused["b@x.test"].permanent


async def test_whom_the_server_had_refused_before_it_fell_silent_is_tried_again() -> None:
    in_doubt = PerhapsSentError(IN_DOUBT.message, refused={"b@x.test": LATER})
    attempt = await Office({"mx": in_doubt}).attempt(evolve(LETTER, kind=OutboundKind.REPLY))
    assert (attempt.again, attempt.refused["b@x.test"]) == (True, LATER)
    assert attempt.refused["a@x.test"].permanent
    assert "not sent again" in attempt.refused["a@x.test"].words


async def test_whom_it_had_refused_for_good_has_failed_unless_another_server_was_away() -> None:
    in_doubt = PerhapsSentError(IN_DOUBT.message, refused={"b@x.test": NEVER})
    reply = evolve(LETTER, kind=OutboundKind.REPLY)
    assert not (await Office({"mx": in_doubt}).attempt(reply)).again
    after_one_that_is_away = await Office({"mx": AWAY, "spare": in_doubt}).attempt(reply)
    assert after_one_that_is_away.again
    assert after_one_that_is_away.refused["a@x.test"].permanent


async def test_an_alert_that_has_perhaps_arrived_is_sent_again() -> None:
    office = Office({"mx": IN_DOUBT, "spare": AWAY})
    assert (await office.attempt()).again
    assert office.servers == ["mx", "spare"]


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
