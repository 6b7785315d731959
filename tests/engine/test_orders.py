"""What operators order of an engine: carried out, acknowledged, and told apart when it is not."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from attrs import evolve

from kana_tui.domain.audit import Change
from kana_tui.domain.change_set import ChangeSet
from kana_tui.domain.cover import Priority
from kana_tui.domain.errors import MailError, Stage, UnreachableError
from kana_tui.domain.settings import ReceiverSettings
from kana_tui.ports.commands import Command, CommandKind, CommandState, Order
from kana_tui.ports.nodes import ReceiverRow, ReceiverState
from kana_tui.ports.settings_file import Written
from kana_tui.store.open import open_store
from kana_tui.wiring.clock import SystemClock
from tests.contracts.setting import ALICE, SetClock
from tests.engine.world import DEADLINE_S, Host, settings_of
from tests.store.memory_secret_box import MemorySecretBox

HOUR_S = 3600


async def ordered(host: Host, kind: CommandKind, **of: object) -> Command:
    """Order it of the node, and wait until the engine has acknowledged it."""
    given = await host.store.commands.request(Order("mx1", kind, **of), ALICE)  # type: ignore[arg-type]
    async with asyncio.timeout(DEADLINE_S):
        while (found := await host.store.commands.get(given.id)) is not None:
            if found.state is not CommandState.PENDING:
                return found
            await asyncio.sleep(0.02)
    raise AssertionError(given)


async def obeyed(host: Host, kind: CommandKind, **of: object) -> None:
    done = await ordered(host, kind, **of)
    assert (done.state, done.error) == (CommandState.DONE, None)


def receiver(host: Host, name: str = "r1") -> ReceiverRow:
    return next(row for row in host.snapshot().receivers if row.name == name)


async def id_of(host: Host, name: str) -> int:
    found = await host.store.mailboxes.find(name)
    assert found is not None
    return found.mailbox.id


async def test_a_stopped_receiver_covers_nothing_until_it_is_started(host: Host) -> None:
    server = await host.mailbox("Support")
    async with host.served(settings_of(Priority.LOW)):
        await host.until(lambda: host.view("Support").known)
        await obeyed(host, CommandKind.STOP, receiver="r1")
        assert host.view("Support").uncovered
        assert (receiver(host).state, receiver(host).stopped_by) == (ReceiverState.STOPPED, "alice")
        server.deliver(b"Subject: late\r\n\r\n")
        await host.until(lambda: getattr(host.view("Support").depth, "remote", None) == 1)
        await obeyed(host, CommandKind.START, receiver="r1")
        await host.until(lambda: not server.messages)
        assert receiver(host).stopped_by is None


async def test_a_stop_lets_the_visit_under_way_come_to_its_end(host: Host) -> None:
    server = await host.mailbox("Support", 3)
    opening, go_on = asyncio.Event(), asyncio.Event()

    async def gate() -> None:
        opening.set()
        await go_on.wait()

    host.servers.gates["support"] = gate
    async with host.served(settings_of(Priority.LOW, poll_interval_s=HOUR_S)):
        await asyncio.wait_for(opening.wait(), DEADLINE_S)
        await obeyed(host, CommandKind.STOP, receiver="r1")
        go_on.set()
        await host.until(lambda: not server.messages)


async def test_a_stop_lasts_over_a_restart(host: Host) -> None:
    server = await host.mailbox("Support")
    settings = settings_of(Priority.LOW)
    async with host.served(settings):
        await obeyed(host, CommandKind.STOP, receiver="r1")
    server.deliver(b"Subject: late\r\n\r\n")
    async with host.served(settings):
        await host.until(lambda: getattr(host.view("Support").depth, "remote", None) == 1)
        assert host.view("Support").uncovered
    await host.passed(settings)
    assert len(server.messages) == 1


async def test_a_priority_counts_at_once_is_declared_and_audited(host: Host) -> None:
    server = await host.mailbox("Faxes", 2, priority=Priority.LOW)
    async with host.served(settings_of(Priority.HIGH)):
        await host.until(lambda: host.view("Faxes").known)
        await obeyed(host, CommandKind.PRIORITY, receiver="r1", value="low")
        await host.until(lambda: not server.messages)
        assert host.settings.intake.receivers == (ReceiverSettings("r1", Priority.LOW),)
        await host.until(lambda: receiver(host).priority is Priority.LOW)
    (entry,) = await host.store.audit.list(object_=f"receiver:{receiver(host).id}")
    assert (entry.operator, entry.node) == ("alice", "mx1")
    assert entry.change == Change("priority", "high", "low")


async def test_a_priority_that_cannot_be_written_to_config_xml_stays_as_it_was(host: Host) -> None:
    def full(_change: ChangeSet, _foreseen: Written | None = None) -> Written:
        message = "config.xml cannot be written: No space left on device."
        raise UnreachableError(message)

    host.change = full  # type: ignore[assignment, method-assign]
    async with host.served(settings_of(Priority.HIGH)):
        failed = await ordered(host, CommandKind.PRIORITY, receiver="r1", value="low")
        assert (failed.state, "No space" in str(failed.error)) == (CommandState.FAILED, True)
        assert receiver(host).priority is Priority.HIGH
    assert await host.store.audit.list(object_=f"receiver:{receiver(host).id}") == []


async def test_now_visits_what_a_receiver_covers_at_once(host: Host) -> None:
    server = await host.mailbox("Support")
    low = await host.mailbox("Faxes", priority=Priority.LOW)
    settings = settings_of(Priority.HIGH, Priority.MEDIUM, Priority.LOW, poll_interval_s=HOUR_S)
    async with host.served(settings):
        await host.until(lambda: host.view("Support").known and host.view("Faxes").known)
        server.deliver(b"Subject: late\r\n\r\n")
        low.deliver(b"Subject: late\r\n\r\n")
        await obeyed(host, CommandKind.NOW, receiver="r2")
        await host.until(lambda: not server.messages)
        assert low.messages
        await obeyed(host, CommandKind.NOW)
        await host.until(lambda: not low.messages)


async def test_now_forgets_that_the_credentials_of_a_mailbox_were_refused(host: Host) -> None:
    server = await host.mailbox("Support", 1)
    server.fail_login = MailError(Stage.LOGIN, "No.", refused_credentials=True)
    async with host.served(settings_of(Priority.LOW)):
        await host.until(lambda: server.log.count("login") == 3)
        mailbox_id = await id_of(host, "Support")
        await obeyed(host, CommandKind.NOW)  # one order for all leaves it to its pace
        server.fail_login = None
        await obeyed(host, CommandKind.NOW, mailbox_id=mailbox_id)
        await host.until(lambda: not server.messages)
        assert server.log.count("login") == 4
        await host.until(lambda: host.view("Support").next_try_at is None)


async def test_now_is_refused_for_a_mailbox_that_is_inactive_or_uncovered(host: Host) -> None:
    await host.mailbox("Old", active=False)
    await host.mailbox("Faxes", priority=Priority.LOW)
    async with host.served(settings_of(Priority.HIGH)):
        for name, word in (("Old", "not active"), ("Faxes", "covers")):
            failed = await ordered(host, CommandKind.NOW, mailbox_id=await id_of(host, name))
            assert (failed.state, word in str(failed.error)) == (CommandState.FAILED, True)


@pytest.mark.parametrize(
    ("kind", "of", "word"),
    [
        (CommandKind.STOP, {"receiver": "r9"}, "r9"),
        (CommandKind.START, {"receiver": "r9"}, "r9"),
        (CommandKind.PRIORITY, {"receiver": "r9", "value": "low"}, "r9"),
        (CommandKind.PRIORITY, {"receiver": "r1", "value": "urgent"}, "urgent"),
        (CommandKind.NOW, {"receiver": "r9"}, "r9"),
    ],
)
async def test_what_cannot_be_done_fails_with_a_sentence_and_the_engine_works_on(
    host: Host, kind: CommandKind, of: dict[str, object], word: str
) -> None:
    async with host.served(settings_of(Priority.LOW)):
        failed = await ordered(host, kind, **of)
        assert (failed.state, word in str(failed.error)) == (CommandState.FAILED, True)
        await obeyed(host, CommandKind.NOW)


async def test_orders_that_an_engine_left_behind_are_carried_out_by_the_next(host: Host) -> None:
    await host.mailbox("Support")
    settings = settings_of(Priority.LOW)
    async with host.served(settings):
        await host.until(lambda: host.view("Support").known)
    left = await host.store.commands.request(Order("mx1", CommandKind.STOP, "r1"), ALICE)
    async with host.served(settings):
        await host.until(lambda: receiver(host).state is ReceiverState.STOPPED)
    found = await host.store.commands.get(left.id)
    assert found is not None
    assert found.state is CommandState.DONE


async def test_an_order_older_than_a_minute_is_not_carried_out_any_more(tmp_path: Path) -> None:
    yesterday = SetClock(SystemClock().now() - timedelta(days=1))
    async with open_store("sqlite:///kana.db", tmp_path, MemorySecretBox(), yesterday) as store:
        host = Host(store, tmp_path)
        await host.mailbox("Support")
        failed_at_once = Order("mx1", CommandKind.STOP, "r1")
        async with host.served(settings_of(Priority.LOW)):
            failed = await ordered(host, failed_at_once.kind, receiver="r1")
            assert (failed.state, "Give it again" in str(failed.error)) == (
                CommandState.FAILED,
                True,
            )
            assert receiver(host).state is ReceiverState.RUNNING


@pytest.mark.parametrize("kind", [CommandKind.STOP, CommandKind.PRIORITY])
async def test_an_order_that_undoes_a_change_is_audited_as_its_undo(
    host: Host, kind: CommandKind
) -> None:
    async with host.served(settings_of(Priority.LOW)):
        await obeyed(host, kind, receiver="r1", value="high", undoes=41)
        (entry,) = await host.store.audit.newest_by("alice", 1)
        assert entry.undoes == 41
        assert entry.object_.startswith("receiver:")


async def test_orders_of_another_node_are_left_to_it(host: Host) -> None:
    other = await host.store.commands.request(Order("mx2", CommandKind.STOP, "r1"), ALICE)
    async with host.served(settings_of(Priority.LOW)):
        await obeyed(host, CommandKind.NOW)
    found = await host.store.commands.get(other.id)
    assert found is not None
    assert found.state is CommandState.PENDING


async def test_receivers_come_and_go_with_config_xml(host: Host) -> None:
    server = await host.mailbox("Faxes", 2, priority=Priority.LOW)
    settings = settings_of(Priority.HIGH)
    async with host.served(settings):
        await host.until(lambda: host.view("Faxes").known)
        two = (*settings.intake.receivers, ReceiverSettings("r2", Priority.LOW))
        host.settings = evolve(settings, intake=evolve(settings.intake, receivers=two))
        await host.until(lambda: not server.messages)
        assert host.view("Faxes").covered_by == ("r2",)
        host.settings = settings
        await host.until(lambda: host.view("Faxes").uncovered)
        assert [row.name for row in host.snapshot().receivers] == ["r1"]


async def test_a_shorter_poll_interval_counts_without_a_restart(host: Host) -> None:
    server = await host.mailbox("Support")
    slow = settings_of(Priority.LOW, poll_interval_s=HOUR_S)
    async with host.served(slow):
        await host.until(lambda: host.view("Support").known)
        server.deliver(b"Subject: late\r\n\r\n")
        host.settings = evolve(slow, intake=evolve(slow.intake, poll_interval_s=1))
        await host.until(lambda: not server.messages)
