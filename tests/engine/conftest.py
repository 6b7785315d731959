"""What the tests of the engine share."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from kana_tui.store.open import open_store
from kana_tui.wiring.clock import SystemClock
from tests.engine.world import Host
from tests.store.memory_secret_box import MemorySecretBox


@pytest.fixture
async def host(tmp_path: Path) -> AsyncIterator[Host]:
    box, clock = MemorySecretBox(), SystemClock()
    async with open_store("sqlite:///kana.db", tmp_path, box, clock) as store:
        yield Host(store, tmp_path)
