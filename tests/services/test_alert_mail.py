"""What became of an alert's mail: how each crossing stands, and which is told first."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kana_tui.ports.alert_history import AlertLetter, AlertNotice, AlertRecipient, AlertRecord
from kana_tui.ports.notifications import NoticeState
from kana_tui.ports.outbox import OutboundState
from kana_tui.services.alert_mail import (
    LATE_AFTER,
    UNDELIVERED,
    MailStanding,
    alert_mails,
    foremost,
)
from tests.alerts import NOON, alert, minutes_ago, notice, posted, told

A, B = "a@acme.test", "b@acme.test"


def standing(*notices: AlertNotice, now: datetime = NOON) -> list[MailStanding]:
    return [mail.standing for mail in alert_mails(alert(1, notices=notices), now)]


def of_letter(letter: AlertLetter) -> MailStanding:
    return standing(notice(letter=letter))[0]


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (NoticeState.RECOVERED, MailStanding.RECOVERED),
        (NoticeState.SILENCED, MailStanding.SILENCED),
        (NoticeState.UNDELIVERABLE, MailStanding.NO_ADDRESS),
    ],
)
def test_a_crossing_that_ended_without_a_letter_says_how(
    state: NoticeState, expected: MailStanding
) -> None:
    assert standing(notice(state)) == [expected]


def test_what_waits_to_be_mailed_is_late_a_minute_after_its_time() -> None:
    for state, usual in (
        (NoticeState.PENDING, MailStanding.PENDING),
        (NoticeState.DEFERRED, MailStanding.DEFERRED),
    ):
        waiting = notice(state, due_at=NOON, settled_at=None)
        assert standing(waiting, now=NOON - timedelta(hours=1)) == [usual]
        assert standing(waiting, now=NOON + LATE_AFTER) == [usual]
        assert standing(waiting, now=NOON + LATE_AFTER + timedelta(milliseconds=1)) == [
            MailStanding.LATE
        ]


def test_a_letter_waits_for_a_minute_or_a_refusal_before_that_counts() -> None:
    waiting = told(state=OutboundState.WAITING)
    for state in (OutboundState.WAITING, OutboundState.SENDING):
        fresh = posted(waiting, state=state, attempts=0, created_at=NOON)
        assert of_letter(fresh) is MailStanding.WAITING
        assert of_letter(posted(waiting, state=state, attempts=1, created_at=NOON)) is (
            MailStanding.RETRYING
        )
        assert of_letter(posted(waiting, state=state, attempts=0)) is MailStanding.RETRYING


def test_a_letter_that_some_have_got_is_partly_sent() -> None:
    sent, refused = told(A), told(B, OutboundState.FAILED, "550 nobody")
    assert of_letter(posted(refused, state=OutboundState.FAILED)) is MailStanding.FAILED
    (mail,) = alert_mails(
        alert(1, notices=(notice(letter=posted(sent, refused, state=OutboundState.FAILED)),)), NOON
    )
    assert mail.standing is MailStanding.PARTLY
    assert (mail.told, mail.missing, mail.words) == ((A,), (B,), "550 nobody")


def test_where_no_recipient_has_a_reason_the_letters_own_is_told() -> None:
    letter = posted(
        told(A, OutboundState.WAITING),
        state=OutboundState.WAITING,
        last_error="no answer",
        next_try=minutes_ago(-3),
    )
    (mail,) = alert_mails(alert(1, notices=(notice(letter=letter),)), NOON)
    assert (mail.words, mail.next_try) == ("no answer", minutes_ago(-3))


def test_what_is_undelivered_is_told_first_then_what_is_under_way_then_the_newest_sent() -> None:
    sent, newer = notice(id=1), notice(id=4, at=minutes_ago(2))
    pending = notice(NoticeState.PENDING, due_at=NOON, settled_at=None)
    none = notice(NoticeState.UNDELIVERABLE)

    def first(*notices: AlertNotice) -> AlertNotice:
        mails = alert_mails(alert(1, notices=notices), NOON)
        found = foremost(mails)
        assert found is not None
        return notices[mails.index(found)]

    assert first(none, sent, pending, newer) is none
    assert first(sent, pending, newer) is pending
    assert first(sent, notice(NoticeState.RECOVERED)) is sent
    assert first(notice(NoticeState.RECOVERED)).state is NoticeState.RECOVERED
    assert foremost(()) is None


RECIPIENTS = st.builds(
    AlertRecipient,
    st.sampled_from([A, B]),
    st.sampled_from(OutboundState),
    st.none() | st.text(),
    st.just(NOON),
)
LETTERS = st.builds(
    posted,
    state=st.sampled_from(OutboundState),
    attempts=st.integers(0, 3),
    recipients=st.lists(RECIPIENTS, max_size=3).map(tuple),
)
ALERTS = st.lists(
    st.builds(notice, state=st.sampled_from(NoticeState), letter=st.none() | LETTERS), max_size=4
).map(lambda notices: alert(1, notices=tuple(notices)))


@given(ALERTS)
def test_every_crossing_stands_somehow_and_none_is_lost(one: AlertRecord) -> None:
    mails = alert_mails(one, NOON)
    assert len(mails) == len(one.notices)
    first = foremost(mails)
    assert (first is None) == (not mails)
    undelivered = any(mail.standing in UNDELIVERED for mail in mails)
    assert (first is not None and first.undelivered) == undelivered
