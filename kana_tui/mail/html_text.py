"""HTML mail as text. Nothing is fetched; what would take long or grow large is only stripped."""

from __future__ import annotations

import html
import re
from typing import Final

from inscriptis.css_profiles import STRICT_CSS_PROFILE
from inscriptis.html_engine import Inscriptis
from inscriptis.model.config import ParserConfig
from lxml.etree import LxmlError, iterwalk
from lxml.html import HtmlElement, document_fromstring

HTML_CHARACTERS: Final = 512 * 1024
"""Of longer HTML the rest is not shown."""

ELEMENTS_MOST: Final = 20_000
"""About a second of rendering."""

INDENTED_MOST: Final = 1_000_000
"""Levels times elements: lists indent each line by four characters a level."""

PADDED_MOST: Final = 4_000_000
"""Characters times rows: a table pads every row to its widest cell."""

_HIDDEN: Final = re.compile(r"display\s*:\s*none", re.IGNORECASE)
_XML_DECLARATION: Final = re.compile(r"\s*<\?xml[^>]*>")
_UNSHOWN: Final = re.compile(
    r"<(script|style|head|title)\b.*?(?:</\1\s*>|\Z)", re.DOTALL | re.IGNORECASE
)
_BREAK: Final = re.compile(r"<(?:br|p|div|tr|li|h[1-6])\b[^<>]*>", re.IGNORECASE)
_TAG: Final = re.compile(r"<[^<>]*>")
_BLANKS: Final = re.compile(r"[ \t\r\f\v\xa0]+")
_TABLE_TAGS: Final = ("table", "tr", "td", "th")


def html_text(source: str) -> str:
    """Readable text. Never raises."""
    source = source[:HTML_CHARACTERS]
    return _rendered(source) or _stripped(source)


def _rendered(source: str) -> str:
    """Laid out; empty where it cannot be, or not within bounds."""
    if declared := _XML_DECLARATION.match(source):
        source = source[declared.end() :]
    try:
        tree = document_fromstring(source)
        if not _tame(tree):
            return ""
        text = Inscriptis(tree, ParserConfig(css=STRICT_CSS_PROFILE)).get_text()
    except (LxmlError, ValueError, RecursionError):
        return ""
    return "\n".join(line.rstrip() for line in text.split("\n")).strip()


def _tame(tree: HtmlElement) -> bool:
    """Whether it is safe to lay out, after what could make it swell was taken from it."""
    elements, depth, deepest, rows, characters = 0, 0, 0, 0, 0
    for event, element in iterwalk(tree, events=("start", "end")):
        if event == "end":
            depth -= 1
            continue
        depth += 1
        elements += 1
        deepest = max(deepest, depth)
        rows += element.tag == "tr"
        characters += len(element.text or "") + len(element.tail or "")
        style = element.attrib.pop("style", "")
        if _HIDDEN.search(style):
            element.set("style", "display:none")
    if elements > ELEMENTS_MOST or elements * deepest > INDENTED_MOST:
        return False
    if (characters + elements) * rows > PADDED_MOST:
        for element in tree.iter(*_TABLE_TAGS):
            element.tag = "div"
    return True


def _stripped(source: str) -> str:
    text = _UNSHOWN.sub("", source)
    text = _TAG.sub("", _BREAK.sub("\n", text))
    lines = (_BLANKS.sub(" ", line).strip() for line in html.unescape(text).split("\n"))
    return "\n".join(line for line in lines if line)
