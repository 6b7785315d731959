"""Tokens in a store's file: no byte of them is there to be read, and none opens in another row."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest
from attrs import evolve

from kana_tui.domain.secret import Secret
from kana_tui.ports.secret_box import SealedSecretError
from kana_tui.ports.token_store import StoredTokens
from kana_tui.secrets.box import FernetBox
from kana_tui.secrets.redaction import Redactor
from kana_tui.store.location import Location
from kana_tui.store.open import open_store
from kana_tui.store.sealed import holds_sealed
from kana_tui.store.store import Store
from tests.contracts.setting import SetClock
from tests.contracts.tokens import KEY, OTHER, SIGNED_IN
from tests.secrets.test_box import key


def change(place: Path, statement: str) -> None:
    with closing(sqlite3.connect(place)) as connection:
        connection.execute(statement)
        connection.commit()


@pytest.fixture
async def sealing(place: Path) -> AsyncIterator[Store]:
    """A store whose secrets are really encrypted."""
    box = FernetBox([key(1)], Redactor())
    async with open_store(f"sqlite:///{place}", place.parent, box, SetClock()) as opened:
        yield opened


async def test_the_stores_files_hold_neither_token(sealing: Store, place: Path) -> None:
    await sealing.tokens.save(KEY, SIGNED_IN)
    files = [file.read_bytes() for file in place.parent.glob(f"{place.name}*")]
    assert any(KEY.encode() in data for data in files)
    assert not any(b"access-1" in data or b"refresh-1" in data for data in files)


@pytest.mark.parametrize("column", ["access", "refresh"])
async def test_a_row_that_was_swapped_for_another_does_not_open(
    sealing: Store, place: Path, column: str
) -> None:
    await sealing.tokens.save(KEY, SIGNED_IN)
    await sealing.tokens.save(OTHER, SIGNED_IN)
    others = f"SELECT {column} FROM token WHERE key = '{OTHER}'"
    change(place, f"UPDATE token SET {column} = ({others}) WHERE key = '{KEY}'")
    with pytest.raises(SealedSecretError, match="for another row"):
        await sealing.tokens.read(KEY)
    assert await sealing.tokens.read(OTHER) == evolve(SIGNED_IN, version=1)


async def test_an_access_token_does_not_open_as_a_refresh_token(
    sealing: Store, place: Path
) -> None:
    await sealing.tokens.save(KEY, SIGNED_IN)
    change(place, "UPDATE token SET refresh = access")
    with pytest.raises(SealedSecretError):
        await sealing.tokens.read(KEY)


async def test_what_does_not_open_can_be_discarded_and_replaced(
    sealing: Store, place: Path
) -> None:
    await sealing.tokens.save(KEY, SIGNED_IN)
    change(place, "UPDATE token SET access = X'00'")
    await sealing.tokens.discard_unopened(KEY)
    emptied = await sealing.tokens.read(KEY)
    assert emptied == evolve(SIGNED_IN, version=2, access=None, refresh=None)
    assert await sealing.tokens.save(KEY, evolve(SIGNED_IN, version=2))
    assert await sealing.tokens.read(KEY) == evolve(SIGNED_IN, version=3)


async def test_a_store_that_holds_a_token_is_never_given_a_new_key(
    sealing: Store, place: Path
) -> None:
    location = Location(f"sqlite:///{place}", place)
    assert not holds_sealed(location)
    await sealing.tokens.save(KEY, StoredTokens(access=Secret("access-1")))
    assert holds_sealed(location)
