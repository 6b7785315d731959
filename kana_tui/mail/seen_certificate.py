"""A look at the certificate of a server that was refused, so that the refusal can name it.

Python does not show a certificate that failed verification. So another
connection is made only to look: nothing is sent on it but what asks for TLS,
and it is closed after the handshake; it never carries a session.
"""

from __future__ import annotations

import asyncio
import ssl
from typing import Final

from cryptography import x509

from kana_tui.domain.errors import MailError
from kana_tui.mail.dial import dial
from kana_tui.mail.wire import Wire
from kana_tui.ports.mail_source import Account

LOOK_S: Final = 5.0


async def seen_certificate(account: Account, peer: str, upgrade: bytes) -> x509.Certificate | None:
    """The server's certificate, or None where it cannot be had.

    `upgrade`: the command that asks for TLS after the greeting (STLS,
    STARTTLS), empty where TLS comes first.
    """
    try:
        async with asyncio.timeout(min(account.timeout_s, LOOK_S)):
            der = await _handed_out(account, peer, upgrade)
        return x509.load_der_x509_certificate(der) if der else None
    except (MailError, OSError, ValueError):  # TimeoutError is an OSError
        return None


async def _handed_out(account: Account, peer: str, upgrade: bytes) -> bytes | None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # only to look: the session's context always verifies
    wire = await dial(account, peer)
    try:
        if upgrade:
            await _skip_line(wire)  # the greeting
            wire.transport.write(upgrade)
            await _skip_line(wire)  # its answer
        await wire.encrypt(context, account.server, LOOK_S)
        shaken: ssl.SSLObject = wire.transport.get_extra_info("ssl_object")
        return shaken.getpeercert(binary_form=True)
    finally:
        await wire.close()


async def _skip_line(wire: Wire) -> None:
    while b"\n" not in wire.unread and not wire.ended:
        await wire.arrival()
    del wire.unread[: wire.unread.find(b"\n") + 1]
