"""The row of the top screens: which one is seen, told without colour, at every width."""

from __future__ import annotations

import pytest
from attrs import evolve

from kana_tui.domain.alerts import AlertKind
from kana_tui.domain.levels import Level
from kana_tui.ports.overview import AlertRow
from kana_tui.services.overview import Snapshot
from kana_tui.tui.line import line_cells
from kana_tui.tui.places import PAGES, TOP, Place
from kana_tui.tui.tabs import tabs
from tests.tui.stage import NOON, Stage

SCREENS_SEEN = sorted(TOP)


def snapshot(alerts: int = 0) -> Snapshot:
    open_ones = tuple(
        AlertRow(i, 1, "support", AlertKind.WATERMARK, Level.HIGH, NOON, None, None, 512)
        for i in range(alerts)
    )
    return evolve(Stage().snapshot(), alerts=open_ones)


def text(at: Place, width: int, alerts: int = 0) -> str:
    return "".join(run.text for run in tabs(at, PAGES, snapshot(alerts), width))


def test_the_one_that_is_seen_stands_in_brackets_and_moves_no_other() -> None:
    assert text(Place.BOARD, 120) == (
        "[1 Mailboxes]2 Receivers 3 Alerts     4 Queues 5 Rules 6 Outbox 7 Audit 8 Settings "
    )
    assert text(Place.QUEUES, 80) == (
        " 1 Mailboxes 2 Receivers 3 Alerts    [4 Queues]5 Rules 6 Outbox 7 Audit 8 Set "
    )
    assert text(Place.ALERTS, 80) == (
        " 1 Mailboxes 2 Receivers[3 Alerts]    4 Queues 5 Rules 6 Outbox 7 Audit 8 Set "
    )


def test_the_last_one_has_both_brackets() -> None:
    assert text(Place.SETTINGS, 120).endswith(" 7 Audit[8 Settings]")


def test_open_alerts_are_counted_there() -> None:
    assert " 3 Alerts(12) " in text(Place.BOARD, 120, alerts=12)
    assert " 3 Alerts 99+ " in text(Place.BOARD, 120, alerts=100)


@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize("at", SCREENS_SEEN)
def test_an_alert_that_opens_moves_no_name(at: Place, width: int) -> None:
    quiet = text(at, width)
    for alerts in (1, 12, 1000):
        shown = text(at, width, alerts)
        for digit in "1245678":
            assert shown.index(f"{digit} ") == quiet.index(f"{digit} ")
        assert len(shown) == len(quiet)


def test_names_become_brief_from_the_right_on_where_there_is_no_room() -> None:
    assert text(Place.BOARD, 80, alerts=3) == (
        "[1 Mailboxes]2 Receivers 3 Alerts(3)  4 Queues 5 Rules 6 Outbox 7 Audit 8 Set "
    )
    assert text(Place.ALERTS, 60, alerts=12) == (
        " 1 Mail 2 Recv[3 Alert(12)]4 Queue 5 Rule 6 Out 7 Aud 8 Set "
    )


@pytest.mark.parametrize("width", [60, 80, 120, 200])
@pytest.mark.parametrize("at", SCREENS_SEEN)
def test_every_digit_is_seen_at_every_width(at: Place, width: int) -> None:
    shown = text(at, width, alerts=12)
    assert all(f"{digit} " in shown for digit in range(1, 9))
    assert line_cells(tabs(at, PAGES, snapshot(12), width)) <= width
