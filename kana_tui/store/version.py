"""Which schema this program knows."""

from __future__ import annotations

from typing import Final

SCHEMA_VERSION: Final = "0005"
"""The newest migration; numbers of four digits, so that older and newer can be told apart."""


def is_newer(found: str) -> bool:
    """Whether a store's version is one that this program does not know yet."""
    return not found.isdigit() or int(found) > int(SCHEMA_VERSION)
