"""What an alert's mail says, and that no name of a mailbox says more."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from kana_tui.domain.board import Cause, ShownLevel
from kana_tui.domain.cover import Priority
from kana_tui.domain.depth import Depth, VisitError
from kana_tui.domain.errors import Stage
from kana_tui.domain.levels import Level
from kana_tui.domain.rates import Rates
from kana_tui.domain.settings import Settings
from kana_tui.ports.notifications import NoticeKind, NoticeState, Notification
from kana_tui.ports.overview import OverviewRows
from kana_tui.services.alert_letters import alert_draft, subject
from kana_tui.services.overview import MailboxView, judge
from tests.tui.stage import mailbox

AT = datetime(2026, 11, 3, 12, 0, tzinfo=UTC)
KEYS = [
    "Mailbox", "Level", "Depth", "Watermarks", "Since", "Inflow", "Outflow", "ETA", "Why", "Look",
]  # fmt: skip


def view(name: str = "support", depth: int | None = 512, **own: Any) -> MailboxView:
    row = evolve(mailbox(1, name, depth), email_address="support@acme.test")
    (found,) = judge(OverviewRows((row,), (), (), (), ()), Settings(), AT).mailboxes
    return evolve(found, **own)


def notice(kind: NoticeKind, depth: int, **own: Any) -> Notification:
    given = {
        "id": 1,
        "alert_id": 7,
        "mailbox_id": 1,
        "kind": kind,
        "state": NoticeState.PENDING,
        "depth": depth,
        "at": AT,
        "due_at": AT,
        "level": Level.HIGH,
        "alert_open": True,
        "mailed_before": None,
    }
    return Notification(**{**given, **own})


def lines(notification: Notification, seen: MailboxView, **own: Any) -> dict[str, str]:
    draft = alert_draft(
        notification,
        seen,
        from_address="kana@acme.test",
        recipients=("ops@acme.test",),
        **{"zone": timezone(timedelta(hours=1)), **own},
    )
    pairs = [line.split(": ", 1) for line in draft.body.split("\n")]
    assert [key for key, _value in pairs] == KEYS
    return dict(pairs)


@pytest.mark.parametrize(
    ("kind", "depth", "expected"),
    [
        (NoticeKind.HIGH, 512, "HIGH support@acme.test 512 waiting (high 500)"),
        (NoticeKind.LOW, 120, "LOW support@acme.test 120 waiting (low 100)"),
        (NoticeKind.DRAINED, 100, "DRAINED support@acme.test 100 waiting (low 100)"),
        (NoticeKind.UNKNOWN, 97, "UNKNOWN support@acme.test 97 waiting when last known (login)"),
    ],
)
def test_a_subject_is_made_for_a_lock_screen(kind: NoticeKind, depth: int, expected: str) -> None:
    assert subject(notice(kind, depth), view(cause=Cause.LOGIN)) == expected


def test_the_name_stands_where_it_tells_more_than_the_address() -> None:
    high = notice(NoticeKind.HIGH, 512)
    assert subject(high, view("Support")) == "HIGH support@acme.test 512 waiting (high 500)"
    assert subject(high, view("Help Desk")) == (
        "HIGH support@acme.test (Help Desk) 512 waiting (high 500)"
    )


def test_a_depth_that_never_was_known_is_no_number() -> None:
    never = view(depth=None, cause=Cause.NETWORK)
    assert subject(notice(NoticeKind.UNKNOWN, 0), never) == (
        "UNKNOWN support@acme.test depth never known (network)"
    )
    assert lines(notice(NoticeKind.UNKNOWN, 0), never)["Depth"] == "never known"


def test_the_body_tells_all_that_is_known() -> None:
    seen = view("Help Desk", covered_by=("r1", "r2"), uncovered=False)
    seen = evolve(seen, depth=Depth(530, 4), flow=Rates(40.0, 3.25, 36.75))
    assert lines(notice(NoticeKind.HIGH, 512), seen) == {
        "Mailbox": "Help Desk <support@acme.test>",
        "Level": "HIGH (high watermark reached)",
        "Depth": "512 (now remote 530, local 4, total 534)",
        "Watermarks": "low 100, high 500",
        "Since": "2026-11-03T12:00:00.000Z (2026-11-03 13:00:00+01:00 local)",
        "Inflow": "40.0 per minute",
        "Outflow": "3.2 per minute",
        "ETA": "never at these rates",
        "Why": "covered by r1, r2; no error",
        "Look": "kana-tui --at support@acme.test",
    }


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        ({"eta_breach_s": 61}, "high watermark in 2 min"),
        ({"eta_drain_s": 7260}, "drained to the low watermark in 2 h 1 min"),
        ({}, "never at these rates"),
        ({"flow": None}, "not known"),
        ({"known": False, "eta_breach_s": 61}, "not known"),
    ],
)
def test_eta_says_to_what_and_when(own: dict[str, Any], expected: str) -> None:
    seen = view(**{"flow": Rates(1.0, 0.0, 1.0), "eta_breach_s": None, "eta_drain_s": None, **own})
    assert lines(notice(NoticeKind.LOW, 120), seen)["ETA"] == expected


def test_why_says_cover_and_the_last_error() -> None:
    error = VisitError(Stage.LOGIN, "[AUTH] no\x1b[31m", AT)
    seen = view(last_error=error, covered_by=(), uncovered=True, priority=Priority.LOW)
    assert lines(notice(NoticeKind.HIGH, 512), seen)["Why"] == (
        "no running receiver covers low priority; "
        "login error since 2026-11-03T12:00:00.000Z: [AUTH] no\\x1b[31m"
    )


def test_why_says_that_a_mailbox_is_not_active() -> None:
    why = lines(notice(NoticeKind.HIGH, 512), view(active=False, uncovered=False))["Why"]
    assert why == "the mailbox is not active, nothing is downloaded; no error"


@pytest.mark.parametrize(("depth", "level"), [(100, "ELEVATED"), (99, "NORMAL"), (0, "NORMAL")])
def test_drained_tells_the_level_that_it_led_to(depth: int, level: str) -> None:
    told = lines(notice(NoticeKind.DRAINED, depth), view(depth=depth))["Level"]
    assert told == f"{level} (drained to the low watermark)"


def test_an_unknown_depth_tells_the_last_good_one_and_since_when() -> None:
    since = AT - timedelta(minutes=5)
    seen = view(depth=97, known=False, shown=ShownLevel.UNKNOWN, unknown_since=since)
    told = lines(notice(NoticeKind.UNKNOWN, 97), seen)
    assert told["Level"] == "UNKNOWN (last known: NORMAL)"
    assert told["Depth"].startswith(
        "unknown; last remote 97, local 0, total 97 at 2026-11-03T12:00"
    )
    assert told["Since"].startswith("2026-11-03T11:55:00.000Z")


def test_the_alert_is_named_in_a_header() -> None:
    draft = alert_draft(
        notice(NoticeKind.HIGH, 512),
        view(),
        from_address="kana@acme.test",
        recipients=("a@b.test",),
    )
    assert draft.headers == {"X-Kana-Alert": "7"}
    assert draft.recipients == ("a@b.test",)


@given(st.text(st.characters(exclude_categories=())), st.sampled_from(NoticeKind))
def test_no_name_adds_a_line(name: str, kind: NoticeKind) -> None:
    error = VisitError(Stage.LOGIN, name, AT)
    seen = view(name, last_error=error)
    assert list(lines(notice(kind, 1), seen)) == KEYS
    assert subject(notice(kind, 1), seen).isprintable()
