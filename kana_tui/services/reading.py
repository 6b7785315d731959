"""Reading one stored message: of its raw bytes no more than a person can look at."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Final, Protocol

from attrs import frozen

from kana_tui.ports.messages import MessageRow, Messages

READ_AT_MOST: Final = 8 * 1024 * 1024
"""Bytes, so that an attachment of the usual size does not hide the text behind it."""


class Readable(Protocol):
    """What a reader makes of raw bytes: decoded, not yet safe to show. LF line ends."""

    @property
    def headers(self) -> Sequence[tuple[str, str]]: ...

    @property
    def text(self) -> str: ...


@frozen
class OpenedMessage:
    """`cut`: more bytes are stored than were looked at."""

    row: MessageRow
    headers: tuple[tuple[str, str], ...]
    text: str
    cut: bool


async def open_message(
    messages: Messages, message_id: int, read: Callable[[bytes], Readable]
) -> OpenedMessage | None:
    """None if there is no such message (any more). `read`, which may take long, has a thread."""
    row = await messages.get(message_id)
    if row is None:
        return None
    raw = bytearray()
    async for chunk in messages.raw(message_id):
        raw += chunk
        if len(raw) > READ_AT_MOST:
            break
    readable = await asyncio.to_thread(read, bytes(raw[:READ_AT_MOST]))
    cut = len(raw) > READ_AT_MOST
    return OpenedMessage(row, tuple(readable.headers), readable.text, cut)
