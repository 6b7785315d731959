"""Character sets of mail, by their IANA preferred names in lower case."""

from __future__ import annotations

import codecs
from typing import Final

from attrs import frozen

from kana_tui.domain.fields.context import Context
from kana_tui.domain.fields.kinds.kind import RuleError
from kana_tui.domain.fields.kinds.text import PlainText

CHARSETS: Final[tuple[str, ...]] = (
    "utf-8",
    "us-ascii",
    *(f"iso-8859-{part}" for part in range(1, 17) if part != 12),  # part 12 was never published
    *(f"windows-125{page}" for page in range(9)),
    "koi8-r",
    "koi8-u",
    "big5",
    "big5-hkscs",
    "gb2312",
    "gbk",
    "gb18030",
    "hz-gb-2312",
    "euc-jp",
    "shift_jis",
    "iso-2022-jp",
    "euc-kr",
    "iso-2022-kr",
    "tis-620",
    "macintosh",
    "ibm437",
    "ibm850",
    "ibm852",
    "ibm866",
)
"""What may be chosen, most usual first (IANA character sets registry, as MIME names them).

Left out is what text/plain may not carry: UTF-16 and UTF-32 (RFC 2781, section 4), UTF-7.
"""


def _codec(name: str) -> str | None:
    """Python's own name of a text encoding, by any of its aliases."""
    try:
        "".encode(name)  # a codec that is no text encoding is refused here
        return codecs.lookup(name).name
    except (LookupError, ValueError):
        return None


_PREFERRED: Final = {_codec(name): name for name in CHARSETS}


def preferred_name(charset: str) -> str | None:
    """The IANA preferred name of a charset given by any alias; None if it is not of `CHARSETS`."""
    codec = _codec(charset.strip())
    return None if codec is None else _PREFERRED.get(codec)


@frozen
class Charset(PlainText):
    @property
    def rule(self) -> str:
        return "a MIME character set, such as utf-8, iso-8859-15 or windows-1252"

    def check(self, value: str, _context: Context, /) -> str:
        name = preferred_name(value)
        if name is None:
            raise RuleError("is no character set for mail", f"give {self.rule}")
        return name
