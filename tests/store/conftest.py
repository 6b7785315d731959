"""Stores for tests: each test has its own file, copied from one that was migrated once."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest

from kana_tui.ports.overview import OverviewReader
from kana_tui.store.location import Location
from kana_tui.store.open import open_store
from kana_tui.store.overview import open_overview
from kana_tui.store.quick import open_quick
from kana_tui.store.store import Store
from tests.contracts.setting import SetClock
from tests.store.memory_secret_box import MemorySecretBox

Opening = Callable[..., AbstractAsyncContextManager[Store]]


@pytest.fixture(scope="session")
def new_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store's file as the first start leaves it."""
    home = tmp_path_factory.mktemp("new")

    async def make() -> None:
        async with open_store("sqlite:///kana.db", home, MemorySecretBox(), SetClock()):
            pass

    asyncio.run(make())
    return home / "kana.db"


@pytest.fixture
def place(tmp_path: Path, new_store: Path) -> Path:
    """A store's file of this test's own."""
    own = tmp_path / "kana.db"
    shutil.copyfile(new_store, own)
    return own


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def opening(place: Path, clock: SetClock) -> Opening:
    """Opens the store at `place`, any number of times; keywords as `open_store`'s."""

    def opened(**options: Any) -> AbstractAsyncContextManager[Store]:
        return open_store(f"sqlite:///{place}", place.parent, MemorySecretBox(), clock, **options)

    return opened


@pytest.fixture
async def store(opening: Opening) -> AsyncIterator[Store]:
    async with opening() as opened:
        yield opened


def through_sqlalchemy(path: Path) -> OverviewReader:
    return open_overview(Location(f"sqlite:///{path}", path))


@pytest.fixture(params=[open_quick, through_sqlalchemy])
def overview(request: pytest.FixtureRequest, place: Path, store: Store) -> Iterator[OverviewReader]:
    open_reader: Callable[[Path], OverviewReader] = request.param
    reader = open_reader(place)
    yield reader
    reader.close()
