"""What went wrong between us and an SMTP server, in sentences; all are MailErrors (smtp)."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final, NoReturn

from aiosmtplib import SMTPResponse, SMTPServerDisconnected
from aiosmtplib.errors import SMTPException
from cryptography import x509

from kana_tui.domain.errors import MailError, Stage
from kana_tui.domain.settings import SenderTls
from kana_tui.mail import tls
from kana_tui.mail.failures import shown
from kana_tui.mail.hidden import Hidden
from kana_tui.mail.smtp_remedies import remedies_of
from kana_tui.ports.mail_sender import PerhapsSentError, Refusal, RelayAccount

NAME: Final = "answer from the name servers"
GREETING: Final = "greeting"
TO_MAIL: Final = "answer to MAIL"
TO_DATA: Final = "answer to DATA"
TO_MESSAGE: Final = "answer to the message"

_OF_THE_MAIL: Final = (TO_MAIL, TO_DATA, TO_MESSAGE)


class Failures:
    """Those of one conversation. `awaited`: what is due from the server now; `hidden`: what it
    was sent in secret; `refused`: whom it will not have; `in_doubt`: the message was sent to its
    end, and only an answer tells whether it was taken."""

    def __init__(self, relay: RelayAccount) -> None:
        host = f"[{relay.server}]" if ":" in relay.server else relay.server
        self.peer = f"{host}:{relay.port}"
        self.awaited = NAME
        self.remedies = remedies_of(relay.owner)
        self.hidden: Hidden | None = None
        self.refused: Mapping[str, Refusal] = {}
        self.in_doubt = False
        self._relay = relay
        self._waits_s = relay.timeout_s

    def waits(self, awaited: str, seconds: float | None = None) -> float:
        """Something is due from now on; how long it may take, in seconds."""
        self.awaited = awaited
        self._waits_s = self._relay.timeout_s if seconds is None else seconds
        return self._waits_s

    @contextmanager
    def told(self) -> Iterator[None]:
        """Every failure of the way and of the server as a MailError."""
        try:
            yield
        except MailError as error:  # of a CA file, a token, or one of ours
            if error.stage is Stage.SMTP:
                raise
            raise _of_sending(error) from error
        except (SMTPException, TimeoutError, OSError, ValueError) as error:
            self._raise_for(error)

    def failed(self, clause: str, hint: str | None, *, refused: bool = False) -> MailError:
        """What the server did; `refused`: user and secret. Else another try may go better."""
        return MailError(
            Stage.SMTP,
            f"{self.peer} {clause}",
            hint=hint,
            temporary=not refused,
            refused_credentials=refused,
        )

    def no_password(self, user: str) -> MailError:
        clause = f"needs a password for the user {shown(user)}, and none is stored."
        return self.failed(clause, self.remedies.password)

    def not_carried(self) -> MailError:
        """Nothing was shown: user or password hold what no login can carry."""
        message = (
            f"The login to {self.peer} cannot be sent: user or password hold a line end, a NUL "
            "character or half a character."
        )
        return MailError(Stage.SMTP, message, hint=self.remedies.login, temporary=True)

    def no_tls_for_token(self) -> MailError:
        message = f"The access token for {self.peer} is not sent: the connection has no TLS."
        return MailError(Stage.SMTP, message, hint=self.remedies.no_tls, temporary=True)

    def no_starttls(self) -> MailError:
        """It is due, whoever took it out."""
        clause = "does not offer STARTTLS, but mail to it must be encrypted."
        return self.failed(clause, self.remedies.no_starttls)

    def answer(self, response: SMTPResponse) -> MailError:
        """Of the message itself a refusal is final where it is 5xx; of anything before, the next
        try may find another server."""
        final = self.awaited in _OF_THE_MAIL and is_permanent(response)
        message = f"{self.peer}: its {self.awaited} was “{self.words(response)}”."
        return MailError(Stage.SMTP, message, temporary=not final)

    def broken(self, response: SMTPResponse) -> MailError:
        """An answer that has no place here."""
        clause = f"broke the protocol: its {self.awaited} was “{self.words(response)}”."
        return (
            self._perhaps(f"{self.peer} {clause}") if self.in_doubt else self.failed(clause, None)
        )

    def crowded(self) -> MailError:
        """More than one answer, or half of another: whose they are is a guess."""
        clause = f"broke the protocol: its {self.awaited} was not one answer alone."
        return self.failed(clause, None)

    def _perhaps(self, message: str, hint: str | None = None) -> PerhapsSentError:
        return PerhapsSentError(message, hint=hint, refused=self.refused)

    def no_sender(self, address: str) -> MailError:
        """Nothing was sent, and another try makes no sense."""
        message = f"“{shown(address)}” is no sender's address that {self.peer} can be told."
        return MailError(Stage.SMTP, message)

    def words(self, response: SMTPResponse) -> str:
        """The server's, harmless to show and without what it was sent in secret."""
        return self.shown(answer_of(response))

    def shown(self, words: str) -> str:
        plain = words.encode("utf-8", "surrogateescape")
        return shown(self.hidden.cut(plain) if self.hidden else plain)

    def injected(self) -> MailError:
        return self.failed(
            "sent something before TLS that nobody asked for.",
            "Somebody may sit in the line; no mail, user or password was sent.",
        )

    def handshake(self, error: OSError, certificate: x509.Certificate | None) -> MailError:
        """TLS does not stand; `certificate`: the server's, where it was seen."""
        remedies = tls.Remedies(self.remedies.no_tls, self.remedies.untrusted)
        found = tls.refused(self.peer, self._relay.server, error, certificate, remedies)
        return _of_sending(found)

    def _raise_for(self, error: Exception) -> NoReturn:
        message, hint = self._message_and_hint(error)
        if self.in_doubt:
            raise self._perhaps(message, hint) from error
        late = isinstance(error, TimeoutError)
        raise MailError(
            Stage.SMTP, message, hint=hint, deadline=late, temporary=not late
        ) from error

    def _message_and_hint(self, error: Exception) -> tuple[str, str | None]:
        peer, awaited, remedies = self.peer, self.awaited, self.remedies
        if isinstance(error, TimeoutError):
            hints = {NAME: remedies.no_name, GREETING: self._mute}
            silent = hints.get(awaited, remedies.silent)
            return f"{peer}: no {awaited} after {round(self._waits_s, 1):g} s.", silent
        if isinstance(error, socket.gaierror | UnicodeError) and awaited == NAME:
            return f"{peer} was not found.", remedies.no_name
        if isinstance(error, ConnectionRefusedError):
            return f"{peer} refuses the connection.", remedies.refused
        if isinstance(error, SMTPServerDisconnected | ConnectionError):
            return f"{peer} closed the connection before its {awaited}.", None
        return f"{peer} cannot be used: {self.shown(str(error))}.", None

    @property
    def _mute(self) -> str:
        implicit = self._relay.tls is SenderTls.IMPLICIT
        return self.remedies.silent if implicit else self.remedies.mute


def _of_sending(error: MailError) -> MailError:
    """The same of another stage: its remedy lies in settings or time, so mail waits for it."""
    return MailError(
        Stage.SMTP,
        error.message,
        hint=error.hint,
        deadline=error.deadline,
        temporary=not error.refused_credentials,
        refused_credentials=error.refused_credentials,
        retry_after_s=error.retry_after_s,
    )


def answer_of(response: SMTPResponse) -> str:
    return f"{response.code} {response.message}"


def is_positive(response: SMTPResponse) -> bool:
    """The first digit decides: RFC 5321 section 4.3.2."""
    return 200 <= response.code < 300


def is_refusal(response: SMTPResponse) -> bool:
    return 400 <= response.code < 600


def is_permanent(response: SMTPResponse) -> bool:
    return 500 <= response.code < 600
