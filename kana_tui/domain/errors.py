"""One hierarchy of errors; each says what happened, on what, and what to do.

`exit_code` is the process's exit code when a command ends with the error;
`code` is its name in JSON.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import ClassVar, Final


class KanaError(Exception):
    """An error that a person reads: `message` is one sentence, `hint` the remedy."""

    code: ClassVar[str] = "error"
    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, field: str | None = None, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.hint = hint

    def __str__(self) -> str:
        """Both, unless the message of many mistakes has the remedy of each in it already."""
        if self.hint is None or self.hint in self.message:
            return self.message
        return f"{self.message} {self.hint}"


class InvalidValueError(KanaError):
    """A value breaks its field's rule; the message names field, value (no secret) and rule."""

    code = "invalid_value"
    exit_code = 2


class InvalidSettingsError(KanaError):
    """config.xml cannot be used; `problems` holds a sentence with its line for each mistake."""

    code = "invalid_settings"
    exit_code = 2

    def __init__(self, message: str, problems: Sequence[str], *, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.problems = tuple(problems)

    def __str__(self) -> str:
        return "\n".join((self.message, *self.problems))


class NotFoundError(KanaError):
    code = "not_found"
    exit_code = 3


class ConflictError(KanaError):
    """Changed meanwhile, in use, taken, or held by another engine."""

    code = "conflict"
    exit_code = 4


class NotAllowedError(KanaError):
    code = "not_allowed"
    exit_code = 5


class UnreachableError(KanaError):
    """The store, its key or the engine cannot be reached."""

    code = "unreachable"
    exit_code = 6


class LostLeaseError(KanaError):
    """A visit's fencing token is stale: another holder or an edit took the mailbox."""

    code = "lost_lease"
    exit_code = 4


class Stage(StrEnum):
    """Where a visit failed (the stages of an error, in the order of a visit)."""

    SETTINGS = "settings"
    DNS = "dns"
    CONNECT = "connect"
    TLS = "tls"
    GREETING = "greeting"
    LOGIN = "login"
    LIST = "list"
    DOWNLOAD = "download"
    STORE = "store"
    DELETE = "delete"
    SMTP = "smtp"


REACHING: Final = frozenset(
    {
        Stage.SETTINGS,
        Stage.DNS,
        Stage.CONNECT,
        Stage.TLS,
        Stage.GREETING,
        Stage.LOGIN,
        Stage.LIST,
    }
)
"""The stages up to a mailbox's listing: whoever has counted what waits has passed them all."""


class MailError(KanaError):
    """A mail server, or the way to it, kept a visit from doing all its work.

    `deadline`: a wait ran out. `temporary`: the server asked to come again
    ([IN-USE], [SYS/TEMP], [UNAVAILABLE]); never a reason to doubt a password.
    `refused_credentials`: the server refused user or secret. `retry_after_s`:
    seconds until another try makes sense, where that is known.
    """

    code = "mail"
    exit_code = 1

    def __init__(
        self,
        stage: Stage,
        message: str,
        *,
        hint: str | None = None,
        deadline: bool = False,
        temporary: bool = False,
        refused_credentials: bool = False,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(message, hint=hint)
        self.stage = stage
        self.deadline = deadline
        self.temporary = temporary
        self.refused_credentials = refused_credentials
        self.retry_after_s = retry_after_s
