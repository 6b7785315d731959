"""The config.xml of a first start: every element at its default, with what it means."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from typing import Any, Final

from kana_tui.domain.settings import Settings
from kana_tui.settings.declaration import ROOT, Element
from kana_tui.settings.mapping import tree_of

_HEAD: Final = """\
<?xml version="1.0" encoding="UTF-8"?>
<!-- The settings of kana_tui. Elements may stand in any order, and what is left out has its
     default; every attribute with its rule: docs/settings.md. `kana-tui config validate` names each
     mistake with its line. Changes are taken up within 5 s, without a restart. -->
"""
_WIDTH: Final = 100


def default_text() -> str:
    """XML that reads as `Settings()`."""
    return text_of(Settings())


def text_of(settings: Settings) -> str:
    """XML that reads as `settings`, in full, with what everything means."""
    lines = [_HEAD.rstrip(), f'<{ROOT.name} version="1">']
    tree = tree_of(settings)
    for element in ROOT.children:
        lines.extend(_written(element, tree[element.name], "  "))
    return "\n".join([*lines, f"</{ROOT.name}>", ""])


def _written(element: Element, value: Any, indent: str) -> Iterator[str]:
    yield from _comment(element, indent)
    if isinstance(value, list):
        yield from (f"{indent}<{element.name}{_given(element, one)}/>" for one in value)
        if not value:
            yield _example(element, indent)
        return
    end = ">" if element.children else "/>"
    yield from _paragraph(f"<{element.name}{_given(element, value)}{end}", indent, indent + " " * 4)
    for child in element.children:
        if child.name in value:
            yield from _written(child, value[child.name], indent + "  ")
        else:
            yield from _comment(child, indent + "  ")
            yield _example(child, indent + "  ")
    if element.children:
        yield f"{indent}</{element.name}>"


def _comment(element: Element, indent: str) -> Iterator[str]:
    told = [element.meaning, *(f"{a.name}: {a.meaning}" for a in element.attributes)]
    told = [line.replace("--", "- -") for line in told]  # two hyphens would end the comment
    yield ""
    yield from _paragraph(f"<!-- {told[0]}", indent, indent + "     ")
    for line in told[1:]:
        yield from _paragraph(line, indent + "     ", indent + "       ")
    yield f"{indent}-->"


def _paragraph(text: str, first: str, others: str) -> list[str]:
    return textwrap.wrap(
        text,
        _WIDTH,
        initial_indent=first,
        subsequent_indent=others,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _given(element: Element, values: Mapping[str, Any]) -> str:
    return "".join(
        f" {a.name}={quoted(a.kind.display(values[a.name]))}"
        for a in element.attributes
        if a.name in values
    )


def _example(element: Element, indent: str) -> str:
    given = "".join(f' {name}="{value}"' for name, value in element.example)
    return f"{indent}<!-- <{element.name}{given}/> -->"


def quoted(text: str) -> str:
    """`text` as an attribute's value with its quotation marks."""
    return f'"{escaped(text, chr(34))}"'


def escaped(text: str, quote: str) -> str:
    """`text` for between two `quote`s: blanks other than spaces would come back as spaces."""
    text = text.replace("&", "&amp;").replace("<", "&lt;")
    text = text.replace(quote, "&quot;" if quote == '"' else "&apos;")
    return "".join(f"&#{ord(c)};" if c in "\t\n\r" else c for c in text)
