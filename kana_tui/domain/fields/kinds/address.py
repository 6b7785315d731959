"""E-mail addresses: one, or a list."""

from __future__ import annotations

import unicodedata

from attrs import frozen

from kana_tui.domain.fields.context import Context
from kana_tui.domain.fields.kinds.kind import Kind, RuleError
from kana_tui.domain.fields.kinds.text import PlainText


def check_address(text: str) -> str:
    """One plain address without a display name (RFC 5321, 6531), in NFC; RuleError if it is none.

    Nothing is looked up: whether its domain takes mail is for the sender to find out.
    """
    import email_validator  # noqa: PLC0415  # as slow to load as Python itself, often not needed

    # Mail inside a company is at home under .local or .test too; nothing else here uses the list.
    email_validator.SPECIAL_USE_DOMAIN_NAMES.clear()
    address = unicodedata.normalize("NFC", text)
    try:
        email_validator.validate_email(
            address,
            check_deliverability=False,
            globally_deliverable=False,
            allow_display_name=False,
            allow_quoted_local=False,
            allow_domain_literal=False,
        )
    except (email_validator.EmailNotValidError, UnicodeError) as error:
        raise RuleError(
            "is not a plain e-mail address", "give one like support@example.com, without a name"
        ) from error
    return address


def check_ascii_local(text: str) -> str:
    """As `check_address`, with ASCII before the @: every SMTP server takes that, all else needs
    one with SMTPUTF8 (RFC 6531)."""
    address = check_address(text)
    local = address.rpartition("@")[0]
    if not local.isascii():
        raise RuleError(
            f"has “{local}” before the @, which not every mail server can be told",
            "give an address with ASCII letters there",
        )
    return address


@frozen
class Address(PlainText):
    """`ascii_local`: ASCII alone before its @."""

    ascii_local: bool = False

    @property
    def rule(self) -> str:
        return "one plain e-mail address" + (", ASCII before its @" if self.ascii_local else "")

    def check(self, value: str, _context: Context, /) -> str:
        return check_ascii_local(value) if self.ascii_local else check_address(value)


@frozen
class Addresses(Kind[tuple[str, ...]]):
    """`ascii_local`: ASCII alone before each @."""

    ascii_local: bool = False

    @property
    def rule(self) -> str:
        plain = "plain e-mail addresses, separated by commas"
        return f"{plain}, ASCII before each @" if self.ascii_local else plain

    def parse(self, text: str) -> tuple[str, ...]:
        parts = (unicodedata.normalize("NFC", part.strip()) for part in text.split(","))
        return tuple(dict.fromkeys(part for part in parts if part))

    def from_json(self, data: object) -> tuple[str, ...]:
        if not isinstance(data, list) or not all(isinstance(item, str) for item in data):
            raise RuleError("must be a list of strings", 'give it like ["a@example.com"]')
        return self.parse(",".join(data))

    def to_json(self, value: tuple[str, ...]) -> object:
        return list(value)

    def display(self, value: tuple[str, ...]) -> str:
        return ", ".join(value)

    def check(self, value: tuple[str, ...], _context: Context, /) -> tuple[str, ...]:
        check = check_ascii_local if self.ascii_local else check_address
        return tuple(check(address) for address in value)
