"""The commented default is the defaults, and names every attribute that there is."""

from __future__ import annotations

import re
from collections.abc import Iterator

from kana_tui.domain.settings import Settings
from kana_tui.settings.declaration import ROOT, Element
from kana_tui.settings.default import default_text
from kana_tui.settings.reference import settings_reference
from tests.settings.config import parsed

COMMENTED = re.compile(r"<!-- (<[a-z].*?/>) -->")


def elements(element: Element = ROOT) -> Iterator[Element]:
    yield element
    for child in element.children:
        yield from elements(child)


def test_the_default_reads_as_the_defaults() -> None:
    assert parsed(default_text()) == Settings()


def test_what_is_commented_out_is_valid_once_it_is_not() -> None:
    settings = parsed(COMMENTED.sub(r"\1", default_text()))
    assert settings.sender.fallback
    assert settings.mime
    assert settings.notify
    assert settings.operators.operators


def test_every_element_and_attribute_is_in_the_default_and_in_the_reference() -> None:
    text, page = default_text(), settings_reference()
    for element in elements():
        assert f"<{element.name}" in text
        assert f"{element.name}`" in page
        for attribute in element.attributes:
            assert f" {attribute.name}=" in text or f"{attribute.name}: " in text
            assert f"| `{attribute.name}` | " in page


def test_its_lines_fit_a_terminal() -> None:
    assert max(map(len, default_text().splitlines())) <= 100


def test_every_default_is_as_its_kind_writes_it() -> None:
    for element in elements():
        for attribute in element.attributes:
            if not attribute.required:
                assert attribute.read(attribute.shown_default()) == attribute.default
                if attribute.shown_default():
                    canonical = attribute.read(f" {attribute.shown_default()} ")
                    assert canonical == attribute.default
