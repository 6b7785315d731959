"""Secrets: written, never read back."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Mapping
from typing import Any, Final

from attrs import frozen

from kana_tui.domain.fields.context import Context
from kana_tui.domain.fields.kinds.address import check_address
from kana_tui.domain.fields.kinds.host import check_url
from kana_tui.domain.fields.kinds.kind import Kind, RuleError
from kana_tui.domain.secret import Secret

_PEM: Final = re.compile(
    r"\s*-----BEGIN ((?:RSA )?PRIVATE KEY)-----\s+([A-Za-z0-9+/=\s]+)-----END \1-----\s*", re.ASCII
)
_KEY_REMEDY: Final = "give the JSON key file that Google made for the service account"


class SecretKind(Kind[Secret]):
    """What all secrets share: no text on a command line, nothing that shows them."""

    def parse(self, _text: str, /) -> Secret:
        raise RuleError(
            "is a secret, and argument lists are public",
            "give its name with --secret, and its value on standard input",
        )

    def from_json(self, data: object) -> Secret:
        if not isinstance(data, str):
            raise RuleError("must be a string", "give the secret's text")
        return Secret(data)

    def to_json(self, _value: Secret, /) -> object:
        message = "a secret is never written to JSON"
        raise TypeError(message)

    def display(self, value: Secret) -> str:
        return repr(value)


@frozen
class SecretText(SecretKind):
    """One line that a login can carry."""

    @property
    def rule(self) -> str:
        return "one line"

    def check(self, value: Secret, _context: Context, /) -> Secret:
        if any(character in "\0\r\n" for character in value.reveal()):
            raise RuleError("holds a line break or NUL", "give one line")
        try:
            value.reveal().encode()
        except UnicodeEncodeError:
            raise RuleError("is not valid UTF-8", "check the terminal's encoding") from None
        return value


@frozen
class SecretJson(SecretKind):
    """A Google service account's key: JSON with the fields that a token request needs."""

    @property
    def rule(self) -> str:
        return "a service account's JSON key (type, client_email, private_key, token_uri)"

    def check(self, value: Secret, _context: Context, /) -> Secret:
        key = _loaded(value)
        if key.get("type") != "service_account":
            raise RuleError("has no type service_account", _KEY_REMEDY)
        for name in ("client_email", "private_key", "token_uri"):
            if not isinstance(key.get(name), str):
                raise RuleError(f"has no {name}", _KEY_REMEDY)
        _part("client_email", check_address, key)
        _part("token_uri", check_url, key)
        _part("private_key", _check_pem, key)
        return value


def _loaded(value: Secret) -> Mapping[str, Any]:
    # The causes are cut off: a decoder's error carries the whole document, secret and all.
    try:
        key = json.loads(value.reveal())
    except (ValueError, RecursionError):
        raise RuleError("is not JSON", _KEY_REMEDY) from None
    if not isinstance(key, dict):
        raise RuleError("is not a JSON object", _KEY_REMEDY)
    return key


def _part(name: str, check: Any, key: Mapping[str, Any]) -> None:
    try:
        check(key[name])
    except RuleError as error:
        raise RuleError(f"has a {name} that {error.rule}", _KEY_REMEDY) from None


def _check_pem(text: str) -> None:
    match = _PEM.fullmatch(text)
    try:
        body = base64.b64decode("".join(match[2].split()), validate=True) if match else b""
    except ValueError:
        body = b""
    if not body:
        raise RuleError("is no private key in PEM form", _KEY_REMEDY)
