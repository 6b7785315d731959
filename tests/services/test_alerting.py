"""Crossings become mail: one each, none lost, none twice."""

from __future__ import annotations

import asyncio
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from attrs import evolve
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kana_tui.domain.settings import WatermarkSettings
from kana_tui.mail.letter import compose
from kana_tui.ports.intake import Lease
from kana_tui.ports.mailboxes import Edit
from kana_tui.services.alerting import Alerting, AlertingPorts
from kana_tui.store.open import open_store
from tests.contracts.setting import ALICE, NOON, SetClock, add_mailbox, lease_of
from tests.services.alert_desk import Desk, opened
from tests.store.memory_secret_box import MemorySecretBox

REPEAT_S = 900
ENDS = {"mailed", "recovered", "undeliverable"}


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("alerts")

    async def make() -> None:
        async with open_store("sqlite:///kana.db", home, MemorySecretBox(), SetClock()):
            pass

    asyncio.run(make())
    return home / "kana.db"


@pytest.fixture
async def desk(template: Path, tmp_path: Path) -> AsyncIterator[Desk]:
    async with opened(template, tmp_path) as one:
        yield one


async def a_lease(desk: Desk, name: str = "Support", **own: Any) -> Lease:
    return await lease_of(desk.store, await add_mailbox(desk.store, name, **own))


async def test_each_crossing_is_one_mail(desk: Desk) -> None:
    lease = await a_lease(desk)
    for depth in (50, 150, 200, 600, 900, 300, 100, 90):
        await desk.depth(lease, depth)
        await desk.round()
        await desk.round()
        desk.clock.go_on(60)
    assert await desk.subjects() == ["LOW", "HIGH", "DRAINED"]


async def test_over_both_marks_at_once_is_one_mail(desk: Desk) -> None:
    await desk.depth(await a_lease(desk), 600)
    await desk.round()
    assert await desk.subjects() == ["HIGH"]


async def test_a_crossing_that_nobody_looked_at_in_time_is_mailed_all_the_same(desk: Desk) -> None:
    lease = await a_lease(desk)
    for depth in (150, 600, 0):
        await desk.depth(lease, depth)
        desk.clock.go_on(3600)
    await desk.round()
    assert await desk.subjects() == ["LOW", "HIGH", "DRAINED"]


async def test_the_same_crossing_again_is_deferred_and_mailed_if_its_level_still_stands(
    desk: Desk,
) -> None:
    lease = await a_lease(desk)
    for depth in (150, 50, 150):
        await desk.depth(lease, depth)
        await desk.round()
        desk.clock.go_on(60)
    assert await desk.subjects() == ["LOW"]
    desk.clock.go_on(REPEAT_S - 181)
    await desk.round()
    assert await desk.subjects() == ["LOW"]
    desk.clock.go_on(1)
    await desk.round()
    assert await desk.subjects() == ["LOW", "LOW"]


async def test_a_deferred_crossing_that_recovers_is_not_mailed(desk: Desk) -> None:
    lease = await a_lease(desk)
    for depth in (150, 50, 150, 50):
        await desk.depth(lease, depth)
        await desk.round()
    desk.clock.go_on(REPEAT_S)
    await desk.round()
    assert [end[:2] for end in desk.ended()] == [("low", "mailed"), ("low", "recovered")]
    assert await desk.subjects() == ["LOW"]


async def test_of_several_deferred_ones_the_one_that_stands_is_mailed(desk: Desk) -> None:
    lease = await a_lease(desk)
    for depth in (150, 50, 150, 50, 150):
        await desk.depth(lease, depth)
        await desk.round()
    desk.clock.go_on(REPEAT_S)
    await desk.round()
    assert [state for _c, state, _o in desk.ended()] == ["mailed", "recovered", "mailed"]


async def test_a_depth_that_swings_round_a_mark_for_an_hour_is_few_mails(desk: Desk) -> None:
    lease = await a_lease(desk)
    for _ in range(90):
        for depth in (105, 95):
            await desk.depth(lease, depth)
            await desk.round()
            desk.clock.go_on(20)
    assert await desk.subjects() == ["LOW"] * 4
    assert len(desk.ended()) == 90


async def test_a_high_depth_that_swings_round_the_high_mark_is_one_mail(desk: Desk) -> None:
    lease = await a_lease(desk)
    for depth in (505, 495) * 50:
        await desk.depth(lease, depth)
        await desk.round()
        desk.clock.go_on(60)
    assert await desk.subjects() == ["HIGH"]


async def test_another_mailbox_is_not_held_back(desk: Desk) -> None:
    for name in ("Support", "Sales"):
        await desk.depth(await a_lease(desk, name), 150)
        await desk.round()
    assert await desk.subjects() == ["LOW", "LOW"]


async def test_a_recovery_mail_ends_the_window(desk: Desk) -> None:
    lease = await a_lease(desk)
    for depth in (600, 0, 600, 0):
        await desk.depth(lease, depth)
        await desk.round()
        desk.clock.go_on(10)
    assert await desk.subjects() == ["HIGH", "DRAINED", "HIGH", "DRAINED"]


async def test_a_recovery_ends_the_window_though_nobody_looked_before_the_next_rise(
    desk: Desk,
) -> None:
    lease = await a_lease(desk)
    await desk.depth(lease, 600)
    await desk.round()
    for depth in (50, 600):
        desk.clock.go_on(60)
        await desk.depth(lease, depth)
    await desk.round()
    assert await desk.subjects() == ["HIGH", "DRAINED", "HIGH"]


YEAR_S = 365 * 86400


async def test_a_crossing_is_mailed_at_once_though_the_clock_was_set_back(desk: Desk) -> None:
    await desk.depth(await a_lease(desk), 600)
    desk.clock.go_on(-3600)
    await desk.round()
    assert await desk.subjects() == ["HIGH"]


async def test_a_mail_before_the_clock_was_set_back_holds_nothing_back(desk: Desk) -> None:
    lease = await a_lease(desk)
    desk.clock.go_on(YEAR_S)
    await desk.depth(lease, 150)
    await desk.round()
    desk.clock.go_on(-YEAR_S)
    for depth in (50, 150, 50, 150):
        await desk.depth(lease, depth)
        await desk.round()
        desk.clock.go_on(60)
    assert await desk.subjects() == ["LOW", "LOW"]
    desk.clock.go_on(REPEAT_S)
    await desk.round()
    assert await desk.subjects() == ["LOW"] * 3


async def test_what_was_deferred_before_the_clock_was_set_back_is_not_lost(desk: Desk) -> None:
    lease = await a_lease(desk)
    desk.clock.go_on(YEAR_S)
    for depth in (150, 50, 150):
        await desk.depth(lease, depth)
        await desk.round()
    assert await desk.subjects() == ["LOW"]
    desk.clock.go_on(-YEAR_S)
    await desk.round()
    assert await desk.subjects() == ["LOW", "LOW"]


async def test_the_mailboxs_own_addresses_come_before_the_global_ones(desk: Desk) -> None:
    own = await a_lease(desk, "Sales", alert_email=("sales-lead@acme.test", "b@acme.test"))
    other = await a_lease(desk)
    await desk.depth(own, 600)
    await desk.depth(other, 600)
    await desk.round()
    to = [row.to for row in await desk.store.outbox.list()]
    assert to == [("sales-lead@acme.test", "b@acme.test"), ("ops@acme.test",)]


async def test_without_any_address_it_is_undeliverable_until_the_alert_closes(desk: Desk) -> None:
    desk.watermarks = WatermarkSettings()
    lease = await a_lease(desk)
    await desk.depth(lease, 600)
    await desk.round()
    assert desk.ended() == [("high", "undeliverable", None)]
    assert (await desk.snapshot()).undelivered_alert_mail == 1
    await desk.depth(lease, 0)
    await desk.round()
    assert (await desk.snapshot()).undelivered_alert_mail == 0


async def test_a_depth_unknown_for_long_is_mailed_once(desk: Desk) -> None:
    lease = await a_lease(desk)
    await desk.depth(lease, 42)
    for _ in range(20):
        desk.clock.go_on(30)
        await desk.depth(lease, None)
        await desk.round()
    assert await desk.subjects() == ["UNKNOWN"]
    (row,) = await desk.store.outbox.list()
    assert row.subject == "UNKNOWN support@acme.test 42 waiting when last known (login)"


async def test_a_mailbox_that_was_removed_is_told_of_no_more(desk: Desk) -> None:
    lease = await a_lease(desk)
    await desk.depth(lease, 600)
    await desk.store.mailboxes.remove(lease.mailbox_id, ALICE, archive=True)
    await desk.round()
    assert await desk.subjects() == []


async def test_a_mail_that_cannot_be_made_does_not_silence_the_others(desk: Desk) -> None:
    for name in ("Support", "Sales"):
        await desk.depth(await a_lease(desk, name), 600)

    def faulty(draft: Any, at: Any) -> Any:
        if "support" in draft.subject:
            raise ZeroDivisionError
        return compose(draft, at)

    ports = AlertingPorts(
        desk.store.notifications, desk.store.mailboxes, desk.snapshot, faulty, desk.clock
    )
    alerting = Alerting(ports, desk.settings)
    assert await alerting.round() == 1
    assert [row.subject for row in await desk.store.outbox.list()] == [
        "HIGH sales@acme.test 600 waiting (high 500)"
    ]
    await desk.round()
    assert await desk.subjects() == ["HIGH", "HIGH"]


async def test_one_that_fails_each_time_waits_longer_and_blocks_no_later_one(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kana_tui.services.alerting.AT_ONCE", 1)
    tried: list[float] = []

    def faulty(draft: Any, at: Any) -> Any:
        if draft.subject.startswith("LOW"):
            tried.append((at - NOON).total_seconds())
            raise ZeroDivisionError
        return compose(draft, at)

    ports = AlertingPorts(
        desk.store.notifications, desk.store.mailboxes, desk.snapshot, faulty, desk.clock
    )
    alerting, lease = Alerting(ports, desk.settings), await a_lease(desk)
    for depth in (150, 600):
        await desk.depth(lease, depth)
    for _ in range(200):
        await alerting.round()
        desk.clock.go_on(1)
    assert await desk.subjects() == ["HIGH"]
    assert tried == [0, 2, 6, 14, 30, 62, 122, 182]


async def test_addresses_given_later_count_for_the_next_crossing(desk: Desk) -> None:
    desk.watermarks = WatermarkSettings()
    lease = await a_lease(desk)
    await desk.depth(lease, 150)
    await desk.round()
    edit = Edit({"alert_email": ("a@acme.test",)}, {}, (), new_epoch=False, raise_token=False)
    await desk.store.mailboxes.edit(lease.mailbox_id, 1, edit, ALICE)
    await desk.depth(lease, 600)
    await desk.round()
    assert [row.to for row in await desk.store.outbox.list()] == [("a@acme.test",)]


steps = st.one_of(
    st.tuples(st.just("depth"), st.sampled_from([0, 50, 99, 100, 150, 499, 500, 600, None])),
    st.tuples(st.just("wait"), st.sampled_from([1, 60, 400, 899, 900, 2000, -60, -3600])),
    st.tuples(st.just("round"), st.none()),
    st.tuples(st.just("address"), st.booleans()),
)


@given(st.lists(steps, max_size=40))
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_over_any_history_each_crossing_ends_in_exactly_one_way(
    template: Path, history: list[tuple[str, Any]]
) -> None:
    asyncio.run(_live_through(template, history))


async def _live_through(template: Path, history: list[tuple[str, Any]]) -> None:
    with TemporaryDirectory() as folder:
        async with opened(template, Path(folder)) as desk:
            lease = await a_lease(desk)
            crossings: Counter[str] = Counter()
            for what, value in history:
                if what == "depth":
                    before = len(desk.ended())
                    await desk.depth(lease, value)
                    crossings.update(row[0] for row in desk.ended()[before:])
                elif what == "wait":
                    desk.clock.go_on(value)
                elif what == "address":
                    addresses = ("ops@acme.test",) if value else ()
                    desk.watermarks = evolve(desk.watermarks, alert_email=addresses)
                else:
                    await desk.round()
            for _ in range(3):
                desk.clock.go_on(REPEAT_S)
                await desk.round()
            await _check(desk, crossings)


async def _check(desk: Desk, crossings: Counter[str]) -> None:
    ended = desk.ended()
    assert {state for _crossing, state, _letter in ended} <= ENDS
    told = Counter(crossing for crossing, _s, _l in ended if crossing != "unknown")
    assert told == +Counter({name: n for name, n in crossings.items() if name != "unknown"})
    letters = [letter for _c, state, letter in ended if state == "mailed"]
    assert None not in letters
    assert sorted(letters, key=int) == [row.id for row in await desk.store.outbox.list()]  # type: ignore[arg-type]
    assert len(set(letters)) == len(letters)
    assert all(letter is None for _c, state, letter in ended if state != "mailed")
    _check_pace(desk)


def _check_pace(desk: Desk) -> None:
    """Between two mails of the same rise lies the window, or a recovery mail."""
    with closing(sqlite3.connect(desk.place)) as connection:
        rows = connection.execute(
            "SELECT crossing, settled_at FROM notification WHERE state = 'mailed' ORDER BY id"
        )
        last: dict[str, int] = {}
        for crossing, mailed_at in rows:
            if crossing == "drained":
                last = {name: at for name, at in last.items() if name == "unknown"}
                continue
            before = last.get(crossing)
            set_back = before is not None and mailed_at < before
            assert before is None or set_back or mailed_at - before >= REPEAT_S * 1000
            last[crossing] = mailed_at
