"""Logs without secrets: whatever spelling of a known one stands in an event, it goes."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Mapping, MutableMapping
from typing import Any, Final

from attrs import frozen

from kana_tui.domain.secret import Secret

MASK: Final = "[secret]"
_BASE64: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_=")
_PLAIN: Final = re.compile(r"[A-Za-z0-9]+")
KEPT: Final = 4
"""So many secrets of one place are known: the newest, and those that may still be in use."""
_WORD: Final = 4
"""Shorter secrets are looked for as whole words alone: a password `1` would empty every log."""


@frozen
class _Known:
    """A secret's spellings. `needle` is part of each but the encoded ones, which are `cores`."""

    needle: str
    spelled: re.Pattern[str]
    cores: tuple[str, ...]


class Redactor:
    """A structlog processor that removes every secret it was told of, from values and keys.

    Found are the secret itself, any mixture of escapes of its characters (of
    URLs, JSON, Python, XML, quoted strings), and base64 of any text that it is
    part of, in both alphabets, whatever stands before it.
    """

    def __init__(self) -> None:
        self._known: dict[str, _Known] = {}
        self._places: dict[str, list[str]] = {}

    def learn(self, secret: Secret, place: str = "") -> None:
        """`place`: where it stands in the place of those before it, of which the newest few stay
        known: a token is replaced each hour, for years. Without one it stays known."""
        text = secret.reveal()
        kept = self._places.setdefault(place, [])
        if not text or text in kept:
            return
        kept.append(text)
        self._know(text)
        if place and len(kept) > KEPT:
            self._forget(kept.pop(0))

    def _know(self, text: str) -> None:
        if text not in self._known:
            known = {**self._known, text: _known(text)}
            # The longest first, or a secret that begins another one would uncover its rest. A new
            # dict, so that another thread's loop goes on over the old one.
            self._known = {key: known[key] for key in sorted(known, key=len, reverse=True)}

    def _forget(self, text: str) -> None:
        """Unless it stands in another place too."""
        if not any(text in kept for kept in self._places.values()):
            self._known = {key: known for key, known in self._known.items() if key != text}

    def redacted(self, text: str) -> str:
        """`text` without any known secret."""
        for known in self._known.values():
            if known.needle in text:
                text = known.spelled.sub(MASK, text)
            for core in known.cores:
                if core in text:
                    text = _without_encoded(text, core)
        return text

    def __call__(
        self, _logger: object, _name: str, event_dict: MutableMapping[str, Any]
    ) -> MutableMapping[str, Any]:
        return {self.redacted(key): self._cleaned(value) for key, value in event_dict.items()}

    def _cleaned(self, value: object) -> Any:
        match value:
            case None | bool() | int() | float():
                return value
            case str():
                return self.redacted(value)
            case Mapping():
                return {self.redacted(str(k)): self._cleaned(v) for k, v in value.items()}
            case list() | tuple() | set() | frozenset():
                return [self._cleaned(item) for item in value]
            case bytes() | bytearray():
                return self.redacted(value.decode("utf-8", "backslashreplace"))
            case _:
                return self.redacted(repr(value))


def _known(text: str) -> _Known:
    spelled = "".join(_any_spelling(character) for character in text)
    if len(text) < _WORD:
        spelled = rf"(?<!\w){spelled}(?!\w)"
    needle = max(_PLAIN.findall(text), key=len, default="")
    return _Known(needle, re.compile(spelled), tuple(_cores(text)))


def _any_spelling(character: str) -> str:
    """A pattern for a character as it is, and as the usual encoders write it."""
    if character.isascii() and character.isalnum():
        return character
    data = character.encode("utf-8", "surrogatepass")
    ways = {
        re.escape(character),
        "(?i:" + "".join(f"%{byte:02x}" for byte in data) + ")",
        "(?i:" + re.escape(json.dumps(character)[1:-1]) + ")",
        re.escape(repr(character)[1:-1]),
        re.escape(repr(data)[2:-1]),
        re.escape("\\" + character),
        "(?i:&#(?:" + f"0*{ord(character)}|x0*{ord(character):x}" + ");)",
    }
    ways |= {f"&{name};" for name in _ENTITIES.get(character, ())}
    if character == " ":
        ways.add(r"\+")
    return "(?:" + "|".join(sorted(ways, key=len, reverse=True)) + ")"


_ENTITIES: Final = {
    "&": ("amp",),
    "<": ("lt",),
    ">": ("gt",),
    '"': ("quot",),
    "'": ("apos",),
}


def _cores(text: str) -> Iterator[str]:
    """What base64 makes of the secret at each of the three alignments, in both alphabets.

    Only the characters that no neighbour has a share in; less than four of
    them are no evidence.
    """
    data = text.encode("utf-8", "surrogatepass")
    found: dict[str, None] = {}
    for before in range(3):
        coded = base64.b64encode(bytes(before) + data).decode()
        first, last = -(-before * 8 // 6), (before + len(data)) * 8 // 6
        core = coded[first:last]
        if len(core) >= _WORD:
            found[core] = None
            found[core.translate(_URL_SAFE)] = None
    return iter(found)


_URL_SAFE: Final = str.maketrans("+/", "-_")


def _without_encoded(text: str, core: str) -> str:
    """Remove the whole run of base64 around each `core`: its ends hold bits of the secret."""
    kept, done = [], 0
    while (found := text.find(core, done)) >= 0:
        start, end = found, found + len(core)
        while start > done and text[start - 1] in _BASE64:
            start -= 1
        while end < len(text) and text[end] in _BASE64:
            end += 1
        kept += [text[done:start], MASK]
        done = end
    return "".join([*kept, text[done:]])
