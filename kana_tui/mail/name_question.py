"""What the name servers say of a name that has no address: is it unknown, or merely without?"""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from kana_tui.domain.errors import MailError

if TYPE_CHECKING:
    from dns.asyncresolver import Resolver

ANSWERED_WITHIN_S: Final = 3.0

_HERE_ALONE: Final = ("localhost", "local", "invalid", "internal", "home.arpa")
"""Never asked for: RFC 6761, 6762 and 8375, and what ICANN keeps for private use."""
_NO_NAME: Final = {socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)}


def is_unknown_name(error: MailError) -> bool:
    """Whether it failed since the system's resolver found no address."""
    cause = error.__cause__
    return isinstance(cause, socket.gaierror) and cause.errno in _NO_NAME


async def said_of(name: str, resolver: Resolver | None = None) -> str | None:
    """A sentence that tells more than “not found”; None where there is none to tell.

    `resolver`: other name servers than the system's.
    """
    if not _is_public(name):
        return None
    import dns.exception  # noqa: PLC0415  # takes a tenth of a second, for failures alone

    with suppress(TimeoutError, OSError, ValueError, dns.exception.DNSException):
        async with asyncio.timeout(ANSWERED_WITHIN_S):
            return await _asked(name, resolver)
    return None


async def _asked(name: str, resolver: Resolver | None) -> str | None:
    from dns import asyncresolver  # noqa: PLC0415
    from dns import resolver as kinds  # noqa: PLC0415

    asked = resolver or asyncresolver.Resolver()
    try:
        found = await asked.resolve_name(
            f"{name.rstrip('.')}.", lifetime=ANSWERED_WITHIN_S, search=False
        )
    except kinds.NXDOMAIN:
        return "The name servers do not know the name at all (NXDOMAIN)."
    except kinds.NoAnswer:
        return "The name exists, but it has no address (neither A nor AAAA)."
    return f"The name servers have {', '.join(found.addresses())}, which this host does not use."


def _is_public(name: str) -> bool:
    labels = name.rstrip(".").lower().split(".")
    if len(labels) < 2:
        return False
    return not any(labels[-len(own.split(".")) :] == own.split(".") for own in _HERE_ALONE)
