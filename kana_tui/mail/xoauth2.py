"""XOAUTH2 (Google's and Microsoft's SASL mechanism): what is sent, and what a refusal says."""

from __future__ import annotations

import base64
import binascii
import json
import re
from typing import Final

from kana_tui.domain.errors import MailError, Stage
from kana_tui.domain.secret import Secret
from kana_tui.mail.failures import shown
from kana_tui.mail.hidden import Hidden

_TOKEN: Final = re.compile(r"[\x21-\x7e]+")
"""RFC 6750 section 2.1 allows less; what ends the field or the line is never sent."""

_TOLD: Final = ("status", "schemes", "scope")


def response(user: str, token: Secret) -> bytes:
    """The one answer, in base64.

    MailError (settings) for a user or token that it cannot carry.
    """
    if any(character < " " for character in user):
        raise MailError(
            Stage.SETTINGS,
            "The user holds a control character, which XOAUTH2 cannot carry.",
            hint="Set the user again.",
        )
    text = token.reveal()
    if not _TOKEN.fullmatch(text):
        raise MailError(
            Stage.SETTINGS,
            "The access token is empty or holds a character that no token has; it was not sent.",
            hint="Check the mailbox's Token Url, and sign in again.",
        )
    return base64.b64encode(f"user={user}\x01auth=Bearer {text}\x01\x01".encode())


def reasons(challenge: bytes, hidden: Hidden) -> str:
    """What a refusal's JSON tells, such as “status 401, scope mail”, harmless to show.

    Empty where it is no such JSON.
    """
    try:
        found = json.loads(base64.b64decode(challenge, validate=True))
    except (binascii.Error, ValueError, RecursionError):
        return ""
    if not isinstance(found, dict):
        return ""
    told = [f"{key} {found[key]}" for key in _TOLD if isinstance(found.get(key), str | int)]
    return shown(hidden.cut(", ".join(told).encode("utf-8", "backslashreplace")))
