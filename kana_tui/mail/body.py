"""A message for a person: its headers, and its text. Whatever the bytes, quickly and bounded.

Taken apart by ourselves rather than by `email`: its structured parser raises on
some real mail, and both of its parsers take seconds, gigabytes or the whole
stack over made-up mail.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from itertools import islice
from typing import Final

from attrs import define, frozen

from kana_tui.mail.charsets import clean, decoded, is_known, undeclared
from kana_tui.mail.encoded_words import header_text, lenient_base64
from kana_tui.mail.header_block import fields, header_block
from kana_tui.mail.mime_tree import Entity, Multipart, Part, mime_tree

HEADERS_MOST: Final = 1000
"""Fields that are shown."""

TEXT_BYTES: Final = 1024 * 1024
"""Of a longer text, as it is encoded, the rest is not shown."""

DETECTED_BYTES: Final = 32 * 1024
"""So much of a text is looked at to find a character set that nobody declared."""

CUT: Final = "[the rest of this message is not shown]"

_HIGH: Final = re.compile(rb"[\x80-\xff]")
_TEXTS: Final = ("text/plain", "text/html")


@frozen
class ReadMessage:
    """Names and values of the headers, and the text: decoded, not yet safe to show.

    `text` has LF line ends, and a line `[attachment: name, type, size]` for
    each part that is no text.
    """

    headers: tuple[tuple[str, str], ...]
    text: str


def read_message(raw: bytes) -> ReadMessage:
    """Never raises. Nothing is fetched, opened or unpacked."""
    headers = tuple(
        (name.decode("ascii", "replace"), header_text(value))
        for name, value in islice(fields(header_block(raw)), HEADERS_MOST)
    )
    return ReadMessage(headers, _text(raw))


def _text(raw: bytes) -> str:
    tree = mime_tree(raw)
    blocks: list[str] = []
    room = _Room()
    for part in _chosen(tree.root):
        if not _is_text(part):
            blocks.append(_attachment(part))
        elif room.bytes_ > 0 and (text := _part_text(part, room).strip("\n")):
            blocks.append(text)
    if tree.cut or room.exceeded:
        blocks.append(CUT)
    return "\n\n".join(blocks)


@define
class _Room:
    """What may still be shown, in encoded bytes."""

    bytes_: int = TEXT_BYTES
    exceeded: bool = False

    def taken(self, part: Part) -> bytes:
        body = part.raw[part.start : min(part.end, part.start + self.bytes_)]
        self.bytes_ -= len(body)
        self.exceeded |= part.start + len(body) < part.end
        return body


def _chosen(entity: Entity) -> Iterator[Part]:
    """The parts in order; of alternatives plain text, or else the last that has any text."""
    if isinstance(entity, Part):
        yield entity
        return
    preferred = _preferred(entity) if entity.subtype == "alternative" else None
    for child in entity.children:
        if preferred is None or child is preferred:
            yield from _chosen(child)
        else:
            yield from (part for part in _chosen(child) if not _is_text(part))


def _preferred(alternatives: Multipart) -> Entity | None:
    texts = [child for child in alternatives.children if any(map(_is_text, _chosen(child)))]
    for child in texts:
        if any(_is_plain(part) and part.body.strip() for part in _chosen(child)):
            return child
    return texts[-1] if texts else None


def _is_text(part: Part) -> bool:
    header = part.header
    return header.content_type in _TEXTS and header.disposition != "attachment"


def _is_plain(part: Part) -> bool:
    return part.header.content_type == "text/plain" and _is_text(part)


def _part_text(part: Part, room: _Room) -> str:
    text = _characters(_unencoded(room.taken(part), part.header.encoding), part.header.charset)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if part.header.content_type == "text/html":
        from kana_tui.mail.html_text import html_text  # noqa: PLC0415  # takes 100 ms to load

        return html_text(text)
    return text


def _unencoded(body: bytes, encoding: str) -> bytes:
    if encoding == "base64":
        return lenient_base64(body)
    if encoding == "quoted-printable":
        return binascii.a2b_qp(body)
    return body


def _characters(data: bytes, charset: str) -> str:
    """By the declared character set where it fits, else by the likeliest."""
    text = decoded(data, charset) if is_known(charset) else ""
    broken = text.count("\ufffd")
    if text and not broken:
        return text
    try:
        return clean(data.decode())
    except UnicodeDecodeError:
        fits = text and broken <= sum(not character.isascii() for character in text) // 2
        return text if fits else _detected(data)


def _detected(data: bytes) -> str:
    """Windows-1252 unless most is not Latin: in Latin text a guess is more often wrong."""
    sample = data[:DETECTED_BYTES]
    if len(_HIGH.findall(sample)) * 2 < len(sample):
        return undeclared(data)
    from charset_normalizer import from_bytes  # noqa: PLC0415  # is seldom needed

    best = from_bytes(sample).best()
    return decoded(data, best.encoding) if best is not None else undeclared(data)


def _attachment(part: Part) -> str:
    name = part.header.name or "without a name"
    return f"[attachment: {name}, {part.header.content_type}, {_size(part):,} bytes]"


def _size(part: Part) -> int:
    """As it will be saved; told by the length where it is encoded, since nothing is unpacked."""
    length = part.end - part.start
    if part.header.encoding != "base64":
        return length
    ends = sum(part.raw.count(end, part.start, part.end) for end in (b"\r", b"\n"))
    padding = part.raw.count(b"=", max(part.start, part.end - 8), part.end)
    return (length - ends) * 3 // 4 - padding
