"""The address that a browser ends at, as a person pasted it (RFC 6749 section 4.1.2)."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import Final
from urllib.parse import SplitResult, parse_qs, urlsplit

from kana_tui.mail.failures import shown
from kana_tui.ports.authorization import BrowserPrompt
from kana_tui.ports.tokens import SignInError

REDIRECT_URL: Final = "http://localhost"
"""Nobody listens there: the browser shows an error page, whose address has the code in it."""

PASTED_MOST: Final = 65536
_FIELDS_MOST: Final = 50
_PASTE: Final = (
    f"Paste the whole address that the browser ended at; it begins with {REDIRECT_URL}/?"
)
_AGAIN: Final = "Begin the sign-in once more, and use its new address."


def code_in(prompt: BrowserPrompt, redirected: str) -> str:
    """The authorization code of that very sign-in.

    SignInError, which repeats nothing of what was pasted but the server's own
    words of a refusal.
    """
    fields = _fields(prompt.redirect_url, redirected)
    if fields is None:
        raise SignInError("That is not the address that a sign-in ends at.", hint=_PASTE)
    if not hmac.compare_digest(fields.get("state", "").encode(), prompt.state.reveal().encode()):
        raise SignInError("The address belongs to another sign-in.", hint=_AGAIN)
    if error := fields.get("error"):
        lines = fields.get("error_description", "").splitlines()
        more = f" ({shown(lines[0].rstrip(' .'))})" if lines else ""
        raise SignInError(f"The sign-in was refused: {shown(error)}{more}.", hint=_AGAIN)
    if not (code := fields.get("code")):
        raise SignInError("The address has no code in it.", hint=_PASTE)
    return code


def _fields(redirect_url: str, redirected: str) -> Mapping[str, str] | None:
    """None where it is no such redirect; a field that stands twice is no field (RFC 6749 3.1)."""
    text = "".join(redirected.split())  # a terminal breaks a long line
    if len(text) > PASTED_MOST:
        return None
    try:
        if _place(parts := urlsplit(text)) != _place(urlsplit(redirect_url)):
            return None
        fields = parse_qs(parts.query, errors="strict", max_num_fields=_FIELDS_MOST)
    except ValueError:
        return None
    return {name: values[0] for name, values in fields.items() if len(values) == 1}


def _place(parts: SplitResult) -> tuple[str, str | None, int | None]:
    return parts.scheme, parts.hostname, parts.port
