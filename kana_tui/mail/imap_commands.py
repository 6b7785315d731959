"""IMAP commands as bytes: strings, folder names, sets of UIDs (RFC 3501 sections 4, 5 and 9)."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from typing import Final

QUOTED_MOST: Final = 1000
"""A longer string goes as a literal: servers bound a line (RFC 2683 section 3.2.1.5)."""

LITERAL_MINUS_MOST: Final = 4096
"""RFC 7888 section 5: what LITERAL- allows without waiting for the server's leave."""

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
    runs: list[list[int]] = []
    for uid in sorted(uids):
        if runs and uid <= runs[-1][1] + 1:
            runs[-1][1] = uid
        else:
            runs.append([uid, uid])
    return b",".join(
        b"%d" % first if first == last else b"%d:%d" % (first, last) for first, last in runs
    )
