"""Whether a change of config.xml that was foreseen is in the file."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from kana_tui.domain.errors import KanaError
from kana_tui.ports.settings_file import Standing, Written
from kana_tui.settings.keys import values_by_key
from kana_tui.settings.reading import parse_settings


def digest(data: bytes) -> str:
    return sha256(data).hexdigest()


def standing(foreseen: Written, data: bytes, path: Path) -> Standing:
    """By the whole file; where that was edited since, by the values that the change gives.

    Of other names nobody can tell by the values: two receivers may exchange theirs.
    """
    now = digest(data)
    if now == foreseen.after:
        return Standing.IN_FILE
    if now == foreseen.before:
        return Standing.AHEAD
    if not foreseen.renamed and _holds(foreseen, data, path):
        return Standing.IN_FILE
    return Standing.UNCLEAR


def _holds(foreseen: Written, data: bytes, path: Path) -> bool:
    try:
        values = values_by_key(parse_settings(data, path))
    except KanaError:
        return False
    texts = {key: value.text for key, value in values.items()}
    return all(texts.get(change.field) == change.new for change in foreseen.changes)
