"""Hosts and URLs."""

from __future__ import annotations

import ipaddress
import re
from typing import Final
from urllib.parse import SplitResult, urlsplit

from attrs import frozen

from kana_tui.domain.fields.context import Context
from kana_tui.domain.fields.kinds.kind import RuleError
from kana_tui.domain.fields.kinds.text import PlainText

_LABEL: Final = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?", re.ASCII)
_REMEDY: Final = "give one like mail.example.com, 192.0.2.7 or 2001:db8::7"


def check_host(text: str) -> str:
    """A host name (RFC 1123, IDNA) or an address literal, in lower case; RuleError otherwise."""
    host = text.strip().lower()
    try:
        return str(ipaddress.ip_address(host.removeprefix("[").removesuffix("]")))
    except ValueError:
        pass  # then it must be a name
    host = host.removesuffix(".")
    try:
        labels = host.encode("idna").decode("ascii").split(".")
    except UnicodeError as error:
        raise RuleError("is no host name", _REMEDY) from error
    if len(".".join(labels)) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise RuleError("is neither a host name nor an IP address", _REMEDY)
    if labels[-1].isdigit():
        raise RuleError("looks like an IPv4 address but is none", _REMEDY)
    return host


def is_loopback(host: str) -> bool:
    """`localhost`, or an address that never leaves this machine (RFC 6761, 1122, 4291)."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@frozen
class Host(PlainText):
    @property
    def rule(self) -> str:
        return "a host name or an IP address"

    def check(self, value: str, _context: Context, /) -> str:
        return check_host(value)


@frozen
class Url(PlainText):
    """An https URL; http only to a loopback address, where nobody can listen in."""

    @property
    def rule(self) -> str:
        return "an https URL (http only to a loopback address)"

    def check(self, value: str, _context: Context, /) -> str:
        check_url(value)
        return value


def check_url(text: str) -> None:
    """RuleError unless `text` is an https URL, or an http one to a loopback address."""
    remedy = "give one like https://login.example.com/token"
    parts = _split(text, remedy)
    if parts.scheme not in ("http", "https"):
        raise RuleError("is not an https URL", remedy)
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise RuleError("holds a user, password or #fragment", "leave these parts out")
    try:
        host = check_host(parts.hostname or "")
    except RuleError as error:
        raise RuleError("names no valid host", remedy) from error
    if parts.scheme == "http" and not is_loopback(host):
        raise RuleError("is http, which is only for a loopback address", "use https")


def _split(text: str, remedy: str) -> SplitResult:
    if not text.isprintable() or " " in text:
        raise RuleError("holds a space or control character", remedy)
    try:
        parts = urlsplit(text)
        valid = parts.port != 0  # reading it is what checks it
    except ValueError as error:
        raise RuleError("is no URL", remedy) from error
    if not valid:
        raise RuleError("names port 0", remedy)
    return parts
