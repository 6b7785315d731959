"""Finding a server by name and connecting to it, each failure named."""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import Sequence
from typing import Any, Final

from kana_tui.domain.errors import MailError, Stage
from kana_tui.mail.failures import deadline, shown
from kana_tui.mail.resolve import Address, resolve
from kana_tui.mail.trace import UNTRACED, Trace
from kana_tui.mail.wire import Wire
from kana_tui.ports.mail_source import Account
from kana_tui.ports.probe import ProbeStage

KEEPALIVE_S: Final = (("TCP_KEEPIDLE", 30), ("TCP_KEEPINTVL", 10), ("TCP_KEEPCNT", 3))
"""A peer that vanished without a word (half-open TCP) is found within a minute."""

_NO_WAY: Final = {errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EHOSTDOWN, errno.ENETDOWN}
_UNKNOWN: Final = {socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)}


async def dial(account: Account, peer: str, trace: Trace = UNTRACED) -> Wire:
    """A plain connection to the account's server; the time-out is for the name, then for TCP."""
    trace.begin(ProbeStage.DNS)
    addresses = await _addresses(account)
    trace.tell(addresses_told(addresses))
    trace.begin(ProbeStage.TCP)
    try:
        stream = await connected(addresses, account.timeout_s, trace)
    except OSError as failure:  # TimeoutError is one too
        raise _unconnected(peer, failure, account.timeout_s) from failure
    try:
        _, wire = await asyncio.get_running_loop().create_connection(Wire, sock=stream)
    except BaseException:
        stream.close()
        raise
    return wire


async def connected(
    addresses: Sequence[Address], within_s: float, trace: Trace = UNTRACED
) -> socket.socket:
    """A socket connected to the first of `addresses` that takes it; the last one's OSError
    (TimeoutError is one) where none does."""
    loop = asyncio.get_running_loop()
    ends_at = loop.time() + within_s
    failure = OSError("it has no address")
    for position, (family, *_, address) in enumerate(addresses):
        share_s = (ends_at - loop.time()) / (len(addresses) - position)
        try:
            stream = await _connected(family, address, share_s)
        except OSError as error:
            failure = error
            trace.tell(f"{address[0]} did not take it")
        else:
            trace.tell(f"{address[0]} port {address[1]}")
            return stream
    raise failure


def addresses_told(addresses: Sequence[Address]) -> str:
    """In the order in which they are tried."""
    return ", ".join(str(address[0]) for *_, address in addresses) or "no address"


async def _addresses(account: Account) -> Sequence[Address]:
    try:
        async with asyncio.timeout(account.timeout_s):
            return await resolve(account.server, account.port)
    except TimeoutError as error:
        raise deadline(
            Stage.DNS, account.server, "answer from the name servers", account.timeout_s
        ) from error
    except UnicodeError as error:  # a label that is empty or too long
        raise MailError(Stage.DNS, f"“{shown(account.server)}” is no host name.") from error
    except socket.gaierror as error:
        cause = (
            "there is no such host"
            if error.errno in _UNKNOWN
            else f"the name servers do not answer ({error.strerror})"
        )
        raise MailError(
            Stage.DNS,
            f"The server {shown(account.server)} was not found: {cause}.",
            hint="Check the server's name, and this host's DNS.",
        ) from error


async def _connected(family: int, address: Any, within_s: float) -> socket.socket:
    loop = asyncio.get_running_loop()
    stream = socket.socket(family, socket.SOCK_STREAM)
    try:
        stream.setblocking(False)
        stream.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for option, value in KEEPALIVE_S:
            if hasattr(socket, option):
                stream.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)
        async with asyncio.timeout(within_s):
            await loop.sock_connect(stream, address)
    except BaseException:
        stream.close()
        raise
    return stream


def _unconnected(peer: str, failure: OSError, timeout_s: float) -> MailError:
    if isinstance(failure, TimeoutError) and failure.errno is None:
        hint = "Check server and port, and whether a firewall stands between."
        return deadline(Stage.CONNECT, peer, "connection", timeout_s, hint=hint)
    if isinstance(failure, ConnectionRefusedError):
        cause, hint = "refuses the connection", "Check the port, and whether the server runs."
    elif failure.errno in _NO_WAY:
        cause, hint = "cannot be reached", "Check this host's network."
    else:
        words = failure.strerror or str(failure)
        cause, hint = f"cannot be connected to ({shown(words)})", "Check server and port."
    return MailError(Stage.CONNECT, f"{peer} {cause}.", hint=hint)
