"""What an engine tells of its receivers while they work: visits, rates, errors, how busy."""

from __future__ import annotations

import asyncio

from kana_tui.domain.cover import Priority
from kana_tui.domain.errors import MailError, Stage
from kana_tui.ports.nodes import ReceiverRow
from tests.engine.world import DEADLINE_S, Host, settings_of

HOUR_S = 3600


def only(host: Host) -> ReceiverRow:
    (row,) = host.snapshot().receivers
    return row


async def test_a_visit_under_way_is_named_and_makes_its_receiver_busy(host: Host) -> None:
    server = await host.mailbox("Support", 3)
    opening, go_on = asyncio.Event(), asyncio.Event()

    async def gate() -> None:
        opening.set()
        await go_on.wait()

    host.servers.gates["support"] = gate
    async with host.served(settings_of(Priority.LOW, poll_interval_s=HOUR_S)):
        await asyncio.wait_for(opening.wait(), DEADLINE_S)
        await host.until(lambda: only(host).visiting == ("Support",))
        await host.until(lambda: only(host).busy_share > 0)
        go_on.set()
        await host.until(lambda: not server.messages)
        await host.until(lambda: only(host).visiting == ())
        await host.until(lambda: only(host).messages_per_min == 3.0)
        assert 0 < only(host).busy_share < 1


async def test_an_error_stays_until_a_visit_of_its_ends_without_one(host: Host) -> None:
    server = await host.mailbox("Support", 1)
    server.fail_login = MailError(Stage.LIST, "Out of order.")
    async with host.served(settings_of(Priority.LOW)):
        await host.until(lambda: host.snapshot().engine_live)
        await host.until(lambda: only(host).last_error is not None)
        assert "Out of order." in str(only(host).last_error)
        server.fail_login = None
        await host.until(lambda: only(host).last_error is None)
    assert not server.messages


async def test_a_good_visit_of_another_mailbox_does_not_hide_an_error(host: Host) -> None:
    bad = await host.mailbox("Bad", 1)
    bad.fail_login = MailError(Stage.LIST, "Out of order.")
    good = await host.mailbox("Good", 1)
    async with host.served(settings_of(Priority.LOW)):
        await host.until(lambda: host.snapshot().engine_live)
        await host.until(lambda: only(host).last_error is not None)
        await host.until(lambda: not good.messages)
        for _ in range(3):
            heartbeat = host.snapshot().nodes[0].row.heartbeat_at
            await host.until(
                lambda: host.snapshot().nodes[0].row.heartbeat_at > heartbeat  # noqa: B023
            )
            assert "Out of order." in str(only(host).last_error)
        bad.fail_login = None
        await host.until(lambda: only(host).last_error is None)
