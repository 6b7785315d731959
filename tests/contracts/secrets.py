"""What every store promises of secrets that belong to no mailbox."""

from __future__ import annotations

from datetime import timedelta

import pytest

from kana_tui.domain.audit import CHANGED, Change
from kana_tui.domain.errors import ConflictError
from kana_tui.domain.secret import Secret, SecretMark
from tests.contracts.setting import ALICE, NOON, OpenedStore

OF = ("sender", "sender-password")


class SecretsContract:
    async def test_a_secret_is_there_from_when_it_is_set_until_it_is_cleared(
        self, store: OpenedStore
    ) -> None:
        assert await store.secrets.secret(*OF) is None
        assert await store.secrets.mark(*OF) is None
        assert await store.secrets.set(*OF, Secret("hunter2"), ALICE)
        assert await store.secrets.secret(*OF) == Secret("hunter2")
        assert await store.secrets.mark(*OF) == SecretMark(NOON)
        assert await store.secrets.set(*OF, Secret("swordfish"), ALICE)
        assert await store.secrets.secret(*OF) == Secret("swordfish")
        assert await store.secrets.set(*OF, None, ALICE)
        assert await store.secrets.secret(*OF) is None
        assert await store.secrets.mark(*OF) is None

    async def test_each_change_is_audited_and_never_tells_the_secret(
        self, store: OpenedStore
    ) -> None:
        for secret in (Secret("hunter2"), Secret("swordfish"), None):
            await store.secrets.set(*OF, secret, ALICE)
        entries = await store.audit.list(object_="config:mx1")
        assert [entry.change for entry in entries] == [
            Change("sender-password", None, CHANGED),
            Change("sender-password", CHANGED, CHANGED),
            Change("sender-password", CHANGED, None),
        ]
        assert {entry.operator for entry in entries} == {"alice"}
        assert [proof.broken_at for proof in await store.audit.verify()] == [None]

    async def test_clearing_what_is_not_set_changes_nothing(self, store: OpenedStore) -> None:
        assert not await store.secrets.set(*OF, None, ALICE)
        assert await store.audit.list() == []

    async def test_one_that_somebody_else_has_set_since_is_a_conflict(
        self, store: OpenedStore
    ) -> None:
        await store.secrets.set(*OF, Secret("hunter2"), ALICE)
        for seen in (None, SecretMark(NOON - timedelta(days=1))):
            with pytest.raises(ConflictError, match=r"set .* by somebody else meanwhile"):
                await store.secrets.set(*OF, Secret("swordfish"), ALICE, seen=(seen,))
        assert await store.secrets.secret(*OF) == Secret("hunter2")
        mark = await store.secrets.mark(*OF)
        assert await store.secrets.set(*OF, None, ALICE, seen=(mark,))
        with pytest.raises(ConflictError, match="cleared by somebody else meanwhile"):
            await store.secrets.set(*OF, Secret("swordfish"), ALICE, seen=(mark,))
        assert len(await store.audit.list()) == 2
