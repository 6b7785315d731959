"""Whatever a table keeps sealed is sealed anew in one transaction, with its line in the log."""

from __future__ import annotations

import asyncio
import base64
from pathlib import Path

import pytest
from attrs import define
from sqlalchemy import LargeBinary

from kana_tui.domain.secret import Secret
from kana_tui.ports.token_store import StoredTokens
from kana_tui.secrets.box import FernetBox
from kana_tui.secrets.redaction import Redactor
from kana_tui.store.open import open_store
from kana_tui.store.resealing import SEALED
from kana_tui.store.schema import metadata
from kana_tui.store.schema.columns import Sealed
from tests.contracts.setting import ALICE, SetClock, add_mailbox

OLD, NEW = (base64.urlsafe_b64encode(bytes([number]) * 32) for number in (1, 2))


def box(*keys: bytes) -> FernetBox:
    return FernetBox(keys, Redactor())


def test_what_is_sealed_is_known_by_its_type() -> None:
    assert {f"{column.table.name}.{column.name}" for column in SEALED} == {
        "secret.sealed",
        "token.access",
        "token.refresh",
    }


def test_a_column_whose_name_speaks_of_secrets_is_sealed() -> None:
    for table in metadata.tables.values():
        for column in table.columns:
            is_bytes = isinstance(getattr(column.type, "impl_instance", column.type), LargeBinary)
            if is_bytes and (table.name in ("secret", "token") or "secret" in column.name):
                assert isinstance(column.type, Sealed), column


async def test_secrets_and_tokens_are_sealed_anew(tmp_path: Path) -> None:
    clock, both = SetClock(), box(NEW, OLD)
    tokens = StoredTokens(access=Secret("access"), refresh=Secret("refresh"))

    def again(sealed: bytes) -> bytes:
        return both._fernet.rotate(sealed)

    async with open_store("sqlite:///kana.db", tmp_path, box(OLD), clock) as store:
        mailbox = await add_mailbox(store)
        await store.secrets.set("sender", "sender-password", Secret("sender"), ALICE)
        assert await store.tokens.save("a key", tokens)
        assert await store.tokens.save("another", StoredTokens(access=Secret("access")))
        done = await store.sealed.reseal(again, ALICE)
        assert (done.count, done.unopened) == (5, ())
        newest = (await store.audit.list())[-1]
        assert (newest.object_, newest.action, newest.operator) == ("secrets", "rotate", "alice")
        assert len(await store.sealed.all()) == 5
    async with open_store("sqlite:///kana.db", tmp_path, box(NEW), clock) as store:
        assert await store.mailboxes.secret(mailbox.id, "password") == Secret("hunter2")
        assert await store.secrets.secret("sender", "sender-password") == Secret("sender")
        kept = await store.tokens.read("a key")
        assert (kept.access, kept.refresh, kept.version) == (tokens.access, tokens.refresh, 1)


@define
class Rotated:
    """A key file, as a box follows it."""

    keys: tuple[bytes, ...]

    def changed(self) -> tuple[bytes, ...]:
        return self.keys


async def test_what_waits_to_be_written_is_sealed_with_the_key_of_that_moment(
    tmp_path: Path,
) -> None:
    """Or rotations might come and go meanwhile, and its key with them."""
    file, may_go_on = Rotated((OLD,)), asyncio.Event()
    follows = FernetBox((OLD,), Redactor(), file)

    async def lasts(_connection: object) -> None:
        await may_go_on.wait()

    async with open_store("sqlite:///kana.db", tmp_path, follows, SetClock()) as store:
        tokens = StoredTokens(access=Secret("access"), refresh=Secret("refresh"))
        async with asyncio.TaskGroup() as group:
            group.create_task(store._database.write(lasts))
            group.create_task(store.secrets.set("sender", "password", Secret("x"), ALICE))
            group.create_task(store.tokens.save("a key", tokens))
            while store._database.writer._queue.qsize() < 2:
                await asyncio.sleep(0)
            file.keys = (NEW, OLD)
            may_go_on.set()
        opened = [box(NEW)._fernet.decrypt(sealed) for sealed in await store.sealed.all()]
        assert len(opened) == 3


async def test_one_that_no_key_opens_is_named_and_hinders_nothing(tmp_path: Path) -> None:
    async with open_store("sqlite:///kana.db", tmp_path, box(OLD), SetClock()) as store:
        mailbox = await add_mailbox(store)
        assert await store.tokens.save("a key", StoredTokens(refresh=Secret("refresh")))
        before = await store.sealed.all()
        done = await store.sealed.reseal(lambda _sealed: None, ALICE)
        assert done.count == 0
        assert set(done.unopened) == {
            f"secret mailbox:{mailbox.id} password (sealed)",
            "token a key (refresh)",
        }
        assert await store.sealed.all() == before


async def test_a_reseal_that_fails_changes_nothing(tmp_path: Path) -> None:
    async with open_store("sqlite:///kana.db", tmp_path, box(OLD), SetClock()) as store:
        for name in ("a", "b"):
            await add_mailbox(store, name)
        before, entries = await store.sealed.all(), len(await store.audit.list())
        told = iter([b"fresh"])

        def breaks_off(_sealed: bytes) -> bytes:
            if (fresh := next(told, None)) is None:
                message = "a fault"
                raise RuntimeError(message)
            return fresh

        with pytest.raises(RuntimeError):
            await store.sealed.reseal(breaks_off, ALICE)
        assert await store.sealed.all() == before
        assert len(await store.audit.list()) == entries
