"""One conversation with an SMTP server: connect, upgrade, log in; what is said then is others'."""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
from contextlib import AbstractContextManager, suppress
from typing import Final

from aiosmtplib import SMTPResponse
from aiosmtplib.errors import SMTPException
from cryptography import x509

from kana_tui.domain.certificate import Certificate
from kana_tui.domain.errors import MailError
from kana_tui.domain.settings import SenderTls
from kana_tui.mail import tls
from kana_tui.mail.access_token import access_token, another_token
from kana_tui.mail.certificate import accepted
from kana_tui.mail.dial import addresses_told, connected
from kana_tui.mail.resolve import resolve
from kana_tui.mail.seen_certificate import LOOK_S
from kana_tui.mail.smtp_capabilities import Capabilities
from kana_tui.mail.smtp_failures import GREETING, NAME, TO_MAIL, Failures
from kana_tui.mail.smtp_login import SmtpLogin
from kana_tui.mail.smtp_wire import SmtpWire
from kana_tui.mail.trace import UNTRACED, Trace, is_followed
from kana_tui.mail.wire_address import is_sendable, wire_address
from kana_tui.ports.mail_sender import RelayAccount
from kana_tui.ports.probe import ProbeStage
from kana_tui.ports.tokens import NobodySignedIn, Tokens

QUIT_TIMEOUT_S: Final = 1.0
_HANDSHAKE: Final = "end of the TLS handshake"


class SmtpDialogue:
    """One connection at a time; `begin` makes another one after a token was refused.

    All that talks to the server stands within `told`, which makes a MailError
    (smtp) of each failure. Every wait has the relay's time-out; `close` in the end.
    """

    def __init__(self, relay: RelayAccount, tokens: Tokens, trace: Trace = UNTRACED) -> None:
        self.relay = relay
        self.capabilities = Capabilities()
        self.failures = Failures(relay)
        self._tokens = tokens
        self._trace = trace
        self._wire: SmtpWire | None = None

    def told(self) -> AbstractContextManager[None]:
        return self.failures.told()

    async def begin(self) -> None:
        """Connect, upgrade and log in, as the account says."""
        await self._reach()
        if self.relay.credential is not None:
            await self._log_in_by_token()
        elif self.relay.user:
            login = self._login()
            self._trace.tell(await login.by_password(self.relay.user, self.relay.secret))

    async def mail_from(self, address: str) -> None:
        """MAIL FROM, taken back by RSET: nothing is sent."""
        self._trace.begin(ProbeStage.MAIL_FROM)
        answer = await self.open_envelope(address)
        await self.expect(250, "answer to RSET", b"RSET")
        self._trace.tell(self.failures.words(answer))

    async def open_envelope(self, address: str, *, utf8: bool = False) -> SMTPResponse:
        """MAIL FROM; empty: the null sender. MailError for what is no address."""
        utf8 = utf8 or not wire_address(address).isascii()
        if not is_sendable(address) or (utf8 and "smtputf8" not in self.capabilities):
            raise self.failures.no_sender(address)
        options = [b"SMTPUTF8"] if utf8 else []
        sender = b"FROM:<%b>" % wire_address(address).encode()
        return await self.expect(250, TO_MAIL, b"MAIL", sender, *options)

    async def quit(self) -> None:
        """Part in good order, if the server does."""
        if self._wire is not None:
            with suppress(SMTPException, OSError):
                await self._wire.ask(b"QUIT", within_s=QUIT_TIMEOUT_S)

    def close(self) -> None:
        if self._wire is not None:
            self._wire.abort()

    @property
    def certificate(self) -> Certificate | None:
        """The server's, which was accepted; None in plain text."""
        stands = self._wire.tls if self._wire is not None else None
        return None if stands is None else accepted(stands)

    @property
    def wire(self) -> SmtpWire:
        if self._wire is None:
            message = "not connected"
            raise RuntimeError(message)
        return self._wire

    async def ask(self, awaited: str, *words: bytes) -> SMTPResponse:
        """Say `words` as one line; the server's reply, whatever it is."""
        within_s = self.failures.waits(awaited)
        return self._checked(await self.wire.ask(*words, within_s=within_s))

    async def expect(self, code: int, awaited: str, *words: bytes) -> SMTPResponse:
        """As `ask`; any other reply is an error."""
        answer = await self.ask(awaited, *words)
        if answer.code != code:
            raise self.failures.answer(answer)
        return answer

    def _checked(self, answer: SMTPResponse) -> SMTPResponse:
        """A reply comes alone: where TLS is still to come, what else comes may be a stranger's."""
        if answer.code >= 0 and not self.wire.heard_one_reply():
            upgrades = self.relay.tls is SenderTls.STARTTLS and self.wire.tls is None
            raise self.failures.injected() if upgrades else self.failures.crowded()
        return answer

    async def _reach(self) -> None:
        """Up to the capabilities that count, encrypted where that is due."""
        context = await self._context()
        await self._connect(context)
        await self._greet()
        if self.relay.tls is SenderTls.STARTTLS:
            await self._upgrade(context)
            await self._ehlo()  # what was offered before counts no more: RFC 3207 section 4.2
            self._trace.tell(self.capabilities.told)

    async def _context(self) -> ssl.SSLContext | None:
        if self.relay.tls is SenderTls.NONE:
            return None
        return await asyncio.to_thread(tls.context_for, self.relay.ca_file)

    async def _connect(self, context: ssl.SSLContext | None) -> None:
        relay, trace = self.relay, self._trace
        trace.begin(ProbeStage.DNS)
        async with asyncio.timeout(self.failures.waits(NAME)):
            addresses = await resolve(relay.server, relay.port)
        trace.tell(addresses_told(addresses))
        trace.begin(ProbeStage.TCP)
        stream = await connected(addresses, self.failures.waits("connection"), trace)
        self._wire = await SmtpWire.open(stream, tls_first=relay.tls is SenderTls.IMPLICIT)
        if relay.tls is SenderTls.IMPLICIT:
            trace.begin(ProbeStage.SMTP_TLS)
            await self._encrypt(context)

    async def _greet(self) -> None:
        self._trace.begin(ProbeStage.GREETING)
        greeting = self._checked(await self.wire.greeting(self.failures.waits(GREETING)))
        if greeting.code != 220:
            raise self.failures.answer(greeting)
        self._trace.tell(self.failures.words(greeting))
        self._trace.begin(ProbeStage.CAPABILITIES)
        await self._ehlo()
        self._trace.tell(self.capabilities.told)

    async def _ehlo(self) -> None:
        """EHLO, or HELO to a server that knows nothing else."""
        answer = await self.ask("answer to EHLO", b"EHLO", _own_name())
        if answer.code == 250:
            self.capabilities = Capabilities.of(answer)
            return
        if not 500 <= answer.code < 600:
            raise self.failures.answer(answer)
        self.capabilities = Capabilities()
        await self.expect(250, "answer to HELO", b"HELO", _own_name())

    async def _upgrade(self, context: ssl.SSLContext | None) -> None:
        """TLS by STARTTLS, or an error: there is no way on in plain text."""
        self._trace.begin(ProbeStage.SMTP_TLS)
        if "starttls" not in self.capabilities:
            raise self.failures.no_starttls()
        await self.expect(220, "answer to STARTTLS", b"STARTTLS")
        await self._encrypt(context)

    async def _encrypt(self, context: ssl.SSLContext | None) -> None:
        assert context is not None  # noqa: S101  # `_context` made one
        within_s = self.failures.waits(_HANDSHAKE)
        try:
            async with asyncio.timeout(within_s):
                await self.wire.encrypt(context, self.relay.server, within_s)
        except OSError as error:
            await self._raise_for_handshake(error)
        self._tell_of_tls()

    async def _raise_for_handshake(self, error: OSError) -> None:
        if isinstance(error, TimeoutError):
            raise error
        seen = None
        if isinstance(error, ssl.SSLCertVerificationError):
            seen = await self._seen_certificate()
        raise self.failures.handshake(error, seen) from error

    async def _seen_certificate(self) -> x509.Certificate | None:
        """As `seen_certificate` looks: on a connection of its own, on which nothing is sent but
        what asks for TLS."""
        look = SmtpDialogue(self.relay, NobodySignedIn())
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE  # only to look: the session's context always verifies
        try:
            async with asyncio.timeout(min(self.relay.timeout_s, LOOK_S)):
                await look._connect(context)  # one of us
                if self.relay.tls is SenderTls.STARTTLS:
                    await look._greet()
                    await look._upgrade(context)
            der = look.wire.tls.getpeercert(binary_form=True) if look.wire.tls else None
            return x509.load_der_x509_certificate(der) if der else None
        except (MailError, SMTPException, OSError, ValueError):  # TimeoutError is an OSError
            return None
        finally:
            look.close()

    def _tell_of_tls(self) -> None:
        if is_followed(self._trace) and self.wire.tls is not None:
            self._trace.tell(tls.told(self.wire.tls))
            self._trace.accepted(self.certificate)

    def _login(self) -> SmtpLogin:
        self._trace.begin(ProbeStage.SMTP_LOGIN)
        encrypted = self.wire.tls is not None
        return SmtpLogin(self.ask, self.failures, self.capabilities.logins, encrypted)

    async def _log_in_by_token(self) -> None:
        """A token that is refused may have died before its time: once more with another, on
        another connection."""
        relay, trace = self.relay, self._trace
        trace.begin(ProbeStage.TOKEN)
        token = await access_token(self._tokens, relay)
        try:
            told = await self._login().by_token(relay.user, token)
        except MailError as error:
            another = await another_token(self._tokens, relay, token, error)
            trace.tell("the first token was refused, another one was asked for")
            self.close()
            self._trace = UNTRACED  # that way is known
            await self._reach()
            told = await self._login().by_token(relay.user, another)
            self._trace = trace
        trace.tell(told)


def _own_name() -> bytes:
    """What EHLO says; asking DNS for more could take for ever."""
    name = socket.gethostname()
    return (name if re.fullmatch(r"[A-Za-z0-9.-]+", name) else "localhost").encode()
