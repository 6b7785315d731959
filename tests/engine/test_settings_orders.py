"""config.xml changed by an order: audited, confirmed, and in force at once in a running engine."""

from __future__ import annotations

import asyncio

import pytest
from attrs import evolve

from kana_tui.domain.audit import Change
from kana_tui.domain.board import ShownLevel
from kana_tui.domain.change_set import AddReceiver, ChangeSet, Operation, RemoveReceiver, SetValue
from kana_tui.domain.cover import Priority
from kana_tui.domain.errors import UnreachableError
from kana_tui.ports.commands import Command, CommandKind, CommandState, Order
from kana_tui.ports.nodes import ReceiverState
from kana_tui.ports.settings_file import Written
from tests.contracts.setting import ALICE
from tests.engine.test_orders import HOUR_S, obeyed, ordered, receiver
from tests.engine.world import DEADLINE_S, Host, settings_of
from tests.mailboxes import mailbox_values


async def changed(host: Host, *operations: Operation) -> None:
    await obeyed(host, CommandKind.SETTINGS, value=ChangeSet(operations).to_json())


async def refused(host: Host, *operations: Operation) -> Command:
    failed = await ordered(host, CommandKind.SETTINGS, value=ChangeSet(operations).to_json())
    assert failed.state is CommandState.FAILED
    return failed


async def audited(host: Host) -> list[Change | None]:
    return [entry.change for entry in await host.store.audit.list(object_="config:mx1")]


def names(host: Host) -> list[str]:
    return [row.name for row in host.snapshot().receivers]


async def test_every_change_of_an_order_is_written_and_audited(host: Host) -> None:
    async with host.served(settings_of(Priority.LOW)):
        await changed(
            host,
            SetValue("receivers.poll-interval", "7"),
            SetValue("watermarks.alert-email", "ops@acme.test"),
        )
        assert host.settings.intake.poll_interval_s == 7
        assert host.settings.watermarks.alert_email == ("ops@acme.test",)
    entries = await host.store.audit.list(object_="config:mx1")
    assert [entry.change for entry in entries] == [
        Change("receivers.poll-interval", "1", "7"),
        Change("watermarks.alert-email", "", "ops@acme.test"),
    ]
    assert {(entry.operator, entry.node) for entry in entries} == {("alice", "mx1")}


async def test_an_order_that_is_refused_changes_nothing_and_says_why(host: Host) -> None:
    settings = settings_of(Priority.LOW)
    async with host.served(settings):
        for operations, words in (
            ((SetValue("receivers.poll-interval", "0"),), "“0” is too small"),
            (
                (SetValue("ssl.enabled", "false"), SetValue("watermarks.low", "9999")),
                "is not above low “9999”",
            ),
            ((RemoveReceiver("r9"),), "There is no receiver “r9”"),
            ((SetValue("receivers.connections", "9", was="7"),), "was changed meanwhile"),
        ):
            assert words in str((await refused(host, *operations)).error)
        garbage = await ordered(host, CommandKind.SETTINGS, value="{")
        assert "cannot be read" in str(garbage.error)
        assert host.settings == settings
    assert await audited(host) == []


async def test_a_file_that_cannot_be_written_is_no_reason_to_wait(host: Host) -> None:
    def full(_change: ChangeSet, _foreseen: Written | None = None) -> Written:
        message = "config.xml cannot be written: No space left on device."
        raise UnreachableError(message)

    host.change = full  # type: ignore[assignment, method-assign]
    async with host.served(settings_of(Priority.LOW)):
        assert "No space" in str((await refused(host, SetValue("ssl.enabled", "false"))).error)
    assert await audited(host) == []


async def test_what_is_written_is_recorded_once_the_store_is_there_again(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    records, real = host.store.node_settings, type(host.store.node_settings).record
    away = 2

    async def record(self: object, *arguments: object, **named: object) -> None:
        nonlocal away
        if away:
            away -= 1
            raise UnreachableError("The store is busy.")
        await real(records, *arguments, **named)  # type: ignore[arg-type]

    async with host.served(settings_of(Priority.HIGH)):
        await obeyed(host, CommandKind.STOP, receiver="r1")
        monkeypatch.setattr(type(records), "record", record)
        await changed(host, SetValue("receiver.r1.name", "x"), AddReceiver("y", "low"))
        assert receiver(host, "x").state is ReceiverState.STOPPED
        assert names(host) == ["x", "y"]
    assert len(await audited(host)) == 2


async def test_what_is_written_is_recorded_though_its_order_was_withdrawn_meanwhile(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    records, real = host.store.node_settings, type(host.store.node_settings).record
    away = asyncio.Event()

    async def record(self: object, *arguments: object, **named: object) -> None:
        if not away.is_set():
            raise UnreachableError("The store is busy.")
        await real(records, *arguments, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(type(records), "record", record)
    async with host.served(settings_of(Priority.HIGH)):
        change = ChangeSet((AddReceiver("y", "low"),))
        order = Order("mx1", CommandKind.SETTINGS, value=change.to_json())
        given = await host.store.commands.request(order, ALICE)
        await host.until(lambda: len(host.settings.intake.receivers) == 2)
        await host.store.commands.withdraw(given.id, "It did not take it up.")
        away.set()
        await host.until(lambda: names(host) == ["r1", "y"])
    assert await audited(host) == [Change("receiver.y.priority", None, "low")]


async def test_another_poll_interval_counts_at_once(host: Host) -> None:
    server = await host.mailbox("Support")
    async with host.served(settings_of(Priority.LOW, poll_interval_s=HOUR_S)):
        await host.until(lambda: host.view("Support").known)
        server.deliver(b"Subject: late\r\n\r\n")
        await changed(host, SetValue("receivers.poll-interval", "1"))
        await host.until(lambda: not server.messages)


@pytest.mark.parametrize("bound", ["connections", "per-server"])
async def test_more_visits_at_once_are_made_at_once(host: Host, bound: str) -> None:
    opened, go_on = [], asyncio.Event()

    def gate(name: str) -> None:
        async def wait() -> None:
            opened.append(name)
            await go_on.wait()

        host.servers.gates[name] = wait

    for name in ("one", "two"):
        await host.mailbox(name, 1)
        gate(name)
    settings = settings_of(Priority.LOW, poll_interval_s=HOUR_S)
    intake = settings.intake
    narrow = {
        "connections": evolve(intake, connections=1),
        "per-server": evolve(intake, per_server=1),
    }
    async with host.served(evolve(settings, intake=narrow[bound])):
        await host.until(lambda: bool(opened))
        await obeyed(host, CommandKind.NOW)
        assert len(opened) == 1
        await changed(host, SetValue(f"receivers.{bound}", "2"))
        await host.until(lambda: len(opened) == 2)
        go_on.set()


async def test_receivers_come_and_go_and_what_they_covered_is_told(host: Host) -> None:
    server = await host.mailbox("Faxes", 2, priority=Priority.LOW)
    async with host.served(settings_of(Priority.HIGH)):
        await host.until(lambda: host.view("Faxes").known)
        await changed(host, AddReceiver("r2", "low"))
        assert host.view("Faxes").covered_by == ("r2",)
        await host.until(lambda: not server.messages)
        await changed(host, RemoveReceiver("r2"))
        assert host.view("Faxes").uncovered
        assert names(host) == ["r1"]


async def test_a_renamed_receiver_goes_on_and_keeps_its_stop(host: Host) -> None:
    async with host.served(settings_of(Priority.HIGH, Priority.LOW)):
        await obeyed(host, CommandKind.STOP, receiver="r2")
        before = receiver(host, "r2")
        await changed(host, SetValue("receiver.r2.name", "night"))
        assert names(host) == ["r1", "night"]
        renamed = receiver(host, "night")
        assert (renamed.id, renamed.state) == (before.id, ReceiverState.STOPPED)
        assert renamed.stopped_by == "alice"
        await obeyed(host, CommandKind.START, receiver="night")
        assert (await ordered(host, CommandKind.STOP, receiver="r2")).state is CommandState.FAILED
    async with host.served(host.settings):
        assert receiver(host, "night").id == before.id


async def test_a_visit_under_way_comes_to_its_end_though_its_receiver_is_renamed(
    host: Host,
) -> None:
    server = await host.mailbox("Support", 3)
    opening, go_on = asyncio.Event(), asyncio.Event()

    async def gate() -> None:
        opening.set()
        await go_on.wait()

    host.servers.gates["support"] = gate
    async with host.served(settings_of(Priority.LOW, poll_interval_s=HOUR_S)):
        await asyncio.wait_for(opening.wait(), DEADLINE_S)
        await changed(host, SetValue("receiver.r1.name", "x"))
        await host.until(lambda: receiver(host, "x").visiting == ("Support",))
        go_on.set()
        await host.until(lambda: not server.messages)
        assert host.view("Support").covered_by == ("x",)


async def test_a_receiver_may_take_the_name_of_one_that_is_gone_and_not_its_stop(
    host: Host,
) -> None:
    server = await host.mailbox("Faxes", priority=Priority.LOW)
    async with host.served(settings_of(Priority.LOW, Priority.HIGH)):
        await obeyed(host, CommandKind.STOP, receiver="r1")
        await changed(host, RemoveReceiver("r1"))
        await changed(host, SetValue("receiver.r2.name", "r1"))
        assert names(host) == ["r1"]
        assert receiver(host).state is ReceiverState.RUNNING
        server.deliver(b"Subject: one\r\n\r\n")
        await changed(host, SetValue("receiver.r1.priority", "low"))
        await host.until(lambda: not server.messages)
        await host.until(lambda: receiver(host).priority is Priority.LOW)


async def test_other_watermarks_judge_every_mailbox_at_once(host: Host) -> None:
    server = await host.mailbox("Support", active=False)  # nothing is taken, the depth stays
    server.deliver(*[b"Subject: %d\r\n\r\n" % n for n in range(5)])
    async with host.served(settings_of(Priority.LOW, poll_interval_s=HOUR_S)):
        await host.until(lambda: host.view("Support").known)
        assert host.view("Support").shown is ShownLevel.NORMAL
        await changed(host, SetValue("watermarks.low", "2"), SetValue("watermarks.high", "4"))
        await host.until(lambda: host.view("Support").shown is ShownLevel.HIGH)
        await changed(host, SetValue("watermarks.high", "400"), SetValue("watermarks.low", "50"))
        await host.until(lambda: host.view("Support").shown is ShownLevel.NORMAL)


async def test_another_size_limit_counts_from_the_next_visit(host: Host) -> None:
    server = await host.mailbox("Support", max_message_size=0)
    async with host.served(settings_of(Priority.LOW)):
        await host.until(lambda: host.view("Support").known)
        await changed(host, SetValue("limits.max-message-size", "4096"))
        await host.until(lambda: server.accounts[-1].max_message_size == 4096)


async def test_the_gate_of_ssl_closes_and_opens_without_a_restart(host: Host) -> None:
    values = mailbox_values()
    assert values["smtp_ssl"] is False
    server = await host.mailbox(
        "Support", smtp_server="mx.acme.test", smtp_ssl=True, smtp_auth=True, smtp_user="kana"
    )
    async with host.served(settings_of(Priority.LOW)):
        await host.until(lambda: host.view("Support").known)
        await changed(host, SetValue("ssl.enabled", "false"))
        await host.until(lambda: host.view("Support").last_error is not None)
        logins = len(server.log)
        error = host.view("Support").last_error
        assert error is not None
        assert "SSL is off in config.xml" in error.message
        await changed(host, SetValue("ssl.enabled", "true"))
        await obeyed(host, CommandKind.NOW)
        await host.until(lambda: host.view("Support").last_error is None)
        assert len(server.log) > logins
