"""What a login sends and nobody may read, cut out of whatever a server says back."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import quote

from kana_tui.domain.secret import Secret

_BEGINNING: Final = 16
"""Some servers repeat only the beginning of what they were sent."""

_WITHIN: Final = 8
"""What is shorter is cut only where it stands alone: parts of other words are likely to be like
it, and the gaps in them would tell it."""


class Hidden:
    """A secret in the forms in which a server may repeat it, and each line that carried it."""

    def __init__(self, secret: Secret) -> None:
        self._forms = set(_forms(secret.reveal().encode()))

    def add(self, sent: bytes) -> None:
        """A line that holds the secret, or what was made of it."""
        self._forms.add(sent)

    def cut(self, words: bytes) -> bytes:
        """`words` without any of it, in upper or lower case."""
        longest_first = sorted(filter(None, self._forms), key=len, reverse=True)
        for form in longest_first:
            pattern = re.escape(form)
            if len(form) < _WITHIN:
                pattern = rb"(?<!\w)" + pattern + rb"(?!\w)"
            if len(form) > _BEGINNING:
                pattern += rb"|" + re.escape(form[:_BEGINNING]) + rb"\S*"
            words = re.sub(pattern, "…".encode(), words, flags=re.IGNORECASE)
        return words


def _forms(text: bytes) -> Iterator[bytes]:
    yield text
    yield quote(text, safe="").encode()
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        yield encode(text).rstrip(b"=")
