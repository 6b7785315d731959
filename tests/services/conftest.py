"""Use cases are tested on a real store, and on a mail server in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from kana_tui.store.open import open_store
from kana_tui.store.store import Store
from tests.contracts.setting import SetClock
from tests.services.desk import Desk
from tests.services.memory_mail import MemoryServer
from tests.store.memory_secret_box import MemorySecretBox


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
async def store(tmp_path: Path, clock: SetClock) -> AsyncIterator[Store]:
    async with open_store("sqlite:///kana.db", tmp_path, MemorySecretBox(), clock) as opened:
        yield opened


@pytest.fixture
def desk(store: Store, clock: SetClock, tmp_path: Path) -> Desk:
    return Desk(store, clock, MemoryServer(), tmp_path)
