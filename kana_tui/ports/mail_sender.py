"""Handing mail to an SMTP server, whatever the way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Protocol

from attrs import frozen

from kana_tui.domain.errors import MailError, Stage
from kana_tui.domain.secret import Secret
from kana_tui.domain.settings import SenderTls
from kana_tui.ports.tokens import Credential


@frozen
class RelayAccount:
    """An SMTP server as it stood when the sending began. Without `user` nobody logs in.

    `secret`: the password; None together with a `credential`, whose access
    token logs in by XOAUTH2. `owner`: the address of the mailbox whose form
    gives these, None for config.xml's sender; remedies name the one or the other.
    `edition`: another one after each sign-in, of which a `credential` shows nothing.
    """

    server: str
    port: int
    tls: SenderTls = SenderTls.NONE
    user: str = ""
    secret: Secret | None = None
    timeout_s: float = 30.0
    ca_file: Path | None = None
    credential: Credential | None = None
    owner: str | None = None
    edition: int = 0


@frozen
class Refusal:
    """Why a recipient, or the whole message, was refused, in the server's words.

    `permanent`: a 5xx answer; otherwise it is worth another try.
    """

    words: str
    permanent: bool


class PerhapsSentError(MailError):
    """The whole message was handed over, and no answer came: nobody knows whether it was taken.

    `refused`: whom the server had refused before, so that they certainly have it not.
    """

    def __init__(
        self,
        message: str,
        *,
        hint: str | None = None,
        refused: Mapping[str, Refusal] = MappingProxyType({}),
    ) -> None:
        super().__init__(Stage.SMTP, message, hint=hint, temporary=True)
        self.refused = refused


class MailSender(Protocol):
    """Every wait has a deadline; no secret is sent before TLS stands where TLS is due."""

    async def send(
        self, relay: RelayAccount, from_address: str, recipients: Sequence[str], raw: bytes
    ) -> Mapping[str, Refusal]:
        """Send `raw` (CR LF line ends, checked) to all recipients; those refused, with the reason.

        Empty: the server has taken it for all of them. MailError (smtp): it
        took it for none, and why; `temporary` or `deadline` where another try
        makes sense. PerhapsSentError: it may have taken it, but for its `refused`.
        """
        ...
