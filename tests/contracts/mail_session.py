"""What every MailSession promises, whatever the protocol. Each test takes a mailbox of its own."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from attrs import evolve

from kana_tui.domain.errors import MailError, Stage
from kana_tui.domain.secret import Secret
from kana_tui.ports.mail_source import CHUNK_BYTES, Account, Listed, MailSource
from tests.mail.accounts import read, read_all
from tests.servers.dovecot import Dovecot, crlf, simple_messages

HEAD = b"From: Ann <ann@example.com>\nSubject: odd\n\n"
ODD = {
    "dots at line starts": b".\n..\n.a\nb.\n...\n",
    "only a header": b"",
    "8-bit text": "Grüße, 日本語\n".encode(),
    "bytes of no charset": bytes(range(1, 10))
    + bytes(range(11, 13))
    + bytes(range(14, 256))
    + b"\n",
    "a long line": b"x" * 300_000 + b"\n",
    "escapes": b"\x1b]0;title\x07\x1b[2J\n",
}


class MailSessionContract:
    """A suite sets `source`, and accounts on a real server by `account`."""

    @pytest.fixture
    @abstractmethod
    def source(self) -> MailSource: ...

    @abstractmethod
    def account(self, dovecot: Dovecot, user: str) -> Account: ...

    async def test_an_empty_mailbox_lists_nothing(
        self, source: MailSource, dovecot: Dovecot
    ) -> None:
        async with source.open(self.account(dovecot, dovecot.user())) as session:
            assert await session.count() == 0
            assert (await session.listing()).messages == ()
            assert await read_all(session) == []

    async def test_messages_come_in_the_servers_order_byte_for_byte(
        self, source: MailSource, dovecot: Dovecot
    ) -> None:
        user, messages = dovecot.user(), list(simple_messages(300))
        dovecot.deliver(user, *messages)
        async with source.open(self.account(dovecot, user)) as session:
            assert await session.count() == 300
            got = await read_all(session)
            assert dict(session.left_out) == {}
        assert [one.raw for one in got] == [crlf(raw) for raw in messages]
        assert all(one.size == len(one.raw) == one.listed.size for one in got)
        assert len({one.listed.uid for one in got}) == 300

    async def test_the_certificate_is_the_one_that_was_accepted_and_none_in_plain_text(
        self, source: MailSource, dovecot: Dovecot
    ) -> None:
        account = self.account(dovecot, dovecot.user())
        tls = account.auth_type.traits.implicit_tls
        upgraded = [] if tls else [evolve(account, upgrade_tls=True)]
        for one in (account, *upgraded):
            async with source.open(one) as session:
                seen = session.certificate
            if not (tls or one.upgrade_tls):
                assert seen is None
                continue
            assert seen is not None
            assert one.server in seen.names
            assert seen.issuer == "CN=Test CA"
            assert seen.ends_at > datetime.now(UTC)

    async def test_the_oldest_arrival_is_that_of_the_first_listed(
        self, source: MailSource, dovecot: Dovecot
    ) -> None:
        user = dovecot.user()
        async with source.open(self.account(dovecot, user)) as session:
            assert await session.oldest_at() is None
        dovecot.deliver(user, *simple_messages(3))
        async with source.open(self.account(dovecot, user)) as session:
            oldest_at = await session.oldest_at()
            first, *_others = (await session.listing()).messages
        assert oldest_at == first.received_at

    @pytest.mark.parametrize("body", ODD.values(), ids=ODD)
    async def test_odd_bytes_come_unchanged(
        self, source: MailSource, dovecot: Dovecot, body: bytes
    ) -> None:
        user = dovecot.user()
        dovecot.deliver(user, HEAD + body, HEAD)
        async with source.open(self.account(dovecot, user)) as session:
            got = await read_all(session)
        assert [one.raw for one in got] == [crlf(HEAD + body), crlf(HEAD)]

    async def test_messages_up_to_the_chunk_size_are_whole_and_larger_ones_in_chunks(
        self, source: MailSource, dovecot: Dovecot
    ) -> None:
        user = dovecot.user()
        sizes = [CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES + 7]
        messages = [_of_size(size) for size in sizes]
        dovecot.deliver(user, *messages)
        async with source.open(self.account(dovecot, user)) as session:
            got = await read_all(session)
        assert [one.raw for one in got] == messages
        assert [len(one.chunks) for one in got[:2]] == [1, 1]
        assert all(len(chunk) <= CHUNK_BYTES for one in got for chunk in one.chunks)
        assert not any(one.truncated for one in got)

    @pytest.mark.parametrize("limit", [100, 10_000, CHUNK_BYTES, 2 * CHUNK_BYTES + 5])
    async def test_a_message_over_the_limit_is_cut_there_and_tells_its_real_size(
        self, source: MailSource, dovecot: Dovecot, limit: int
    ) -> None:
        user = dovecot.user()
        large, fits = _of_size(3 * CHUNK_BYTES), _of_size(limit)
        dovecot.deliver(user, large, fits)
        async with source.open(
            evolve(self.account(dovecot, user), max_message_size=limit)
        ) as session:
            cut, whole = await read_all(session)
        assert (cut.raw, cut.size, cut.truncated) == (large[:limit], len(large), True)
        assert (whole.raw, whole.size, whole.truncated) == (fits, limit, False)

    async def test_reading_alone_changes_nothing_on_the_server(
        self, source: MailSource, dovecot: Dovecot
    ) -> None:
        user, messages = dovecot.user(), list(simple_messages(5))
        dovecot.deliver(user, *messages)
        async with source.open(self.account(dovecot, user)) as session:
            first = await read_all(session)
            deletions = await session.finish()
        assert (deletions.confirmed, dict(deletions.refused)) == (frozenset(), {})
        assert dovecot.stored(user) == messages
        async with source.open(self.account(dovecot, user)) as session:
            assert await read_all(session) == first

    async def test_exactly_what_was_named_is_deleted_and_confirmed(
        self, source: MailSource, dovecot: Dovecot
    ) -> None:
        user, messages = dovecot.user(), list(simple_messages(50))
        dovecot.deliver(user, *messages)
        named: set[bytes] = set()
        async with source.open(self.account(dovecot, user)) as session:
            listing = await session.listing()
            async for fetched in session.fetch(listing.messages):
                await read(fetched)
                if len(named) < 20:
                    session.delete([fetched.listed])
                    named.add(fetched.listed.uid)
            deletions = await session.finish()
        assert deletions.confirmed == named
        assert dict(deletions.refused) == {}
        assert dovecot.stored(user) == messages[20:]

    async def test_without_finish_no_other_message_is_touched(
        self, source: MailSource, dovecot: Dovecot
    ) -> None:
        user, messages = dovecot.user(), list(simple_messages(5))
        dovecot.deliver(user, *messages)
        async with source.open(self.account(dovecot, user)) as session:
            listing = await session.listing()
            session.delete(listing.messages[:2])
            async for fetched in session.fetch(listing.messages[2:]):
                await read(fetched)
        assert dovecot.stored(user)[-3:] == messages[2:]

    async def test_an_iterable_that_ends_early_ends_the_fetch_in_good_order(
        self, source: MailSource, dovecot: Dovecot
    ) -> None:
        user = dovecot.user()
        dovecot.deliver(user, *simple_messages(20))
        async with source.open(self.account(dovecot, user)) as session:
            listing = await session.listing()
            got = [await read(one) async for one in session.fetch(iter(listing.messages[:7]))]
            session.delete([one.listed for one in got])
            deletions = await session.finish()
        assert deletions.confirmed == {one.listed.uid for one in got}
        assert dovecot.count(user) == 13

    async def test_messages_are_asked_for_only_as_room_comes_free(
        self, source: MailSource, dovecot: Dovecot
    ) -> None:
        user = dovecot.user()
        dovecot.deliver(user, *(_of_size(CHUNK_BYTES) for _ in range(20)))
        asked: list[Listed] = []

        def asking(messages: tuple[Listed, ...]) -> Iterator[Listed]:
            for one in messages:
                asked.append(one)
                yield one

        async with source.open(self.account(dovecot, user)) as session:
            listing = await session.listing()
            async for fetched in session.fetch(asking(listing.messages)):
                await read(fetched)
                break
        assert 1 <= len(asked) < 20

    async def test_a_message_that_another_session_deleted_is_left_out(
        self, source: MailSource, dovecot: Dovecot
    ) -> None:
        user = dovecot.user()
        dovecot.deliver(user, *simple_messages(3))
        account = self.account(dovecot, user)
        async with source.open(account) as session:
            listing = await session.listing()
            async with source.open(account) as other:
                other.delete((await other.listing()).messages[1:2])
                await other.finish()
            got = [await read(one) async for one in session.fetch(listing.messages)]
            assert dict(session.left_out) == {}
        assert [one.listed for one in got] == [listing.messages[0], listing.messages[2]]

    async def test_a_message_left_unread_is_skipped_before_the_next(
        self, source: MailSource, dovecot: Dovecot
    ) -> None:
        user, messages = dovecot.user(), [_of_size(600_000), *simple_messages(2)]
        dovecot.deliver(user, *messages)
        async with source.open(self.account(dovecot, user)) as session:
            listing = await session.listing()
            got = [
                await read(fetched)
                async for fetched in session.fetch(listing.messages)
                if fetched.listed is not listing.messages[0]
            ]
        assert [one.raw for one in got] == [crlf(raw) for raw in messages[1:]]

    async def test_a_wrong_password_is_refused_and_not_shown(
        self, source: MailSource, dovecot: Dovecot
    ) -> None:
        account = evolve(self.account(dovecot, dovecot.user()), secret=Secret("swordfish-41"))
        with pytest.raises(MailError) as caught:
            async with source.open(account):
                pass
        assert caught.value.stage is Stage.LOGIN
        assert caught.value.refused_credentials
        assert not caught.value.temporary
        assert "swordfish" not in str(caught.value)
        assert "AUTH" in str(caught.value)


def _of_size(size: int) -> bytes:
    """A message of exactly `size` bytes, with CRLF line ends."""
    head = b"From: Ann <ann@example.com>\r\nSubject: large\r\n\r\n"
    line = b"." + b"0123456789" * 7 + b"\r\n"
    body = line * ((size - len(head)) // len(line))
    rest = size - len(head) - len(body)
    if rest == 0:
        return head + body
    if rest == 1:
        return head + body[:-2] + b"x\r\n"
    return head + body + b"y" * (rest - 2) + b"\r\n"
