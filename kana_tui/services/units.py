"""Numbers with their unit, as people read them; what is edited and stored stays the bare number."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_SHORT: Final = {"seconds": "s"}
_LARGER: Final[Mapping[str, tuple[tuple[str, int], ...]]] = {
    "seconds": (("d", 86_400), ("h", 3_600), ("min", 60)),
    "bytes": (("GiB", 2**30), ("MiB", 2**20), ("KiB", 2**10)),
}


def with_unit(text: str, unit: str) -> str:
    """`30 s`, `1 day`, `26214400 bytes (25 MiB)`; what is no number, or has no unit, as it is."""
    if not unit or not (text.isascii() and text.isdecimal()):
        return text
    amount = int(text)
    word = unit.removesuffix("s") if amount == 1 else unit
    return f"{text} {_SHORT.get(unit, word)}{_in_larger(amount, unit)}"


def _in_larger(amount: int, unit: str) -> str:
    """Of seconds only where it comes out even: 90 s is as short as 1.5 min."""
    for name, size in _LARGER.get(unit, ()):
        if amount >= size and (unit == "bytes" or amount % size == 0):
            return f" ({round(amount / size, 1):g} {name})"
    return ""
