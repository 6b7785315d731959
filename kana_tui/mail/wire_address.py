"""Addresses as SMTP carries them."""

from __future__ import annotations

import re
from typing import Final

_NO_ADDRESS: Final = re.compile(r"[\x00-\x20\x7f<>]")
"""What would end an address, or the command that holds it."""


def is_sendable(address: str) -> bool:
    """Whether it can stand in MAIL or RCPT, between < and >, and nothing but itself."""
    try:
        address.encode()
    except UnicodeEncodeError:  # half a character
        return False
    return not _NO_ADDRESS.search(address)


def wire_address(address: str) -> str:
    """`address` with its domain in ASCII (IDNA), where it has such a form.

    The local part stays as it is: beyond ASCII it needs a server with SMTPUTF8.
    """
    local, at, domain = address.rpartition("@")
    if domain.isascii():
        return address
    import idna  # noqa: PLC0415  # rarely needed

    try:
        return f"{local}{at}{idna.encode(domain, uts46=True).decode('ascii')}"
    except idna.IDNAError:
        return address
