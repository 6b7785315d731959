"""IMAP commands as bytes: strings, folder names, sets of UIDs (RFC 3501 sections 4, 5 and 9)."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator
from typing import Final

QUOTED_MOST: Final = 1000
"""A longer string goes as a literal: servers bound a line (RFC 2683 section 3.2.1.5)."""

LITERAL_MINUS_MOST: Final = 4096
"""RFC 7888 section 5: what LITERAL- allows without waiting for the server's leave."""

SET_BYTES: Final = 4 * 1024
"""A longer set of UIDs is cut: servers bound a line (RFC 2683 section 3.2.1.5)."""

_QUOTABLE: Final = re.compile(rb"[\x20-\x7e]*")
_SPECIAL: Final = re.compile(rb'(["\\])')
_SHIFTED: Final = re.compile("[^\x20-\x7e]+")


def command(*words: bytes | str, unasked_literals: int = 0) -> tuple[bytes, ...]:
    """A command without its tag. `bytes` stand as they are, a `str` as a string.

    More than one part: after each but the last the server's leave is to be
    waited for. `unasked_literals`: so many bytes of a literal it takes without.
    """
    parts = [b""]
    for position, word in enumerate(words):
        parts[-1] += b" " if position else b""
        if isinstance(word, bytes):
            parts[-1] += word
            continue
        data = word.encode()
        if len(data) <= QUOTED_MOST and _QUOTABLE.fullmatch(data):
            parts[-1] += quoted(data)
        elif len(data) <= unasked_literals:
            parts[-1] += b"{%d+}\r\n%b" % (len(data), data)
        else:
            parts[-1] += b"{%d}" % len(data)
            parts.append(data)
    return tuple(parts)


def quoted(data: bytes) -> bytes:
    """A quoted string; `data` is printable ASCII."""
    return b'"' + _SPECIAL.sub(rb"\\\1", data) + b'"'


def folder_name(folder: str) -> str:
    """Modified UTF-7 (RFC 3501 section 5.1.3), which is what servers call their folders."""
    escaped = folder.replace("&", "&-")
    return _SHIFTED.sub(lambda match: f"&{_modified_base64(match[0])}-", escaped)


def _modified_base64(text: str) -> str:
    encoded = base64.b64encode(text.encode("utf-16-be", "surrogatepass"), altchars=b"+,")
    return encoded.decode().rstrip("=")


def uid_set(uids: Iterable[int]) -> bytes:
    """UIDs as a set, runs as ranges: 1:3,7. `uids` is not empty."""
    return b",".join(_ranges(uids))


def uid_sets(uids: Iterable[int]) -> Iterator[bytes]:
    """UIDs as few sets, none longer than a line may be."""
    begun = b""
    for one in _ranges(uids):
        if len(begun) + len(one) >= SET_BYTES:
            yield begun
            begun = b""
        begun += b"," + one if begun else one
    if begun:
        yield begun


def _ranges(uids: Iterable[int]) -> Iterator[bytes]:
    runs: list[list[int]] = []
    for uid in sorted(uids):
        if runs and uid <= runs[-1][1] + 1:
            runs[-1][1] = uid
        else:
            runs.append([uid, uid])
    for first, last in runs:
        yield b"%d" % first if first == last else b"%d:%d" % (first, last)
