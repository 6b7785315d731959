"""Header text: RFC 2047's encoded words, and eight-bit bytes that nobody declared."""

from __future__ import annotations

import binascii
import re
from typing import Final

from kana_tui.mail.charsets import decoded, undeclared

ENCODED_WORDS: Final = 1000
"""So many encoded words of a field are decoded; the rest stays as it was written."""

_WORD: Final = re.compile(
    rb"=\?([!->@-~]{1,60})\?([bBqQ])\?((?:[^?]++|(?<!=)\?(?!=))*+)\?=",
)
"""Text may hold spaces and question marks, which the rule forbids and mailers write. It ends
before the next `=?`, so that words that never end cost no second look."""

_LINE_BREAKS: Final = re.compile("[\t\n\x0b\x0c\r\x1c-\x1e\x85\u2028\u2029]+")
_NOT_BASE64: Final = re.compile(rb"[^A-Za-z0-9+/]")


def header_text(value: bytes) -> str:
    """An unfolded field's value as text on one line. Never raises."""
    text = _decoded_words(value) if b"=?" in value else undeclared(value)
    return _LINE_BREAKS.sub(" ", text).strip()


def _decoded_words(value: bytes) -> str:
    """Neighbours are joined (6.2), and their bytes too where a character lies across two words."""
    out: list[str] = []
    pending, charset = b"", b""
    end = 0
    for count, match in enumerate(_WORD.finditer(value)):
        if count == ENCODED_WORDS:
            break
        between = value[end : match.start()]
        neighbour = charset and not between.strip(b" \t")
        # RFC 2231, 5: a language may follow the charset.
        named = match[1].partition(b"*")[0].lower()
        data = _word_bytes(match[2], match[3])
        if neighbour and named == charset:
            pending += data
        else:
            out.append(decoded(pending, charset.decode("ascii")))
            if not neighbour:
                out.append(undeclared(between))
            pending, charset = data, named
        end = match.end()
    out += (decoded(pending, charset.decode("ascii")), undeclared(value[end:]))
    return "".join(out)


def _word_bytes(encoding: bytes, text: bytes) -> bytes:
    if encoding in b"bB":
        return lenient_base64(text)
    return binascii.a2b_qp(text, header=True)


def lenient_base64(text: bytes) -> bytes:
    """Whatever is readable of broken base64: foreign characters skipped, padding not needed."""
    kept = _NOT_BASE64.sub(b"", text)
    if len(kept) % 4 == 1:
        kept = kept[:-1]
    return binascii.a2b_base64(kept + b"=" * (-len(kept) % 4))
