"""Alerts: what opens them, and how they are named."""

from __future__ import annotations

from enum import StrEnum

from kana_tui.domain.levels import Level


class AlertKind(StrEnum):
    """A mailbox has at most one open alert of each kind."""

    WATERMARK = "watermark"
    UNKNOWN = "unknown"


def shown_level(kind: AlertKind, level: Level) -> str:
    """The level as lists show it: `unknown` for the alert of a depth that is."""
    return kind.value if kind is AlertKind.UNKNOWN else level.value
