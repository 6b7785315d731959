"""The header block of a message: where it ends, and its fields as bytes (RFC 5322, 2.2)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

HEADER_BYTES: Final = 256 * 1024
"""Of a longer header block the rest is not looked at."""

FIELD_BYTES: Final = 64 * 1024
"""Of a longer field the rest is not looked at. RFC 5322 allows 998 bytes a line."""

_BOM: Final = b"\xef\xbb\xbf"
_EMPTY_LINE: Final = re.compile(rb"(?>\r\n|\n|\r)(?>\r\n|\n|\r)")
_FOLD: Final = re.compile(rb"\n(?=[ \t])")
_FIELD: Final = re.compile(rb"([!-9;-~]+)[ \t]*:[ \t]*")


def header_block(raw: bytes) -> bytes:
    r"""What stands before the first empty line, every line end (CR LF, LF or CR) as LF.

    Without a byte order mark, and without mbox's "From " line. A message
    without an empty line is all header block; one that begins with an empty
    line has none.
    """
    block = raw[:HEADER_BYTES].removeprefix(_BOM)
    for usual in (b"\r\n\r\n", b"\n\n"):
        block = block.partition(usual)[0]
    if b"\r" in block:
        block = block.replace(b"\r\n", b"\n").replace(b"\r", b"\n").partition(b"\n\n")[0]
    if block.startswith(b"\n"):
        return b""
    if block.startswith((b"From ", b">From ")):
        block = block.partition(b"\n")[2]
    return block


def body_start(raw: bytes, start: int = 0, end: int | None = None) -> int:
    """Where the body begins of what lies from `start` to `end`: after the empty line.

    At the end where there is no empty line.
    """
    end = len(raw) if end is None else end
    start += len(_BOM) if raw.startswith(_BOM, start, end) else 0
    if raw.startswith((b"\r", b"\n"), start, end):
        return start + (2 if raw.startswith(b"\r\n", start, end) else 1)
    found = _EMPTY_LINE.search(raw, start, end)
    return found.end() if found else end


def fields(block: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Name and value of each field, unfolded, in order; lines that are no field are skipped.

    A value ends at `FIELD_BYTES`.
    """
    for line in _FOLD.sub(b"", block).split(b"\n"):
        if match := _FIELD.match(line):
            yield match[1], line[match.end() : match.end() + FIELD_BYTES].rstrip()
