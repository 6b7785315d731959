"""The two lines at the top: who watches what, how it stands, and what must not be missed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from attrs import frozen

from kana_tui.domain.board import ShownLevel
from kana_tui.ports.nodes import ReceiverState
from kana_tui.services.overview import Snapshot
from kana_tui.tui.amounts import short_span
from kana_tui.tui.line import Ink, Line, Run, line_cells

HOSTED_HERE: Final = "hosted here: mail and alerts stop when you leave"
READ_ONLY: Final = "read-only"
STARTING: Final = "the engine starts"
UNDELIVERED: Final = "ALERT MAIL UNDELIVERED"
NO_ENGINE: Final = "no engine is live: nothing is downloaded"


@frozen
class Outage:
    """The store cannot be read, `sentence` says why; since when (UTC)."""

    sentence: str
    since: datetime


def status_line(snapshot: Snapshot, who: str, width: int) -> Line:
    """Engine, receivers, counts and clock; what a narrow screen can do without goes first."""
    clock = Run(snapshot.time.astimezone().strftime("%H:%M"))
    engine, counts = _engine(snapshot), _counts(snapshot, long=True)
    short = _counts(snapshot, long=False)
    forms: Sequence[tuple[Line, ...]] = (
        ((Run("kana", Ink.TITLE),), (Run(who),), engine, _receivers(snapshot), counts),
        ((Run(who),), engine, _receivers(snapshot), counts),
        ((Run(who),), engine, _receivers(snapshot), short),
        (engine, _receivers(snapshot), short),
        (_receivers(snapshot), short),
    )
    for parts in forms:
        line = _joined(parts)
        if line_cells(line) + 2 + len(clock.text) <= width:
            break
    room = width - line_cells(line) - len(clock.text)
    return (*line, Run(" " * max(1, room)), clock)


def notice_line(
    snapshot: Snapshot | None,
    outage: Outage | None,
    now: datetime,
    told: Sequence[str],
    *,
    hosting: bool,
) -> Line:
    """The most pressing first: old data, no engine; then what the screen itself tells."""
    parts: list[Run] = []
    if outage is not None:
        parts.append(Run(_stale(snapshot, outage, now), Ink.HIGH))
    elif snapshot is not None and not snapshot.engine_live:
        parts.append(Run(STARTING, Ink.WARNING) if hosting else Run(NO_ENGINE, Ink.HIGH))
    if snapshot is not None and snapshot.undelivered_alert_mail:
        parts.append(Run(f"{snapshot.undelivered_alert_mail} {UNDELIVERED}", Ink.HIGH))
    parts.extend(Run(text, Ink.WARNING) for text in told)
    return _joined([(part,) for part in parts])


def hosts(snapshot: Snapshot, here: str) -> list[str]:
    """Whose screens host engines: not this one's, which says so itself."""
    return [
        f"{node.row.name} hosted by {node.row.hosted_by}'s screen"
        for node in snapshot.nodes
        if node.live and node.row.hosted and node.row.name != here
    ]


def mutes(snapshot: Snapshot) -> list[str]:
    """Engines that live, and whose store takes nothing."""
    return [
        f"{node.row.name} can write nothing: is its disk full?"
        for node in snapshot.nodes
        if node.mute_since is not None
    ]


def _stale(snapshot: Snapshot | None, outage: Outage, now: datetime) -> str:
    if snapshot is None:
        return outage.sentence
    age = short_span(int((now - snapshot.time).total_seconds()))
    return f"{age} old: {outage.sentence}"


def _engine(snapshot: Snapshot) -> Line:
    live = [node.row for node in snapshot.nodes if node.live]
    if not live:
        return (Run("no engine", Ink.HIGH),)
    if len(live) > 1:
        return (Run(f"{len(live)} engines"),)
    node = live[0]
    at = "" if node.host == node.name else f" at {node.host}"
    return (Run(f"engine {node.name}{at}"),)


def _receivers(snapshot: Snapshot) -> Line:
    running = sum(r.state is ReceiverState.RUNNING for r in snapshot.receivers)
    all_run = running == len(snapshot.receivers)
    return (
        Run(f"{running}/{len(snapshot.receivers)} recv", Ink.PLAIN if all_run else Ink.WARNING),
    )


def _counts(snapshot: Snapshot, *, long: bool) -> Line:
    words = (
        (snapshot.count(ShownLevel.HIGH), "HIGH", "HIGH", Ink.HIGH),
        (snapshot.count(ShownLevel.ELEVATED), "ELEV", "ELEV", Ink.ELEVATED),
        (snapshot.count(ShownLevel.UNKNOWN), "UNKNOWN", "UNKN", Ink.UNKNOWN),
        (snapshot.uncovered, "UNCOVERED", "UNCOV", Ink.WARNING),
    )
    runs: list[Run] = []
    for count, word, brief, ink in words:
        runs.append(Run(f"{count} {word if long else brief}", ink if count else Ink.QUIET))
        runs.append(Run(" "))
    return (*runs, Run(f"of {len(snapshot.mailboxes):,}"))


def _joined(parts: Sequence[Line]) -> Line:
    runs: list[Run] = [Run(" ")]
    for index, part in enumerate(parts):
        runs.extend([Run("  "), *part] if index else part)
    return tuple(runs)
