"""What every store promises of tokens: sealed, newest wins, one renewal at a time."""

from __future__ import annotations

from datetime import timedelta

from attrs import evolve

from kana_tui.domain.secret import Secret
from kana_tui.ports.token_store import StoredTokens
from tests.contracts.setting import NOON, OpenedStore

KEY, OTHER = "a" * 64, "b" * 64
SOON = NOON + timedelta(minutes=1)
SIGNED_IN = StoredTokens(
    version=0,
    access=Secret("access-1"),
    ends_at=NOON + timedelta(hours=1),
    refresh=Secret("refresh-1"),
    signed_in_at=NOON,
    renewed_at=NOON,
)
FAILED = StoredTokens(
    version=1,
    refresh=Secret("refresh-1"),
    signed_in_at=NOON,
    not_before=SOON,
    failures=3,
    failure="The sign-in has lapsed.",
    remedy="Sign in again.",
    sign_in_again=True,
    wrong_settings=True,
    failed_with="c" * 64,
)


class TokensContract:
    async def test_nothing_is_known_of_a_credential_until_tokens_are_saved(
        self, store: OpenedStore
    ) -> None:
        assert await store.tokens.read(KEY) == StoredTokens()
        assert await store.tokens.save(KEY, SIGNED_IN)
        assert await store.tokens.read(KEY) == evolve(SIGNED_IN, version=1)
        assert await store.tokens.read(OTHER) == StoredTokens()

    async def test_a_save_takes_the_place_of_all_that_it_read(self, store: OpenedStore) -> None:
        await store.tokens.save(KEY, SIGNED_IN)
        assert await store.tokens.save(KEY, FAILED)
        assert await store.tokens.read(KEY) == evolve(FAILED, version=2)

    async def test_of_two_that_read_the_same_one_saves_and_the_other_reads_again(
        self, store: OpenedStore
    ) -> None:
        await store.tokens.save(KEY, SIGNED_IN)
        read = await store.tokens.read(KEY)
        first, second = (evolve(read, access=Secret(text)) for text in ("first", "second"))
        assert await store.tokens.save(KEY, first)
        assert not await store.tokens.save(KEY, second)
        newest = await store.tokens.read(KEY)
        assert newest.access == Secret("first")
        assert await store.tokens.save(KEY, evolve(second, version=newest.version))
        assert (await store.tokens.read(KEY)).access == Secret("second")

    async def test_of_two_that_save_first_one_does(self, store: OpenedStore) -> None:
        assert await store.tokens.save(KEY, SIGNED_IN)
        assert not await store.tokens.save(KEY, evolve(SIGNED_IN, access=Secret("other")))
        assert (await store.tokens.read(KEY)).access == Secret("access-1")

    async def test_one_holder_alone_has_the_lease_until_it_ends(self, store: OpenedStore) -> None:
        assert await store.tokens.lease(KEY, "mx1/1", NOON, SOON)
        assert not await store.tokens.lease(KEY, "mx2/1", NOON, SOON)
        just_before = SOON - timedelta(milliseconds=1)
        assert not await store.tokens.lease(KEY, "mx2/1", just_before, SOON)
        assert await store.tokens.lease(KEY, "mx2/1", SOON, SOON + timedelta(minutes=1))
        assert not await store.tokens.lease(KEY, "mx1/2", SOON, SOON + timedelta(minutes=1))

    async def test_each_credential_has_a_lease_of_its_own(self, store: OpenedStore) -> None:
        assert await store.tokens.lease(KEY, "mx1/1", NOON, SOON)
        assert await store.tokens.lease(OTHER, "mx2/1", NOON, SOON)

    async def test_a_lease_is_released_by_its_holder_alone(self, store: OpenedStore) -> None:
        await store.tokens.lease(KEY, "mx1/1", NOON, SOON)
        await store.tokens.release(KEY, "mx2/1")
        assert not await store.tokens.lease(KEY, "mx2/1", NOON, SOON)
        await store.tokens.release(KEY, "mx1/1")
        assert await store.tokens.lease(KEY, "mx2/1", NOON, SOON)

    async def test_whose_lease_has_ended_releases_nothing(self, store: OpenedStore) -> None:
        await store.tokens.lease(KEY, "mx1/1", NOON, SOON)
        await store.tokens.lease(KEY, "mx2/1", SOON, SOON + timedelta(minutes=1))
        await store.tokens.release(KEY, "mx1/1")
        assert not await store.tokens.lease(KEY, "mx1/2", SOON, SOON + timedelta(minutes=1))

    async def test_a_lease_and_tokens_leave_one_another_alone(self, store: OpenedStore) -> None:
        await store.tokens.lease(KEY, "mx1/1", NOON, SOON)
        assert await store.tokens.read(KEY) == StoredTokens(version=1)
        assert await store.tokens.save(KEY, evolve(SIGNED_IN, version=1))
        assert not await store.tokens.lease(KEY, "mx2/1", NOON, SOON)
        await store.tokens.release(KEY, "mx1/1")
        assert await store.tokens.read(KEY) == evolve(SIGNED_IN, version=2)

    async def test_a_clock_that_was_put_back_leaves_no_lease_for_ever(
        self, store: OpenedStore
    ) -> None:
        later = NOON + timedelta(days=365)
        await store.tokens.lease(KEY, "mx1/1", later, later + timedelta(minutes=1))
        assert await store.tokens.lease(KEY, "mx1/2", NOON, SOON)

    async def test_what_opens_is_not_discarded(self, store: OpenedStore) -> None:
        await store.tokens.discard_unopened(KEY)
        assert await store.tokens.read(KEY) == StoredTokens()
        await store.tokens.save(KEY, SIGNED_IN)
        await store.tokens.discard_unopened(KEY)
        assert await store.tokens.read(KEY) == evolve(SIGNED_IN, version=1)
