"""How a due notification ends, over every notification that there can be."""

from __future__ import annotations

from datetime import timedelta

from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from kana_tui.domain.levels import Level
from kana_tui.ports.notifications import NoticeKind, NoticeState, Notification
from kana_tui.services.alerting import Deferred, judge_notification
from tests.contracts.setting import NOON

REPEAT_S = 900
ENDS = {"mailed", "recovered", "undeliverable"}

NOTICE = Notification(
    id=1, alert_id=1, mailbox_id=1, kind=NoticeKind.HIGH, state=NoticeState.PENDING, depth=600,
    at=NOON, due_at=NOON, level=Level.HIGH, alert_open=True, mailed_before=None,
)  # fmt: skip


@given(
    st.sampled_from(NoticeKind),
    st.sampled_from([NoticeState.PENDING, NoticeState.DEFERRED]),
    st.sampled_from(Level),
    st.booleans(),
    st.none() | st.integers(-2000, 2000),
    st.booleans(),
)
def test_every_due_notification_has_a_verdict_and_a_deferral_has_an_end(
    kind: NoticeKind,
    state: NoticeState,
    level: Level,
    alert_open: bool,
    ago_s: int | None,
    has_address: bool,
) -> None:
    before = None if ago_s is None else NOON - timedelta(seconds=ago_s)
    one = evolve(
        NOTICE, kind=kind, state=state, level=level, alert_open=alert_open, mailed_before=before
    )
    repeat = timedelta(seconds=REPEAT_S)
    to = ("ops@acme.test",) if has_address else ()
    verdict = judge_notification(one, NOON, repeat, to)
    if isinstance(verdict, Deferred):
        assert NOON < verdict.until <= NOON + repeat
        assert not isinstance(judge_notification(one, verdict.until, repeat, to), Deferred)
    else:
        assert verdict.value in ENDS
        assert has_address or verdict is not NoticeState.MAILED
