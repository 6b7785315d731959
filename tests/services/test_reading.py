"""Opening a message: whole where it can be looked at, bounded where it cannot."""

from __future__ import annotations

import threading

from attrs import frozen

from kana_tui.services.reading import READ_AT_MOST, open_message
from kana_tui.store.store import Store
from tests.contracts.setting import add_mailbox, lease_of, letter, take


@frozen
class Read:
    raw: bytes
    thread: int
    headers: tuple[tuple[str, str], ...] = (("Subject", "Hello"),)
    text: str = "Hello."


def read(raw: bytes) -> Read:
    seen.append(Read(raw, threading.get_ident()))
    return seen[-1]


seen: list[Read] = []


async def stored(store: Store, raw: bytes) -> int:
    lease = await lease_of(store, await add_mailbox(store))
    (taken,) = await take(store, lease, letter(b"1", raw))
    assert taken.message_id is not None
    return taken.message_id


async def test_all_of_a_message_is_read_in_a_thread_of_its_own(store: Store) -> None:
    message_id = await stored(store, b"Subject: Hello\r\n\r\nHello.\r\n")
    opened = await open_message(store.messages, message_id, read)
    assert opened is not None
    assert (opened.row.id, opened.text, opened.cut) == (message_id, "Hello.", False)
    assert opened.headers == (("Subject", "Hello"),)
    assert seen[-1].raw == b"Subject: Hello\r\n\r\nHello.\r\n"
    assert seen[-1].thread != threading.get_ident()


async def test_of_a_huge_one_only_its_begin_is_looked_at(store: Store) -> None:
    message_id = await stored(store, b"A" * (READ_AT_MOST + 1))
    opened = await open_message(store.messages, message_id, read)
    assert opened is not None
    assert opened.cut
    assert len(seen[-1].raw) == READ_AT_MOST


async def test_one_of_exactly_that_size_is_whole(store: Store) -> None:
    message_id = await stored(store, b"A" * READ_AT_MOST)
    opened = await open_message(store.messages, message_id, read)
    assert opened is not None
    assert not opened.cut
    assert len(seen[-1].raw) == READ_AT_MOST


async def test_one_that_is_not_there_is_none(store: Store) -> None:
    assert await open_message(store.messages, 7, read) is None
