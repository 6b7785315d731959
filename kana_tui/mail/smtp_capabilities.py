"""What an SMTP server tells of itself after EHLO."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from aiosmtplib import SMTPResponse
from aiosmtplib.esmtp import parse_esmtp_extensions
from attrs import field, frozen

from kana_tui.mail.failures import shown


@frozen
class Capabilities:
    """Nothing after HELO. `extensions`: their parameters by name
    in lower case; `logins`: the mechanisms of AUTH, in lower case."""

    extensions: Mapping[str, str] = field(factory=lambda: MappingProxyType({}))
    logins: tuple[str, ...] = ()

    @classmethod
    def of(cls, answer: SMTPResponse) -> Capabilities:
        extensions, logins = parse_esmtp_extensions(answer.message)
        return cls(MappingProxyType(extensions), tuple(dict.fromkeys(logins)))

    def __contains__(self, extension: str) -> bool:
        return extension in self.extensions

    @property
    def told(self) -> str:
        """“STARTTLS, AUTH PLAIN LOGIN, …”, harmless to show."""
        each = (f"{name.upper()} {words}".strip() for name, words in self.extensions.items())
        return shown(", ".join(each)) or "no extensions"
