"""What a command changed: field, old and new."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kana_tui.cli.output import say
from kana_tui.domain.audit import Change


def changes_document(changes: Sequence[Change]) -> list[dict[str, Any]]:
    return [{"field": one.field, "old": one.old, "new": one.new} for one in changes]


def say_changes(changes: Sequence[Change]) -> None:
    if not changes:
        say("Nothing changed.")
    for change in changes:
        say(f"{change.field}: {_or_unset(change.old)} -> {_or_unset(change.new)}")


def _or_unset(text: str | None) -> str:
    return "(none)" if text in (None, "") else str(text)
