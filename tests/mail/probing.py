"""Probes in tests: taken whole, and as a table."""

from __future__ import annotations

from collections.abc import AsyncIterator

from kana_tui.ports.probe import Probed

Ended = tuple[str, bool]


async def taken(probe: AsyncIterator[Probed]) -> list[Probed]:
    return [one async for one in probe]


def names(probed: list[Probed]) -> list[str]:
    return [one.name.value for one in probed]


def told(probed: list[Probed]) -> dict[str, str]:
    """What was found, by stage."""
    return {one.name.value: one.detail for one in probed}


def failed(probed: list[Probed]) -> tuple[str, str, str | None]:
    """Name, detail and remedy of the stage that failed: the last one, and no other."""
    *before, last = probed
    assert all(one.ok and one.hint is None for one in before), before
    assert not last.ok, last
    return last.name.value, last.detail, last.hint
