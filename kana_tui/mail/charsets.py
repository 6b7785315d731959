"""Bytes of a message as text: the declared character set, or the best that can be made of them.

Nothing here raises, and no lone surrogate and no NUL comes out of it (a store
takes neither).
"""

from __future__ import annotations

import codecs
import re
from functools import lru_cache
from typing import Final

_NOT_IN_MAIL: Final = frozenset(
    {"idna", "mbcs", "oem", "punycode", "raw_unicode_escape", "undefined", "unicode_escape"}
)
"""Python's text codecs that are no character sets of mail; two of them take quadratic time."""

_AS_WINDOWS: Final = {"ascii": "cp1252", "iso8859-1": "cp1252", "gb2312": "gb18030"}
"""What is declared under these names is in practice the larger set (WHATWG Encoding, 4.2)."""

_UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")


def decoded(data: bytes, charset: str) -> str:
    """`data` as text of `charset`; U+FFFD stands for what cannot be read.

    An empty or unknown charset, and eight-bit bytes declared as ASCII: UTF-8 if
    the bytes are that, or else Windows-1252.
    """
    codec = _codec(charset)
    if codec is None or codec == "ascii":
        return undeclared(data)
    return clean(data.decode(_AS_WINDOWS.get(codec, codec), "replace"))


def undeclared(data: bytes) -> str:
    """Bytes of which nothing says what they are: UTF-8 if they are that, or else Windows-1252."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")
    return clean(text)


def is_known(charset: str) -> bool:
    return _codec(charset) is not None


def clean(text: str) -> str:
    """Without what no store takes: lone surrogates and NUL become U+FFFD."""
    return text if text.isascii() and "\0" not in text else _UNSTORABLE.sub("\ufffd", text)


@lru_cache(maxsize=256)
def _codec(charset: str) -> str | None:
    """The codec's canonical name; None for an unknown one and for codecs that are no charset."""
    try:
        name = codecs.lookup(charset).name
        b"a".decode(name, "replace")  # LookupError for zip, base64, hex …: no text encodings
    except (LookupError, ValueError):
        return None
    return None if name.replace("-", "_") in _NOT_IN_MAIL else name
