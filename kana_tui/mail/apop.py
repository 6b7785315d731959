"""APOP (RFC 1939 section 7): the greeting's timestamp, and the digest that proves the secret."""

from __future__ import annotations

import hashlib
import re
from typing import Final

from kana_tui.domain.secret import Secret

_BRACKETED: Final = re.compile(rb"<[^<>]*>?")
_ATOM: Final = rb"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_MSG_ID: Final = re.compile(
    rb"<%b(?:\.%b)*@(?:%b(?:\.%b)*|\[[!-Z^-~]*\])>" % (_ATOM, _ATOM, _ATOM, _ATOM)
)
"""RFC 5322 section 3.6.4. Whoever stands in the line and may send anything as timestamp learns
the secret by collisions of MD5, which do not look like this (CVE-2007-1558)."""


def timestamp(greeting: bytes) -> bytes | None:
    """The first thing in angle brackets, they included; None if there is none."""
    found = _BRACKETED.search(greeting)
    return found[0] if found else None


def is_proper(timestamp: bytes) -> bool:
    """Whether it has the form of a msg-id."""
    return _MSG_ID.fullmatch(timestamp) is not None


def digest(timestamp: bytes, secret: Secret) -> bytes:
    """MD5, in hexadecimal, of the timestamp and the secret.

    A secret beyond ASCII counts as its UTF-8 bytes, as USER and PASS send it
    (RFC 6856 section 2.2).
    """
    proof = hashlib.md5(timestamp + secret.reveal().encode(), usedforsecurity=False)
    return proof.hexdigest().encode()
