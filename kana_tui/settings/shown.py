"""The effective settings as a document, with all that is secret in them hidden."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import parse_qsl, unquote, urlsplit

from kana_tui.domain.secret import Secret
from kana_tui.domain.settings import Settings
from kana_tui.settings.declaration import NOTIFY, ROOT, STORE, Attribute, Element
from kana_tui.settings.kinds import POSTGRESQL, SQLITE
from kana_tui.settings.mapping import tree_of

HIDDEN: Final = "***"
_BETWEEN: Final = re.compile(r"[/?&=@:#,]")
_KEYS: Final = frozenset({"password", "passfile", "sslpassword", "pass", "token", "key", "apikey"})


def shown_settings(settings: Settings) -> dict[str, Any]:
    """Elements and attributes by their names in config.xml, JSON types throughout."""
    return _shown(ROOT, tree_of(settings))


def secrets_in(settings: Settings) -> Iterator[Secret]:
    """What no log may hold: the store's password, and the tokens in notify URLs."""
    for url in (settings.store_url, *settings.notify):
        yield from map(Secret, _secret_parts(url))


def _shown(element: Element, tree: Mapping[str, Any]) -> dict[str, Any]:
    document: dict[str, Any] = {}
    for attribute in element.attributes:
        value = attribute.kind.to_json(tree[attribute.name])
        hidden = hide(element, attribute, str(value)) if attribute.secret else value
        document[attribute.name] = hidden
    for child in element.children:
        inner = tree.get(child.name)
        if isinstance(inner, list):
            document[child.name] = [_shown(child, one) for one in inner]
        else:
            document[child.name] = None if inner is None else _shown(child, inner)
    return document


def hide(element: Element, attribute: Attribute, text: str) -> str:
    """A value as people may see it."""
    return _HIDE[element.name](text) if attribute.secret else text


def _without_password(url: str) -> str:
    """A database's URL: user and host are shown, a password and any parameters are not."""
    address, question, _parameters = url.partition("?")
    scheme, colon, rest = address.partition("://")
    user, at, place = rest.rpartition("@")
    if at and ":" in user:
        user = f"{user.partition(':')[0]}:{HIDDEN}"
    return f"{scheme}{colon}{user}{at}{place}" + (f"?{HIDDEN}" if question else "")


def _scheme_alone(url: str) -> str:
    """Of an apprise URL only the service: a token may stand anywhere in the rest."""
    return f"{url.partition('://')[0]}://{HIDDEN}"


_HIDE: Final = {STORE.name: _without_password, NOTIFY.name: _scheme_alone}


def _secret_parts(url: str) -> Iterator[str]:
    """A password as given and as meant; of an apprise URL all that may be a token, too."""
    if url.startswith(SQLITE):
        return
    parts = urlsplit(url)
    given = [
        parts.password or "",
        *(value for key, value in parse_qsl(parts.query) if key in _KEYS),
    ]
    if not url.startswith(POSTGRESQL):
        pieces = _BETWEEN.split(url.partition("://")[2])
        # A short piece is a channel or a user, one with dots a host; both are no secrets in a log.
        given += [url, *(piece for piece in pieces if len(piece) >= 8 and "." not in piece)]
    for part in dict.fromkeys(given):
        if part:
            yield part
            yield unquote(part)
