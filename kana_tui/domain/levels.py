"""Levels: where a mailbox's depth stands against its low and high watermark."""

from __future__ import annotations

from enum import StrEnum

from attrs import field, frozen
from attrs.validators import ge


class Level(StrEnum):
    NORMAL = "normal"
    ELEVATED = "elevated"
    HIGH = "high"


class Crossing(StrEnum):
    """A change of level that is mailed, once."""

    LOW_REACHED = "low"
    HIGH_REACHED = "high"
    DRAINED = "drained"


@frozen
class Watermarks:
    """0 <= low < high. low = 0: there is no low watermark, and draining means 0."""

    low: int = field(validator=ge(0))
    high: int = field()

    @high.validator
    def _above_low(self, _attribute: object, value: int) -> None:
        if value <= self.low:
            message = f"high watermark {value} is not above low watermark {self.low}"
            raise ValueError(message)


@frozen
class Step:
    """What one known depth did to a level."""

    level: Level
    crossing: Crossing | None = None


def step(level: Level, depth: int, marks: Watermarks) -> Step:
    """The level after a known `depth`, and the crossing to mail, if any.

    A rise over both watermarks at once is one crossing, HIGH. Recovery from
    HIGH needs the low watermark; between the marks HIGH stays HIGH.
    """
    if level is Level.HIGH:
        if depth > marks.low:
            return Step(Level.HIGH)
        at_low = depth == marks.low and marks.low > 0
        return Step(Level.ELEVATED if at_low else Level.NORMAL, Crossing.DRAINED)
    if depth >= marks.high:
        return Step(Level.HIGH, Crossing.HIGH_REACHED)
    if marks.low > 0 and depth >= marks.low:
        rose = level is Level.NORMAL
        return Step(Level.ELEVATED, Crossing.LOW_REACHED if rose else None)
    return Step(Level.NORMAL)


def step_after(level: Level, recent: list[int], marks: Watermarks, for_samples: int) -> Step:
    """`step` where a rise needs `for_samples` known depths in a row.

    `recent` holds the newest depths, oldest first, and at least one. The rise
    goes to the highest level that all of the last `for_samples` reached; where
    they reached none, the level stays: the newest depth is no recovery.
    """
    newest = step(level, recent[-1], marks)
    if for_samples <= 1 or newest.crossing not in (Crossing.LOW_REACHED, Crossing.HIGH_REACHED):
        return newest
    window = recent[-for_samples:]
    if len(window) < for_samples:
        return Step(level)
    held = step(level, min(window), marks)
    return Step(level) if held.level is Level.NORMAL else held
