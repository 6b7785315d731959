"""config.xml for tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from kana_tui.domain.cover import Priority
from kana_tui.domain.errors import InvalidSettingsError
from kana_tui.domain.settings import Settings
from kana_tui.settings.document import Document
from kana_tui.settings.reading import parse_settings

PATH = Path("/home/kana/config.xml")


def config(inside: str = "") -> str:
    return f'<kana-tui version="1">{inside}</kana-tui>'


def parsed(text: str | bytes) -> Settings:
    return parse_settings(text.encode() if isinstance(text, str) else text, PATH)


def problems(text: str | bytes) -> tuple[str, ...]:
    """What is wrong with `text`; it must be something."""
    with pytest.raises(InvalidSettingsError) as told:
        parsed(text)
    assert told.value.exit_code == 2
    return told.value.problems


def set_receiver_priority(document: Document, receiver: str, priority: Priority) -> None:
    document.set(["receivers", ("receiver", receiver)], "priority", priority.value)
