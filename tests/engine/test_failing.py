"""Mailboxes that fail: tried again later each time, and never in the way of the others."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from kana_tui.domain.backoff import REFUSED_EACH_S
from kana_tui.domain.cover import Priority
from kana_tui.domain.errors import MailError, Stage
from kana_tui.services.explain import explain
from kana_tui.wiring.clock import SystemClock
from tests.engine.world import Host, settings_of
from tests.services.memory_mail import MemoryServer

REFUSED = MailError(Stage.LOGIN, "[AUTH] No.", refused_credentials=True)
DOWN = MailError(Stage.CONNECT, "No answer.")
SILENT = MailError(Stage.GREETING, "No greeting within 30 s.", deadline=True)
BUSY = MailError(Stage.LOGIN, "[IN-USE] Locked.", temporary=True)


def logins(server: MemoryServer) -> int:
    return server.log.count("login")


async def test_refused_credentials_are_tried_three_times_and_then_each_half_hour(
    host: Host,
) -> None:
    bad = await host.mailbox("Bad", 1)
    bad.fail_login = REFUSED
    good = await host.mailbox("Good")
    async with host.served(settings_of(Priority.LOW)):
        await host.until(lambda: logins(bad) == 3)
        seen = logins(good)
        await host.until(lambda: logins(good) >= seen + 3)
        assert logins(bad) == 3
        view = host.view("Bad")
        assert view.next_try_at is not None
        wait_s = (view.next_try_at - SystemClock().now()).total_seconds()
        assert REFUSED_EACH_S - 60 < wait_s <= REFUSED_EACH_S
        assert f"{view.next_try_at.astimezone():%H:%M}" in str(explain(view).next_step)


async def test_a_restart_is_no_new_try_of_refused_credentials_but_one_of_everything_else(
    host: Host,
) -> None:
    refused, down = await host.mailbox("Refused"), await host.mailbox("Down")
    refused.fail_login, down.fail_login = REFUSED, DOWN
    settings = settings_of(Priority.LOW)
    async with host.served(settings):
        await host.until(lambda: logins(refused) == 3 and logins(down) >= 2)
    before = logins(down)
    async with host.served(settings):
        await host.until(lambda: logins(down) > before)
    await host.passed(settings)
    assert logins(refused) == 3


async def test_a_new_secret_ends_the_half_hour(host: Host) -> None:
    server = await host.mailbox("Support", 1)
    server.fail_login = REFUSED
    async with host.served(settings_of(Priority.LOW)):
        await host.until(lambda: logins(server) == 3)
        await host.until(lambda: host.view("Support").next_try_at is not None)
        server.fail_login = None
        await host.change_password("Support")
        await host.until(lambda: not server.messages)
        assert host.view("Support").next_try_at is None


async def test_trouble_that_passes_leaves_no_trace(host: Host) -> None:
    server = await host.mailbox("Support", 1)
    server.fail_login = BUSY
    async with host.served(settings_of(Priority.LOW)):
        await host.until(lambda: host.view("Support").next_try_at is not None)
        server.fail_login = None
        await host.until(lambda: not server.messages)
        await host.until(lambda: host.view("Support").next_try_at is None)
        assert host.view("Support").last_error is None
    assert dict(await host.store.depths.postponed()) == {}


async def test_an_uncovered_mailbox_that_fails_is_looked_at_less_often_too(host: Host) -> None:
    server = await host.mailbox("Old", active=False)
    server.fail_login = REFUSED
    good = await host.mailbox("Good")
    async with host.served(settings_of(Priority.LOW)):
        await host.until(lambda: logins(server) == 3)
        seen = logins(good)
        await host.until(lambda: logins(good) >= seen + 3)
    assert logins(server) == 3


async def test_a_refused_deletion_does_not_make_new_mail_wait(host: Host) -> None:
    server = await host.mailbox("Support", 1)
    server.refuse = {b"1"}
    async with host.served(settings_of(Priority.LOW)):
        await host.until(lambda: host.view("Support").last_error is not None)
        assert host.view("Support").next_try_at is None
        server.deliver(b"Subject: late\r\n\r\n")
        await host.until(lambda: list(server.messages) == [b"1"])


async def test_when_all_that_hang_are_tried_at_once_the_others_keep_most_slots(host: Host) -> None:
    names = [f"hang{number}" for number in range(5)]
    for name in names:
        (await host.mailbox(name)).fail_login = SILENT
    good = await host.mailbox("Good")
    settings = settings_of(Priority.LOW)
    assert settings.intake.connections == 8
    waiting: set[str] = set()
    release = asyncio.Event()

    def gate(name: str) -> Callable[[], Awaitable[object]]:
        async def wait() -> None:
            waiting.add(name)
            await release.wait()

        return wait

    async with host.served(settings):
        await host.until(lambda: all(host.view(name).next_try_at for name in names))
        host.servers.gates = {name: gate(name) for name in names}
        # They are due after a second; from then on each holds its slot until it is released.
        await host.until(lambda: len(waiting) == 2)
        seen = logins(good)
        await host.until(lambda: logins(good) >= seen + 3)
        assert len(waiting) == 2
        release.set()
        await host.until(lambda: len(waiting) == 5)
