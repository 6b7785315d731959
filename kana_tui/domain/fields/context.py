"""What a mailbox's rules need to know of the world around it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from attrs import frozen

from kana_tui.domain.levels import Watermarks

Values = Mapping[str, Any]
"""The values of all fields that are not secret, by key, each of its field's Python type."""

ROOT = "root"
"""The path of the root department."""


@frozen
class Context:
    """`ssl_enabled`: SSL is on in config.xml. `watermarks`: the global ones.

    `queues` and `departments` are the known paths (`Department/Queue`, root's
    own queues bare; `root/Support`).
    """

    ssl_enabled: bool
    watermarks: Watermarks
    queues: tuple[str, ...]
    departments: tuple[str, ...]


NO_CONTEXT: Final = Context(True, Watermarks(0, 1), queues=(), departments=())
"""For values whose kind looks at nothing around them."""

Condition = Callable[[Values, Context], bool]


def always(_values: Values, _context: Context) -> bool:
    return True


def never(_values: Values, _context: Context) -> bool:
    return False
