"""How far a probe is, as lines: every stage that is due, and of a failed one what helps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from attrs import frozen

from kana_tui.ports.mail_sender import RelayAccount
from kana_tui.ports.mail_source import Account
from kana_tui.ports.probe import Direction, Probed, ProbeStage
from kana_tui.services.probing import Plan
from kana_tui.tui.glyphs import Glyphs
from kana_tui.tui.line import Ink, Line, Run
from kana_tui.tui.wrapping import wrapped

_INDENT: Final = "  "
_NAME: Final = 12
_TIME: Final = 8


@frozen
class Standing:
    """`running_s`: for how long the stage that is under way has been; None: none is."""

    plan: Plan
    ended: tuple[Probed, ...] = ()
    running_s: float | None = None

    @property
    def failed(self) -> Sequence[Probed]:
        return [one for one in self.ended if not one.ok]

    @property
    def running(self) -> tuple[Direction, ProbeStage] | None:
        """The first that is due of a direction that has not failed."""
        if self.running_s is None:
            return None
        over = {one.direction for one in self.failed}
        known = {(one.direction, one.name) for one in self.ended}
        due = (one for one in self.plan.stages if one not in known and one[0] not in over)
        return next(due, None)


def rows(standing: Standing, width: int, glyphs: Glyphs) -> tuple[list[Line], int]:
    """The lines, and the index of the one that is to be seen: where it stands now."""
    lines: list[Line] = []
    seen = 0
    for direction in Direction:
        lines.append(_heading(standing.plan, direction))
        ended = [one for one in standing.ended if one.direction is direction]
        for one in ended:
            lines += _ended(one, width, glyphs)
        seen = len(lines) - 1 if ended else seen
        if any(not one.ok for one in ended):
            continue
        for stage in _left(standing, direction):
            under_way = (direction, stage) == standing.running
            seen = len(lines) if under_way else seen
            lines.append(_due(stage, standing.running_s if under_way else None, glyphs))
    return lines, seen


def told(standing: Standing) -> Sequence[str]:
    """All of it as plain lines, to be copied whole."""
    out = []
    for one in standing.ended:
        state = "ok" if one.ok else "FAILED"
        where = f"{one.direction.value} {one.name.value}"
        out.append(f"{state:<6}  {where:<21}  {one.seconds:.3f} s  {one.detail}".rstrip())
        if one.hint:
            out.append(f"        {one.hint}")
    return out


def _left(standing: Standing, direction: Direction) -> Iterator[ProbeStage]:
    known = {(one.direction, one.name) for one in standing.ended}
    for one in standing.plan.stages:
        if one[0] is direction and one not in known:
            yield one[1]


def _heading(plan: Plan, direction: Direction) -> Line:
    way = plan.incoming if direction is Direction.INCOMING else plan.outgoing
    at = f"  {way.server}:{way.port}" if isinstance(way, Account | RelayAccount) else ""
    return (Run(direction.value.capitalize(), Ink.KEY), Run(at, Ink.QUIET))


def _ended(one: Probed, width: int, glyphs: Glyphs) -> list[Line]:
    """What a server said is cut, but not where it failed."""
    spent = f"{one.seconds:.3f} s"
    mark = glyphs.passed if one.ok else glyphs.failed
    row = f"{mark} {one.name.value:<{_NAME}} {spent:>{_TIME}}{_INDENT}"
    if one.ok:
        return [(Run(row), Run(one.detail, Ink.QUIET))]
    lines: list[Line] = [(Run(row, Ink.HIGH), Run("FAILED", Ink.HIGH))]
    room = width - len(_INDENT)
    for text, ink in ((one.detail, Ink.WARNING), (one.hint or "", Ink.PLAIN)):
        lines += [(Run(_INDENT + part, ink),) for part in wrapped(text, room) if part]
    return lines


def _due(stage: ProbeStage, running_s: float | None, glyphs: Glyphs) -> Line:
    if running_s is None:
        return (Run(f"  {stage.value}", Ink.QUIET),)
    spent = f"{int(running_s)} s"
    return (Run(f"{glyphs.cursor} {stage.value:<{_NAME}} {spent:>{_TIME}}"),)
