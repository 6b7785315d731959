"""What makes two names the same."""

from __future__ import annotations

import unicodedata


def key_of(text: str) -> str:
    """`text` for comparing: NFC, casefolded, and NFC again, since folding may undo it."""
    folded = unicodedata.normalize("NFC", text).casefold()
    return unicodedata.normalize("NFC", folded)
