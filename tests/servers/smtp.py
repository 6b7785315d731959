"""A real SMTP server for tests, with recipients that behave badly by name."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any, Final, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from attrs import frozen

from tests.servers.ports import free_ports
from tests.servers.smtp_logins import Logins

TEMPORARY_RCPT: Final = "temporary-rcpt"
PERMANENT_RCPT: Final = "permanent-rcpt"
TEMPORARY_DATA: Final = "temporary-data"
PERMANENT_DATA: Final = "permanent-data"
DROP_AT_RCPT: Final = "drop"
SILENT: Final = "silent"
STORED_THEN_DROPPED: Final = "stored-then-dropped"


@frozen
class TakenMail:
    """A mail as it came in."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes

    @property
    def message(self) -> EmailMessage:
        return message_from_bytes(self.raw, policy=default)

    @property
    def subject(self) -> str:
        return str(self.message["Subject"])

    @property
    def message_id(self) -> str:
        return str(self.message["Message-ID"])


ENDING_TURNS: Final = 5
"""Turns of asyncio's loop until an aborted connection, and the TLS in it, is closed."""


class LongLines(SMTP):
    """Takes the long lines of access tokens, as those servers do that know them."""

    line_length_limit = 16 * 1024


class TidyController(Controller):
    """Ends its connections before it stops: aiosmtpd leaves them open."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._accepted: list[asyncio.Transport] = []

    def factory(self) -> SMTP:
        accepted = self._accepted

        class Accepting(LongLines):
            def connection_made(self, transport: asyncio.BaseTransport) -> None:
                super().connection_made(transport)
                accepted.append(_beneath_tls(transport))

        return Accepting(self.handler, **self.SMTP_kwargs)

    def stop(self, no_assert: bool = False) -> None:
        asyncio.run_coroutine_threadsafe(self._end_connections(), self.loop).result(20)
        super().stop(no_assert)

    async def _end_connections(self) -> None:
        for transport in self._accepted:
            transport.abort()
        for _ in range(ENDING_TURNS):
            await asyncio.sleep(0)


class SmtpServer(Logins):
    """Listens on `port` of 127.0.0.1 while it is up; `mails` are all that ever came,
    `named` counts recipients that were named; while `silent` the silent one gets no answer.

    tls: None, `starttls` (required of clients) or `implicit`, with `context`;
    login: only who proves to be USER with SMTP_PASSWORD, or shows a good token, may send,
    by one of `mechanisms`; utf8: it takes addresses beyond ASCII.
    """

    def __init__(
        self,
        *,
        tls: str | None = None,
        context: ssl.SSLContext | None = None,
        login: bool = False,
        utf8: bool = False,
        mechanisms: Collection[str] = ("PLAIN", "LOGIN"),
    ) -> None:
        super().__init__(mechanisms)
        (self.port,) = free_ports(1)
        self.mails: list[TakenMail] = []
        self.named = 0
        self.silent = True
        self._came = threading.Condition()
        self._tls, self._context, self._login, self._utf8 = tls, context, login, utf8
        self._controller: Controller | None = None

    def up(self) -> None:
        options: dict[str, Any] = {}
        if self._login:
            options |= {
                "authenticator": self.authenticate,
                "auth_required": True,
                "auth_require_tls": self._tls == "starttls",
            }
        if self._tls == "starttls":
            options |= {"tls_context": self._context, "require_starttls": True}
        controller = TidyController(
            self,
            hostname="127.0.0.1",
            port=self.port,
            enable_SMTPUTF8=self._utf8,
            auth_exclude_mechanism=self.not_offered,
            ssl_context=self._context if self._tls == "implicit" else None,
            **options,
        )
        controller.start()
        self._controller = controller

    def down(self) -> None:
        controller, self._controller = self._controller, None
        if controller is not None:
            controller.stop()

    def wait_for(self, holds: Callable[[list[TakenMail]], bool], within_s: float = 60) -> None:
        """Until what has come satisfies `holds`; TimeoutError otherwise."""
        with self._came:
            if not self._came.wait_for(lambda: holds(list(self.mails)), within_s):
                told = [mail.subject for mail in self.mails]
                message = f"only these came: {told}"
                raise TimeoutError(message)

    def subjects(self) -> list[str]:
        with self._came:
            return [mail.subject for mail in self.mails]

    # aiosmtpd calls these by name.

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        self.named += 1
        who = address.partition("@")[0]
        if who == TEMPORARY_RCPT:
            return "451 4.2.1 Come back later"
        if who == PERMANENT_RCPT:
            return "550 5.1.1 No such user \x1b[31mhere"
        if who == DROP_AT_RCPT:
            _transport(server).abort()
        if who == SILENT:
            while self.silent and not _transport(server).is_closing():
                await asyncio.sleep(0.02)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802
        self, server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        named = {address.partition("@")[0] for address in envelope.rcpt_tos}
        if TEMPORARY_DATA in named:
            return "452 4.3.1 No space left"
        if PERMANENT_DATA in named:
            return "554 5.6.0 Not this message"
        raw = envelope.original_content or b""
        with self._came:
            self.mails.append(TakenMail(envelope.mail_from or "", tuple(envelope.rcpt_tos), raw))
            self._came.notify_all()
        if STORED_THEN_DROPPED in named:
            _transport(server).abort()
        return "250 Kept"


def _beneath_tls(transport: asyncio.BaseTransport) -> asyncio.Transport:
    """TLS that was closed twice forgets what it stands on (CPython 3.11), and leaves it open."""
    tls = getattr(transport, "_ssl_protocol", None)
    return cast(asyncio.Transport, transport if tls is None else tls._transport)


def _transport(server: SMTP) -> asyncio.Transport:
    return cast(asyncio.Transport, server.transport)


@contextmanager
def running_smtp(**options: Any) -> Iterator[SmtpServer]:
    server = SmtpServer(**options)
    server.up()
    try:
        yield server
    finally:
        server.down()
