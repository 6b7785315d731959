"""The engine whole, on a real store and on mail servers in memory."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing

import pytest
from attrs import evolve

from kana_tui.domain.audit import Actor
from kana_tui.domain.cover import Priority
from kana_tui.domain.errors import MailError, Stage
from kana_tui.domain.levels import Level, Watermarks
from kana_tui.domain.mailbox import Mailbox
from kana_tui.ports.mailboxes import Edit
from kana_tui.ports.messages import MessageFilter, MessageState
from tests.contracts.setting import ALICE
from tests.engine.world import DEADLINE_S, Host, settings_of


async def test_mail_is_downloaded_again_and_again_and_routed(host: Host) -> None:
    server = await host.mailbox("Support", 3)

    async def open_messages() -> int:
        return len(await host.store.messages.list(MessageFilter(state=MessageState.OPEN)))

    async with host.served(settings_of(Priority.LOW)):
        await host.until(lambda: not server.messages)
        server.deliver(b"Subject: late\r\n\r\n")
        await host.until(lambda: not server.messages)
        async with asyncio.timeout(DEADLINE_S):
            while await open_messages() < 4:
                await asyncio.sleep(0.02)
    assert await open_messages() == 4


async def test_a_mailbox_that_no_receiver_covers_is_sampled_and_left_alone(host: Host) -> None:
    low = await host.mailbox("Faxes", 7, priority=Priority.LOW)
    high = await host.mailbox("Support", 3, priority=Priority.HIGH)
    async with host.served(settings_of(Priority.HIGH)):
        await host.until(lambda: not high.messages and host.view("Faxes").known)
        view = host.view("Faxes")
        assert (view.uncovered, view.covered_by, view.depth and view.depth.remote) == (True, (), 7)
        low.deliver(b"Subject: one more\r\n\r\n")
        await host.until(lambda: getattr(host.view("Faxes").depth, "remote", None) == 8)
    assert len(low.messages) == 8


async def test_an_inactive_mailbox_is_sampled_and_left_alone(host: Host) -> None:
    server = await host.mailbox("Old", 5, active=False)
    async with host.served(settings_of(Priority.LOW)):
        await host.until(lambda: host.view("Old").known)
        assert not host.view("Old").uncovered
    assert len(server.messages) == 5


async def test_a_mailbox_added_while_the_engine_runs_is_taken_up(host: Host) -> None:
    async with host.served(settings_of(Priority.LOW)):
        await host.until(lambda: host.snapshot().engine_live)
        server = await host.mailbox("New", 2)
        await host.until(lambda: not server.messages)


async def test_a_failing_mailbox_does_not_keep_the_others_waiting(host: Host) -> None:
    bad = await host.mailbox("Bad", 1)
    bad.fail_login = MailError(Stage.LOGIN, "No.", refused_credentials=True)
    good = await host.mailbox("Good", 3)
    async with host.served(settings_of(Priority.LOW)):
        await host.until(lambda: not good.messages and host.view("Bad").last_error is not None)
    assert not host.view("Bad").known


async def test_a_fault_of_our_own_in_one_mailbox_does_not_stop_the_engine(host: Host) -> None:
    def fault(_uid: bytes) -> None:
        raise ZeroDivisionError

    odd = await host.mailbox("Odd", 1)
    odd.before_fetch = fault
    good = await host.mailbox("Good", 1)
    async with host.served(settings_of(Priority.LOW)):
        await host.until(lambda: not good.messages and host.view("Odd").last_error is not None)
        good.deliver(b"Subject: later\r\n\r\n")
        await host.until(lambda: not good.messages)


async def test_a_depth_over_high_is_high_until_it_has_drained_to_low(host: Host) -> None:
    server = await host.mailbox(
        "Flood", 6, use_default_watermarks=False, low_watermark=2, high_watermark=5,
        priority=Priority.LOW,
    )  # fmt: skip
    async with host.served(settings_of(Priority.HIGH)):
        await host.until(lambda: host.view("Flood").level is Level.HIGH)
        for uid in list(server.messages)[:3]:
            del server.messages[uid]
        await host.until(lambda: getattr(host.view("Flood").depth, "remote", None) == 3)
        assert host.view("Flood").level is Level.HIGH
        server.messages.popitem()
        await host.until(lambda: host.view("Flood").level is Level.ELEVATED)


async def test_a_stopped_engine_is_stale_at_once_and_its_receivers_cover_nothing(
    host: Host,
) -> None:
    await host.mailbox("Support")
    async with host.served(settings_of(Priority.LOW)):
        await host.until(lambda: host.view("Support").covered_by == ("r1",))
        assert host.snapshot().engine_live
    assert not host.snapshot().engine_live
    assert host.view("Support").uncovered


async def test_one_pass_empties_each_mailbox_whatever_a_visits_bounds_are(host: Host) -> None:
    server = await host.mailbox("Flood", 1200)
    await host.passed(settings_of(Priority.LOW))
    assert server.messages == {}
    assert host.snapshot().ledger["stored"] == 1200
    states = {m.state for m in await host.store.messages.list(MessageFilter())}
    assert states == {MessageState.OPEN}


async def test_one_pass_ends_a_mailbox_at_its_first_failure(host: Host) -> None:
    bad = await host.mailbox("Bad", 3)
    bad.fail_at = {b"2": MailError(Stage.DOWNLOAD, "No.")}
    await host.passed(settings_of(Priority.LOW))
    assert bad.log.count("login") == 1
    assert len(bad.messages) == 3
    assert host.snapshot().ledger["stored"] == 1


async def test_one_pass_goes_on_with_the_others_after_an_edit_or_a_fault_of_ours(
    host: Host,
) -> None:
    def fault(_uid: bytes) -> None:
        raise ZeroDivisionError

    odd = await host.mailbox("Odd", 1)
    odd.before_fetch = fault
    await host.mailbox("Edited", 1, active=False)
    good = await host.mailbox("Good", 3)
    host.servers.gates["edited"] = lambda: host.change_password("Edited")
    await host.passed(settings_of(Priority.LOW))
    assert not good.messages
    assert not host.view("Edited").known
    assert host.view("Odd").last_error is not None


async def test_one_pass_visits_a_mailbox_as_it_is_when_its_turn_comes(host: Host) -> None:
    first = await host.mailbox("First", 1)
    second = await host.mailbox("Second", 1)
    settings = settings_of(Priority.LOW)
    settings = evolve(settings, intake=evolve(settings.intake, connections=1, per_server=1))

    async def deactivate() -> None:
        found = await host.store.mailboxes.find("Second")
        assert found is not None
        edit = Edit({"active": False}, {}, (), new_epoch=False, raise_token=True)
        await host.store.mailboxes.edit(found.mailbox.id, found.mailbox.version, edit, ALICE)

    host.servers.gates["first"] = deactivate
    await host.passed(settings)
    assert not first.messages
    assert second.messages


async def test_one_pass_ends_though_a_message_cannot_be_read(host: Host) -> None:
    server = await host.mailbox("Support", 700)
    server.leave_out = {b"1": "-ERR", b"650": "-ERR"}
    await host.passed(settings_of(Priority.LOW))
    assert server.messages.keys() == {b"1", b"650"}
    error = host.view("Support").last_error
    assert error is not None
    assert "2 messages" in error.message


async def test_an_edit_ends_the_visit_that_it_concerns(host: Host) -> None:
    server = await host.mailbox("Support", 5)
    mailbox: Mailbox = (await host.store.mailboxes.all())[0].mailbox
    removed = asyncio.Event()

    async def remove() -> None:
        await host.store.mailboxes.remove(mailbox.id, Actor("alice", "mx1"), archive=True)
        removed.set()

    async with asyncio.TaskGroup() as tasks:

        def edit(uid: bytes) -> None:
            if uid == b"1":
                tasks.create_task(remove())

        server.before_fetch = edit
        async with host.served(settings_of(Priority.LOW)):
            await asyncio.wait_for(removed.wait(), DEADLINE_S)
    # Whatever was committed before the removal may be gone from the server, and nothing else.
    stored = host.snapshot().ledger["stored"]
    assert len(server.messages) >= 5 - stored


async def test_a_stop_does_not_wait_for_a_store_that_another_process_has_locked(
    host: Host,
) -> None:
    await host.mailbox("Silent", 1)
    asked = asyncio.Event()

    async def silent() -> None:
        asked.set()
        await asyncio.Event().wait()

    host.servers.gates["silent"] = silent
    with closing(sqlite3.connect(host.home / "kana.db", isolation_level=None)) as other:
        async with host.served(settings_of(Priority.LOW)):
            await asyncio.wait_for(asked.wait(), DEADLINE_S)
            other.execute("BEGIN IMMEDIATE")
        other.execute("ROLLBACK")


async def test_one_pass_that_is_stopped_ends_though_a_server_is_silent(host: Host) -> None:
    await host.mailbox("Silent", 1)

    async def silent() -> None:
        host.stopping.set()
        await asyncio.Event().wait()

    host.servers.gates["silent"] = silent
    await asyncio.wait_for(host.passed(settings_of(Priority.LOW)), DEADLINE_S)
    assert not host.snapshot().engine_live


async def test_one_pass_beats_while_it_works(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kana_tui.engine.heartbeat.HEARTBEAT_S", 0.0)
    monkeypatch.setattr("kana_tui.engine.heartbeat.RECEIVERS_TOLD_S", 0.01)
    await host.mailbox("Slow", 1)

    async def beaten() -> None:
        (node,) = host.snapshot().nodes
        began = node.row.heartbeat_at
        await host.until(lambda: host.snapshot().nodes[0].row.heartbeat_at > began)

    host.servers.gates["slow"] = beaten
    await host.passed(settings_of(Priority.LOW))
    assert host.snapshot().ledger["stored"] == 1


async def test_global_watermarks_that_change_count_at_once(host: Host) -> None:
    await host.mailbox("Old", 50, active=False)
    settings = settings_of(Priority.LOW, poll_interval_s=3600)
    async with host.served(settings):
        await host.until(lambda: host.view("Old").known)
        marks = evolve(settings.watermarks, marks=Watermarks(5, 10))
        host.settings = evolve(settings, watermarks=marks)
        await host.until(lambda: host.view("Old").level is Level.HIGH)


async def test_a_mailboxs_own_watermarks_that_change_count_without_a_login(host: Host) -> None:
    server = await host.mailbox("Old", 50, active=False)
    async with host.served(settings_of(Priority.LOW, poll_interval_s=3600)):
        await host.until(lambda: host.view("Old").known)
        server.fail_login = MailError(Stage.LOGIN, "No.", refused_credentials=True)
        (found,) = await host.store.mailboxes.all()
        own = {"use_default_watermarks": False, "low_watermark": 5, "high_watermark": 10}
        edit = Edit(own, {}, (), new_epoch=False, raise_token=False)
        await host.store.mailboxes.edit(found.mailbox.id, found.mailbox.version, edit, ALICE)
        await host.until(lambda: host.view("Old").level is Level.HIGH)


async def test_a_mailbox_that_is_just_visited_is_judged_by_new_watermarks_after_its_visit(
    host: Host,
) -> None:
    server = await host.mailbox("Old", 50, active=False)
    await host.mailbox("Other", 50, active=False)
    looking, go_on = asyncio.Event(), asyncio.Event()

    async def slow() -> None:
        looking.set()
        await go_on.wait()

    settings = settings_of(Priority.LOW, poll_interval_s=3600)
    async with host.served(settings):
        await host.until(lambda: host.view("Old").known and host.view("Other").known)
        host.servers.gates["old"] = slow
        (old, _other) = await host.store.mailboxes.all()
        edit = Edit({}, {}, (), new_epoch=False, raise_token=False)
        await host.store.mailboxes.edit(old.mailbox.id, old.mailbox.version, edit, ALICE)
        await asyncio.wait_for(looking.wait(), DEADLINE_S)
        marks = evolve(settings.watermarks, marks=Watermarks(5, 10))
        host.settings = evolve(settings, watermarks=marks)
        await host.until(lambda: host.view("Other").level is Level.HIGH)
        assert host.view("Old").level is Level.NORMAL
        go_on.set()
        await host.until(lambda: host.view("Old").level is Level.HIGH)
    assert server.log.count("login") == 2
