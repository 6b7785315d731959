"""The store under an open screen: gone, it is waited for; back or replaced, it is opened anew."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from kana_tui.domain.errors import UnreachableError
from kana_tui.wiring.home import Home, open_home
from kana_tui.wiring.store_source import StoreOpener
from tests.wiring.invocations import invocation_of


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return open_home(invocation_of(tmp_path / "home"))


def store_of(home: Home) -> Path:
    assert home.places.store is not None
    return home.places.store


def moved_away(home: Home, to: Path) -> None:
    to.mkdir()
    for file in store_of(home).parent.glob("kana.db*"):
        shutil.move(file, to / file.name)


def test_the_first_start_makes_it(home: Home) -> None:
    source = StoreOpener(home)()
    assert store_of(home).exists()
    assert source.snapshot().mailboxes == ()
    source.close()


def test_one_that_goes_is_told_and_no_empty_one_is_put_in_its_place(
    home: Home, tmp_path: Path
) -> None:
    opener = StoreOpener(home)
    source = opener()
    source.version()
    moved_away(home, tmp_path / "away")
    with pytest.raises(UnreachableError, match="was removed or replaced"):
        source.version()
    source.close()
    with pytest.raises(UnreachableError, match="is not there"):
        opener()
    assert not store_of(home).exists()


def test_one_that_comes_back_is_opened_again(home: Home, tmp_path: Path) -> None:
    opener = StoreOpener(home)
    opener().close()
    moved_away(home, tmp_path / "away")
    for file in (tmp_path / "away").iterdir():
        shutil.move(file, store_of(home).parent / file.name)
    source = opener()
    assert source.snapshot().mailboxes == ()
    source.close()
