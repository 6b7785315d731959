"""Mailboxes of a store whose program noted nothing of the tokens that they log in with."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from kana_tui.domain.fields.oauth import Grant
from kana_tui.domain.secret import Secret
from kana_tui.ports.token_store import StoredTokens
from kana_tui.store.store import Store
from tests.contracts.setting import ALICE
from tests.contracts.token_use import add, edit, key_for, signed_in


def change(place: Path, statement: str) -> None:
    with closing(sqlite3.connect(place)) as connection:
        connection.execute(statement)
        connection.commit()


def noted(place: Path) -> int:
    with closing(sqlite3.connect(place)) as connection:
        (count,) = connection.execute("SELECT count(*) FROM token_use").fetchone()
    return int(count)


async def test_who_was_noted_by_no_program_keeps_its_tokens_when_another_goes(
    store: Store, place: Path
) -> None:
    gone, _ = await add(store, "Gone", client_id="another"), await add(store)
    key = await signed_in(store, await add(store, "Sales"))
    change(place, "DELETE FROM token_use")
    await store.mailboxes.remove(gone.id, ALICE, archive=True)
    assert (await store.tokens.read(key)).refresh == Secret("refresh-1")
    assert noted(place) == 2


async def test_who_was_noted_by_no_program_takes_its_tokens_along(
    store: Store, place: Path
) -> None:
    mailbox = await add(store)
    key = await signed_in(store, mailbox)
    change(place, "DELETE FROM token_use")
    await store.mailboxes.remove(mailbox.id, ALICE, archive=True)
    assert await store.tokens.read(key) == StoredTokens()


@pytest.mark.parametrize("grant", [Grant.DEVICE_CODE, Grant.CLIENT_CREDENTIALS])
async def test_tokens_stay_where_a_secret_that_does_not_open_hides_whose_they_are(
    store: Store, place: Path, grant: Grant
) -> None:
    mailbox = await add(store, grant=grant)
    key = await key_for(store, mailbox)
    await signed_in(store, mailbox)
    others = "SELECT sealed FROM secret WHERE key = 'client_secret'"
    await add(store, "Sales", user="sales", client_id="another")
    change(place, f"UPDATE secret SET sealed = ({others} ORDER BY owner DESC LIMIT 1)")
    await edit(store, mailbox, name="Help")
    assert (await store.tokens.read(key)).version == 1
