"""What config.xml demands of values, one by one and together, before any file holds them."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from typing import Final

from kana_tui.domain.fields.declare import FieldError
from kana_tui.domain.fields.kinds import RuleError
from kana_tui.settings.declaration import RECEIVER, ROOT, Attribute, Element

LOW: Final = "watermarks.low"
HIGH: Final = "watermarks.high"
FALLBACK_SERVER: Final = "sender.fallback.server"
FALLBACK_PORT: Final = "sender.fallback.port"
_KEEP_ONE: Final = "keep one: without any in the file there are r1, r2 and r3"


def written_as(attribute: Attribute, text: str) -> str:
    """`text`, which breaks no rule, in the form that is stored."""
    return attribute.kind.display(attribute.read(text))


def value_wrong(attribute: Attribute, key: str, text: str) -> FieldError | None:
    """Why `text` cannot be the value of `key`, if it cannot."""
    try:
        attribute.read(text)
    except RuleError as error:
        return FieldError(
            key=key,
            label=attribute.label,
            value=None if attribute.secret else text,
            rule=error.rule,
            remedy=error.remedy,
            in_form=error.in_form,
        )
    return None


def together(texts: Mapping[str, str]) -> list[FieldError]:
    """What is wrong between values that are right one by one; `texts` holds all, by key."""
    found = []
    low, high = texts[LOW], texts[HIGH]
    if int(low) >= int(high):
        found.append(_wrong(HIGH, high, f"is not above low “{low}”", "raise high, or lower low"))
    if texts[FALLBACK_PORT] and not texts[FALLBACK_SERVER]:
        remedy = "name the fall-back's server, too"
        found.append(_wrong(FALLBACK_PORT, texts[FALLBACK_PORT], "has no server", remedy))
    return found


def names_wrong(receivers: Sequence[str]) -> list[FieldError]:
    """What is wrong with the names of all receivers: one is there twice, or there is none."""
    found = []
    if not receivers:
        found.append(
            FieldError(
                key=f"{RECEIVER.name}s",
                label="Receivers",
                value=None,
                rule="would be none",
                remedy=_KEEP_ONE,
                in_form=_KEEP_ONE,
            )
        )
    seen: set[str] = set()
    for name in receivers:
        folded = folded_name(name)
        if folded in seen:
            found.append(name_taken(f"{RECEIVER.name}.{name}.name", name))
        seen.add(folded)
    return found


def name_taken(key: str, name: str) -> FieldError:
    """Another receiver has this name, or one that is as good as the same."""
    remedy = "give each a name of its own"
    return FieldError(
        key=key,
        label=RECEIVER.attributes[0].label,
        value=name,
        rule="is the name of another receiver",
        remedy=remedy,
        in_form=remedy,
    )


def folded_name(name: str) -> str:
    """Names are compared casefolded on NFC, as everywhere."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def _wrong(key: str, value: str, rule: str, remedy: str) -> FieldError:
    return FieldError(
        key=key, label=_label(key), value=value, rule=rule, remedy=remedy, in_form=remedy
    )


def _label(key: str) -> str:
    """The label of an attribute of an element that is not repeated."""
    *way, name = key.split(".")
    element: Element = ROOT
    for step in way:
        element = next(child for child in element.children if child.name == step)
    return next(one.label for one in element.attributes if one.name == name)
