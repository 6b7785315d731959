"""Whether an engine's loop answers is asked from another thread."""

from __future__ import annotations

import asyncio
import threading

import pytest

from kana_tui.wiring import metrics


async def test_a_loop_that_goes_on_answers() -> None:
    ask = metrics._asking(asyncio.get_running_loop())
    assert await asyncio.to_thread(ask) is None


async def test_a_loop_that_is_held_up_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics, "LOOP_ANSWERS_S", 0.05)
    ask = metrics._asking(asyncio.get_running_loop())
    told: list[str | None] = []
    asking = threading.Thread(target=lambda: told.append(ask()))
    asking.start()
    asking.join()  # the loop is held up until the answer is there
    assert "not answered" in str(told[0])
