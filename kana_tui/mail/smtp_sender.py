"""Sending by SMTP, on aiosmtplib; every failure a sentence with the server's own words."""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Final, NoReturn

import aiosmtplib
from aiosmtplib.errors import (
    SMTPAuthenticationError,
    SMTPConnectTimeoutError,
    SMTPException,
    SMTPRecipientRefused,
    SMTPResponseException,
    SMTPServerDisconnected,
    SMTPTimeoutError,
)

from kana_tui.domain.errors import MailError, Stage
from kana_tui.domain.settings import SenderTls
from kana_tui.mail.dial import connected
from kana_tui.mail.failures import shown, without
from kana_tui.mail.resolve import resolve
from kana_tui.mail.tls import context_for
from kana_tui.mail.wire_address import wire_address
from kana_tui.ports.mail_sender import Refusal, RelayAccount

WHOLE_TIMEOUTS: Final = 4
"""A whole sending may take so many times what each answer may."""

QUIT_TIMEOUT_S: Final = 1.0

_NAME: Final = "answer from the name servers"
_BARE: Final = re.compile(rb"\r(?!\n)|(?<!\r)\n")
_NO_ADDRESS: Final = re.compile(r"[\x00-\x20\x7f<>]")


class SmtpMailSender:
    """The MailSender port."""

    async def send(
        self, relay: RelayAccount, from_address: str, recipients: Sequence[str], raw: bytes
    ) -> Mapping[str, Refusal]:
        _refuse_bare(raw)
        dialogue = _Dialogue(relay)
        try:
            with dialogue.told():
                async with asyncio.timeout(WHOLE_TIMEOUTS * relay.timeout_s):
                    await dialogue.begin()
                    refused = await dialogue.hand_over(from_address, recipients, raw)
            # The mail is taken: whatever comes now changes nothing.
            await dialogue.quit()
            return refused
        finally:
            dialogue.close()


class _Dialogue:
    """One connection; `_awaited` is what is due from the server, for sentences."""

    def __init__(self, relay: RelayAccount) -> None:
        self._relay = relay
        self._peer = f"{relay.server}:{relay.port}"
        self._awaited = _NAME
        self._client: aiosmtplib.SMTP | None = None

    async def begin(self) -> None:
        """Connect, upgrade and log in, as the account says."""
        relay = self._relay
        implicit = relay.tls is SenderTls.IMPLICIT
        encrypted = relay.tls is not SenderTls.NONE
        context = await asyncio.to_thread(context_for, relay.ca_file) if encrypted else None
        stream = await self._dial()
        self._client = client = aiosmtplib.SMTP(
            hostname=relay.server,  # whom the certificate must name
            sock=stream,
            timeout=relay.timeout_s,
            use_tls=implicit,
            start_tls=False,
            tls_context=context,
            local_hostname=_own_name(),
        )
        await client.connect()
        self._awaited = "answer to EHLO"
        if relay.tls is SenderTls.STARTTLS:
            await self._ehlo(client)
            if not client.supports_extension("starttls"):
                raise self._error(
                    "does not offer STARTTLS, which config.xml asks for",
                    hint="Nothing was sent to it. Correct tls in config.xml's sender.",
                )
            self._awaited = "answer to STARTTLS"
            await client.starttls()
            self._awaited = "answer to EHLO"
        await self._ehlo(client)
        if relay.user:
            await self._log_in(client)

    async def _dial(self) -> socket.socket:
        """The library would look the name up in asyncio's own threads; see `resolve`."""
        relay = self._relay
        async with asyncio.timeout(relay.timeout_s):
            addresses = await resolve(relay.server, relay.port)
        self._awaited = "connection"
        stream = await connected(addresses, relay.timeout_s)
        self._awaited = "greeting"
        return stream

    async def _ehlo(self, client: aiosmtplib.SMTP) -> None:
        """EHLO, or HELO to a server that knows nothing else."""
        try:
            await client.ehlo()
        except SMTPResponseException as error:
            if not 500 <= error.code < 600 or not client.is_connected:
                raise
            await client.helo()

    async def _log_in(self, client: aiosmtplib.SMTP) -> None:
        """One method and one attempt: servers lock accounts."""
        relay = self._relay
        if relay.secret is None:
            raise self._error(
                f"needs a password for the user {shown(relay.user)}, and none is stored",
                hint="Set it: kana-tui config set --secret sender-password",
            )
        encrypted = relay.tls is not SenderTls.NONE
        # In the clear a digest tells an eavesdropper less than the password itself.
        methods = ("plain", "login", "cram-md5") if encrypted else ("cram-md5", "plain", "login")
        offered = [method for method in methods if method in client.server_auth_methods]
        if not offered:
            raise self._error(
                "offers no login that this program knows (PLAIN, LOGIN, CRAM-MD5)",
                hint="Clear the sender's user in config.xml, or choose another tls or port.",
            )
        self._awaited = "answer to AUTH"
        log_in = {
            "plain": client.auth_plain,
            "login": client.auth_login,
            "cram-md5": client.auth_crammd5,
        }[offered[0]]
        await log_in(relay.user, relay.secret.reveal())

    async def hand_over(
        self, from_address: str, recipients: Sequence[str], raw: bytes
    ) -> Mapping[str, Refusal]:
        client = self._client
        assert client is not None  # noqa: S101  # `begin` came first
        beyond_ascii = [one for one in recipients if not wire_address(one).isascii()]
        utf8 = bool(beyond_ascii) and client.supports_extension("smtputf8")
        refused = self._impossible(recipients, () if utf8 else beyond_ascii)
        asked = [one for one in recipients if one not in refused]
        if not asked:
            return refused
        encoding = "utf-8" if utf8 else "ascii"
        self._awaited = "answer to MAIL"
        options = ["SMTPUTF8"] if utf8 else []
        await client.mail(wire_address(from_address), options=options, encoding=encoding)
        for one in asked:
            self._awaited = "answer to RCPT"
            try:
                await client.rcpt(wire_address(one), encoding=encoding)
            except SMTPRecipientRefused as error:
                refused[one] = Refusal(_answer(error), permanent=_is_permanent(error))
        if len(refused) < len(recipients):
            self._awaited = "answer to the message"
            await client.data(raw)
        return refused

    def _impossible(
        self, recipients: Sequence[str], beyond_ascii: Sequence[str]
    ) -> dict[str, Refusal]:
        """Addresses that cannot be told to this server, or to any."""
        words = f"{self._peer} takes no address beyond ASCII (it has no SMTPUTF8)."
        refused = {one: Refusal(words, permanent=True) for one in beyond_ascii}
        for one in recipients:
            if _NO_ADDRESS.search(one):
                refused[one] = Refusal(f"“{shown(one)}” is no address.", permanent=True)
        return refused

    async def quit(self) -> None:
        """Part in good order, if the server does."""
        if self._client is not None:
            with suppress(SMTPException, OSError):
                await self._client.quit(timeout=QUIT_TIMEOUT_S)

    def close(self) -> None:
        if self._client is not None:
            self._client.close()

    @contextmanager
    def told(self) -> Iterator[None]:
        """Every failure of the way and of the server as a MailError."""
        try:
            yield
        except MailError as error:  # of the CA file
            if error.stage is Stage.SMTP:
                raise
            raise MailError(Stage.SMTP, error.message, hint=error.hint, temporary=True) from error
        except (SMTPException, TimeoutError, OSError, ValueError) as error:
            self._raise_for(error)

    def _raise_for(self, error: Exception) -> NoReturn:
        seconds = self._relay.timeout_s
        cause = error.__cause__ if isinstance(error.__cause__, OSError) else error
        if isinstance(error, SMTPAuthenticationError):
            raise self._error(
                f"refused user and password: {self._words(_answer(error))}",
                hint="Set the password again: kana-tui config set --secret sender-password",
                refused=True,
            ) from None  # the library's own error may hold what was sent
        if isinstance(error, SMTPResponseException):
            self._raise_for_answer(error)
        if isinstance(cause, ssl.SSLError):
            raise self._error(
                f"does not complete TLS: {shown(_tls_words(cause))}",
                hint="Nothing was sent to it. Check server, port and tls of config.xml's sender, "
                "and that this host trusts the CA of its certificate.",
            ) from error
        if isinstance(cause, socket.gaierror):
            raise self._error(
                "was not found", hint="Check the sender's server, and DNS."
            ) from error
        if isinstance(error, SMTPConnectTimeoutError | SMTPTimeoutError | TimeoutError):
            raise MailError(
                Stage.SMTP,
                f"{self._peer}: no {self._awaited} after {seconds:g} s.",
                hint="Check the sender's server, and DNS."
                if self._awaited == _NAME
                else "Check server and port, and whether a firewall stands between.",
                deadline=True,
            ) from error
        if isinstance(cause, ConnectionRefusedError):
            raise self._error(
                "refuses the connection", hint="Check the port, and whether the server runs."
            ) from error
        if isinstance(error, SMTPServerDisconnected | ConnectionError):
            raise self._error(f"closed the connection before its {self._awaited}") from error
        raise self._error(f"cannot be used: {self._words(str(error))}") from error

    def _raise_for_answer(self, error: SMTPResponseException) -> NoReturn:
        """A refusal of the message itself is final where it is 5xx; of anything before, the next
        try may find another server."""
        of_message = self._awaited in ("answer to MAIL", "answer to the message")
        raise MailError(
            Stage.SMTP,
            f"{self._peer}: its {self._awaited} was “{self._words(_answer(error))}”.",
            temporary=not (of_message and _is_permanent(error)),
        ) from error

    def _words(self, words: str) -> str:
        secret = self._relay.secret
        plain = words.encode("utf-8", "surrogateescape")
        return shown(without(secret, plain) if secret else plain)

    def _error(self, clause: str, *, hint: str | None = None, refused: bool = False) -> MailError:
        return MailError(
            Stage.SMTP,
            f"{self._peer} {clause}.",
            hint=hint,
            temporary=not refused,
            refused_credentials=refused,
        )


def _refuse_bare(raw: bytes) -> None:
    """A bare CR or LF is read differently by different servers, and smuggles mail."""
    if _BARE.search(raw) or not raw.endswith(b"\r\n"):
        raise MailError(
            Stage.SMTP,
            "The message has a line that does not end with CR LF, so it is not sent.",
            hint="This is a fault of the program; nothing was sent.",
        )


def _answer(error: SMTPResponseException) -> str:
    return shown(f"{error.code} {error.message}".encode("utf-8", "surrogateescape"))


def _is_permanent(error: SMTPResponseException) -> bool:
    return 500 <= error.code < 600


def _tls_words(error: ssl.SSLError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not accepted ({error.verify_message})"
    return (error.reason or "unknown reason").replace("_", " ").lower()


def _own_name() -> str:
    """What EHLO says; asking DNS for more could take for ever."""
    name = socket.gethostname()
    return name if re.fullmatch(r"[A-Za-z0-9.-]+", name) else "localhost"
