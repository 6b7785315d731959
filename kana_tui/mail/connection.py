"""One connection to a mail server: every wait has a deadline, every failure a stage."""

from __future__ import annotations

import asyncio
import ssl
from typing import Final

from attrs import define, field

from kana_tui.domain.certificate import Certificate
from kana_tui.domain.errors import MailError, Stage
from kana_tui.mail import tls
from kana_tui.mail.certificate import accepted
from kana_tui.mail.dial import dial
from kana_tui.mail.failures import closed, deadline, endless
from kana_tui.mail.seen_certificate import seen_certificate
from kana_tui.mail.trace import UNTRACED, Trace, is_followed
from kana_tui.mail.wire import Wire
from kana_tui.ports.mail_source import SLOWEST_BYTES_PER_S, TRANSFER_MOST_S, Account
from kana_tui.ports.probe import ProbeStage

LINE_BYTES: Final = 8 * 1024
"""Longest line of a reply: RFC 2449 has 512, RFC 2683 section 3.2.1.5 has 8,000."""


@define
class Patience:
    """How long the server may still keep us waiting, in seconds; our own work does not count.

    `silence_s` bounds each single wait, and all of them together but for the
    second that every 4 KiB earn which come: a size that is only claimed earns none.
    """

    silence_s: float
    _earned_s: float = field(default=0.0, init=False)
    waited_s: float = field(default=0.0, init=False)

    def earn(self, size: int) -> None:
        """So many bytes came."""
        self._earned_s = min(TRANSFER_MOST_S, self._earned_s + size / SLOWEST_BYTES_PER_S)

    @property
    def total_s(self) -> float:
        return self.silence_s + self._earned_s

    @property
    def next_s(self) -> float:
        """How long the next wait may be."""
        return min(self.silence_s, self.total_s - self.waited_s)

    @property
    def exhausted_s(self) -> float:
        """The bound that the next wait runs into."""
        left_s = self.total_s - self.waited_s
        return self.silence_s if self.silence_s <= left_s else self.total_s


class Connection:
    """A TCP connection, with or without TLS. After a MailError it is only good for `aclose`.

    `unread` may be read, and taken from by `take`, to parse in bulk; `more`
    waits for more of it.
    """

    def __init__(self, account: Account, wire: Wire, *, encrypted: bool) -> None:
        self.peer = peer_of(account)
        self.encrypted = encrypted
        self.unread = wire.unread
        self._account = account
        self._wire = wire

    @classmethod
    async def open(
        cls, account: Account, *, implicit_tls: bool, trace: Trace = UNTRACED
    ) -> Connection:
        """Connect; a MailError has the stage dns, connect or tls."""
        wire = await dial(account, peer_of(account), trace)
        connection = cls(account, wire, encrypted=False)
        if implicit_tls:
            trace.begin(ProbeStage.TLS)
            try:
                await connection._shake_hands(tls.not_tls(connection.peer))
            except BaseException:
                await connection.aclose()
                raise
            connection.tell_of_tls(trace)
        return connection

    def tell_of_tls(self, trace: Trace) -> None:
        """Version, cipher and certificate, once TLS stands."""
        if is_followed(trace):
            trace.tell(tls.told(self._wire.transport.get_extra_info("ssl_object")))
            trace.accepted(self.certificate)

    @property
    def certificate(self) -> Certificate | None:
        """The server's, which was accepted; None without TLS."""
        shaken: ssl.SSLObject | None = self._wire.transport.get_extra_info("ssl_object")
        return None if shaken is None else accepted(shaken)

    async def upgrade_tls(self, command: bytes) -> None:
        """TLS from here on, after the server agreed to `command` (the line of STLS / STARTTLS).

        MailError (tls) if anything came in plain text after its answer: taken
        for an answer under TLS it would let a stranger speak (CVE-2011-0411).
        """
        injected = MailError(
            Stage.TLS,
            f"{self.peer} sent data between its answer and the TLS handshake.",
            hint="Somebody may sit in the line; no user or password was sent.",
        )
        await self._shake_hands(injected, command)

    async def _shake_hands(self, spoke_early: MailError, command: bytes = b"") -> None:
        """`spoke_early`: what it means that the server said something before the handshake."""
        account, timeout_s = self._account, self._account.timeout_s
        context = await asyncio.to_thread(tls.context_for, account.ca_file)
        if self.unread:
            raise spoke_early
        if self._wire.ended:
            raise closed(Stage.TLS, self.peer, "TLS handshake")
        try:
            async with asyncio.timeout(timeout_s):
                await self._wire.encrypt(context, account.server, timeout_s)
        except TimeoutError as error:
            raise deadline(Stage.TLS, self.peer, "end of the TLS handshake", timeout_s) from error
        except ssl.SSLCertVerificationError as error:
            certificate = await seen_certificate(account, self.peer, command)
            raise tls.refused(self.peer, account.server, error, certificate) from error
        except OSError as error:  # SSLError is one too
            raise tls.refused(self.peer, account.server, error, None) from error
        self.encrypted = True

    def patience(self) -> Patience:
        """For one answer, a line or a whole message."""
        return Patience(self._account.timeout_s)

    async def line(
        self,
        stage: Stage,
        awaited: str,
        *,
        limit: int = LINE_BYTES,
        patience: Patience | None = None,
    ) -> bytes:
        """The next line without its end (CRLF; a bare LF is forgiven).

        Without `patience` the whole line has the account's time-out.
        """
        unread, searched = self.unread, 0
        while (end := unread.find(b"\n", searched)) < 0 and len(unread) <= limit:
            searched = len(unread)
            patience = patience or self.patience()
            await self.more(stage, awaited, patience)
        if not 0 <= end <= limit:
            raise endless(stage, self.peer, awaited, limit)
        return self.take(end + 1).removesuffix(b"\n").removesuffix(b"\r")

    async def exactly(self, stage: Stage, awaited: str, size: int, patience: Patience) -> bytes:
        """The next `size` bytes; for what is small enough to be held whole."""
        while len(self.unread) < size:
            await self.more(stage, awaited, patience)
        return self.take(size)

    async def read_some(self, stage: Stage, awaited: str, most: int, patience: Patience) -> bytes:
        """What has come, from 1 to `most` bytes; waits only if there is nothing."""
        if not self.unread:
            await self.more(stage, awaited, patience)
        return self.take(min(most, len(self.unread)))

    def take(self, size: int) -> bytes:
        """Take the first `size` bytes of what is unread."""
        taken = bytes(memoryview(self.unread)[:size])
        del self.unread[:size]
        self._wire.used()
        return taken

    async def more(self, stage: Stage, awaited: str, patience: Patience) -> None:
        """Wait until there is more unread; MailError at the deadline or the connection's end."""
        if self._wire.ended:
            raise closed(stage, self.peer, awaited)
        loop = asyncio.get_running_loop()
        size, since = len(self.unread), loop.time()
        try:
            async with asyncio.timeout(patience.next_s):
                await self._wire.arrival()
        except TimeoutError as error:
            raise deadline(stage, self.peer, awaited, patience.exhausted_s) from error
        patience.waited_s += loop.time() - since
        patience.earn(len(self.unread) - size)
        if len(self.unread) == size:
            raise closed(stage, self.peer, awaited)

    def send(self, data: bytes) -> None:
        """Hand `data` to the transport; returns at once. Large data wants `drain`."""
        self._wire.transport.write(data)

    async def drain(self, stage: Stage, awaited: str, patience: Patience) -> None:
        """Wait until the server took most of what was sent; reading goes on meanwhile."""
        try:
            async with asyncio.timeout(patience.next_s):
                await self._wire.room()
        except TimeoutError as error:
            raise deadline(stage, self.peer, awaited, patience.exhausted_s) from error

    async def aclose(self) -> None:
        """Close at once, without a farewell; never waits for the server. May be called twice."""
        await self._wire.close()


def peer_of(account: Account) -> str:
    """`host:port`, an IPv6 address in brackets."""
    host = f"[{account.server}]" if ":" in account.server else account.server
    return f"{host}:{account.port}"
