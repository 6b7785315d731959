"""Every value of config.xml under a key of one line, as `config show` prints them.

ELEMENT.ATTRIBUTE, with the elements on the way in between (`ssl.enabled`,
`sender.fallback.port`); of an element that may be repeated its name comes in
between (`receiver.r1.priority`), whatever it is within.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from attrs import frozen

from kana_tui.domain.errors import InvalidValueError
from kana_tui.domain.settings import Settings
from kana_tui.settings.declaration import ROOT, Attribute, Element
from kana_tui.settings.document import Step
from kana_tui.settings.mapping import tree_of
from kana_tui.settings.shown import hide

BY_HAND: Final = frozenset({"version", "store.url", "notify.url"})
"""Changed with an editor alone: secrets, and what another store or format needs."""


@frozen
class Value:
    """One value and where it stands. `text`: as config.xml writes it, a secret hidden."""

    key: str
    text: str
    way: tuple[Step, ...]
    element: Element
    attribute: Attribute

    @property
    def name(self) -> str | None:
        """Of a repeated element the name of the one that it belongs to, if that is no secret."""
        last = self.way[-1] if self.way else ""
        return last[1] if isinstance(last, tuple) and isinstance(last[1], str) else None

    @property
    def names(self) -> bool:
        """It is what tells its element from the others of its kind."""
        return self.attribute.name == self.element.key

    @property
    def by_hand(self) -> bool:
        return self.key in BY_HAND


def values_of(settings: Settings) -> Iterator[Value]:
    """All of them, defaults filled in, in the order of the declaration.

    Those of an optional element that is left out are empty.
    """
    yield from _values(ROOT, tree_of(settings), (), "")


def values_by_key(settings: Settings) -> dict[str, Value]:
    """Those of `values_of`; of the notify URLs, which have one key, the last one."""
    return {value.key: value for value in values_of(settings)}


def find_value(values: Mapping[str, Value], key: str) -> Value:
    """The value of this key; InvalidValueError names what comes close, or where to change it."""
    if key in BY_HAND or key.partition(".")[0] == "notify":
        raise InvalidValueError(
            f"{key} is changed only by hand.",
            field=key,
            hint="Edit config.xml (kana-tui config path)."
            + (" It takes effect at the next start." if key == "store.url" else ""),
        )
    if key not in values:
        close = difflib.get_close_matches(key, values, 3)
        raise InvalidValueError(
            f"There is no setting “{key}”.",
            field=key,
            hint=f"Close to it: {', '.join(close)}." if close else "`config show` prints them all.",
        )
    return values[key]


def _values(
    element: Element, tree: Mapping[str, Any], way: Sequence[Step], prefix: str
) -> Iterator[Value]:
    for attribute in element.attributes:
        text = attribute.kind.display(tree[attribute.name]) if tree else ""
        shown = hide(element, attribute, text)
        yield Value(f"{prefix}{attribute.name}", shown, tuple(way), element, attribute)
    for child in element.children:
        inner = tree.get(child.name, {})
        if not isinstance(inner, list):
            yield from _values(child, inner, [*way, child.name], f"{prefix}{child.name}.")
            continue
        for position, one in enumerate(inner):
            key = child.attribute(child.key or "")
            assert key, "what may be repeated has a key"  # noqa: S101
            name = key.kind.display(one[key.name])
            called = f"{child.name}." if key.secret else f"{child.name}.{name}."
            step = (child.name, position if key.secret else name)
            yield from _values(child, one, [*way, step], called)
