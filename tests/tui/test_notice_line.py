"""The header's second line: what must not be missed, in red words."""

from __future__ import annotations

from attrs import evolve

from kana_tui.tui.header import notice_line
from kana_tui.tui.line import Ink, Line, Run
from tests.tui.stage import NOON, Stage


def line(undelivered: int) -> Line:
    snapshot = evolve(Stage().snapshot(), undelivered_alert_mail=undelivered)
    return notice_line(snapshot, None, NOON, (), hosting=False)


def test_undelivered_alert_mail_stands_there_in_red_words() -> None:
    assert Run("2 ALERT MAIL UNDELIVERED", Ink.HIGH) in line(2)


def test_where_all_is_delivered_nothing_is_said() -> None:
    assert not any("ALERT MAIL" in run.text for run in line(0))
