"""Threads of their own for libraries that block: bounded, and left alone when one hangs."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from attrs import evolve

from kana_tui.mail.oauth import OAuthServer
from kana_tui.mail.oauth import server as under_test
from kana_tui.mail.oauth.threads import Threads
from kana_tui.ports.tokens import TokenDelayedError
from tests.mail.oauth.credentials import credential
from tests.servers import authorization_faults as faults
from tests.servers.authorization import (
    MICROSOFT_TOKEN,
    Authorization,
    running_authorization,
)
from tests.servers.certificates import Authority
from tests.servers.tokens import running_tokens


@pytest.fixture
def release() -> Iterator[threading.Event]:
    """What hangs does so until this is set."""
    event = threading.Event()
    yield event
    event.set()


async def _until_idle(threads: Threads) -> None:
    while threads.running:
        await asyncio.sleep(0)


async def test_work_gives_what_it_returns_or_raises() -> None:
    threads = Threads()
    assert await threads.run(lambda: 7) == 7
    with pytest.raises(ZeroDivisionError):
        await threads.run(lambda: 1 // 0)
    await _until_idle(threads)


async def test_no_more_threads_than_allowed_and_all_work_is_done(
    release: threading.Event,
) -> None:
    threads, busy, most = Threads(most=3), [], []

    def work() -> int:
        busy.append(1)
        most.append(len(busy))
        release.wait()
        busy.pop()
        return 1

    tasks = [asyncio.create_task(threads.run(work)) for _ in range(20)]
    while len(busy) < 3:
        await asyncio.sleep(0)
    assert threads.running == 3
    release.set()
    assert sum(await asyncio.gather(*tasks)) == 20
    assert max(most) <= 3
    await _until_idle(threads)


async def test_work_that_nobody_waits_for_is_not_begun(release: threading.Event) -> None:
    threads, done = Threads(most=1), []
    hanging = asyncio.create_task(threads.run(release.wait))
    while not threads.running:
        await asyncio.sleep(0)
    left = asyncio.create_task(threads.run(lambda: done.append("left")))
    kept = asyncio.create_task(threads.run(lambda: done.append("kept")))
    await asyncio.sleep(0)
    left.cancel()
    with pytest.raises(asyncio.CancelledError):
        await left
    assert len(threads._waiting) == 1
    release.set()
    await asyncio.gather(hanging, kept)
    assert done == ["kept"]
    await _until_idle(threads)


async def test_whoever_stops_waiting_is_free_at_once(release: threading.Event) -> None:
    threads = Threads()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await threads.run(release.wait)
    assert threads.running == 1
    release.set()
    await _until_idle(threads)


async def test_where_all_threads_hang_a_question_ends_by_its_deadline(
    server: Authorization, release: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads = Threads(most=1)
    monkeypatch.setattr(under_test, "THREADS", threads)
    hanging = asyncio.create_task(threads.run(release.wait))
    while not threads.running:
        await asyncio.sleep(0)
    wanted = evolve(credential(server, "application"), timeout_s=0.05)
    with pytest.raises(TokenDelayedError, match=r"no answer after 0\.05 s"):
        await OAuthServer().renew(wanted, None)
    assert not server.asked
    release.set()
    await hanging
    await _until_idle(threads)


async def test_an_answer_that_comes_byte_by_byte_keeps_no_thread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads, authority = Threads(), Authority(tmp_path)
    monkeypatch.setattr(under_test, "THREADS", threads)
    pair = authority.issue("auth", ["127.0.0.1"])
    with running_tokens() as tokens, running_authorization(tokens, pair) as server:
        server.faults[MICROSOFT_TOKEN] = faults.dripping
        wanted = evolve(credential(server, "application"), timeout_s=0.5, ca_file=authority.ca_file)
        with pytest.raises(TokenDelayedError, match=r"no answer after 0\.5 s"):
            await OAuthServer().renew(wanted, None)
        await _until_idle(threads)
    assert server.asked.total() == 1
