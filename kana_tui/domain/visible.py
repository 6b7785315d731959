"""Foreign text made harmless: whatever a terminal would obey becomes something that it shows."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_HARMLESS: Final = re.compile(r"[\x20-\x7e]*")
_OBEYED: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Controls (C0, C1), format characters (bidi overrides, zero width), surrogates, private use,
unassigned ones, and line and paragraph separators."""


def visible(text: str) -> str:
    r"""`text` on one line without a character that a terminal obeys.

    A control character becomes its escape as Python writes it (`\x1b`, `\n`,
    `\u202e`); every other space becomes a plain one; combining marks stay with
    the character before them, and one that has none gets a blank to stand on.
    """
    if _HARMLESS.fullmatch(text):
        return text
    out: list[str] = []
    for character in text:
        category = unicodedata.category(character)
        if category in _OBEYED:
            out.append(_escape(character))
        elif category == "Zs":
            out.append(" ")
        elif category.startswith("M") and (not out or out[-1] == " "):
            out.append(f" {character}" if not out else character)
        else:
            out.append(character)
    return "".join(out)


def _escape(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
