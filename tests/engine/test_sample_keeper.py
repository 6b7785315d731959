"""The sample keeper: every mailbox in each round, whatever befalls one of them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime

import pytest
from attrs import define, field

from kana_tui.domain.errors import UnreachableError
from kana_tui.engine import sample_keeper
from kana_tui.engine.sample_keeper import SampleKeeper
from tests.contracts.setting import SetClock

DEADLINE_S = 20.0


@define
class MemorySamples:
    """Implements `Samples`: what was done, and to which mailbox it fails how."""

    fails: dict[int, Exception] = field(factory=dict)
    done: list[tuple[str, int]] = field(factory=list)
    rounds: asyncio.Semaphore = field(factory=lambda: asyncio.Semaphore(0))
    away: Exception | None = None

    async def mailboxes(self) -> Sequence[int]:
        self.rounds.release()
        if self.away is not None:
            raise self.away
        return [1, 2, 3]

    async def thin(self, mailbox_id: int, now: datetime) -> int:
        self.done.append(("thin", mailbox_id))
        return 1

    async def refresh_usual_inflow(self, mailbox_id: int, now: datetime) -> None:
        if mailbox_id in self.fails:
            raise self.fails[mailbox_id]
        self.done.append(("usual", mailbox_id))


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sample_keeper, "PAUSE_S", 0.0)
    monkeypatch.setattr(sample_keeper, "ROUND_EACH_S", 0.0)


async def rounds(samples: MemorySamples, count: int) -> None:
    """Let it run until so many rounds have begun, then cancel it."""
    running = asyncio.create_task(SampleKeeper(samples, SetClock()).run())
    async with asyncio.timeout(DEADLINE_S):
        for _ in range(count):
            await samples.rounds.acquire()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_each_round_takes_every_mailbox() -> None:
    samples = MemorySamples()
    await rounds(samples, 2)
    assert samples.done[:6] == [
        (what, mailbox_id) for mailbox_id in (1, 2, 3) for what in ("usual", "thin")
    ]


@pytest.mark.parametrize("fault", [UnreachableError("The store is full."), ZeroDivisionError()])
async def test_a_mailbox_that_fails_keeps_no_other_waiting(fault: Exception) -> None:
    samples = MemorySamples(fails={2: fault})
    await rounds(samples, 2)
    assert {mailbox_id for _what, mailbox_id in samples.done} == {1, 3}


@pytest.mark.parametrize("fault", [UnreachableError("The store is away."), ZeroDivisionError()])
async def test_a_round_that_fails_is_tried_again_in_the_next(fault: Exception) -> None:
    samples = MemorySamples(away=fault)
    await rounds(samples, 3)
