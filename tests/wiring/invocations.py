"""Invocations for tests."""

from __future__ import annotations

from pathlib import Path

from kana_tui.wiring.invocation import Invocation


def invocation_of(home: Path) -> Invocation:
    return Invocation(
        home=home,
        config=None,
        operator="alice",
        read_only=False,
        at=None,
        mouse=False,
        ascii=False,
        log_level="info",
    )
