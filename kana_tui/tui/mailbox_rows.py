"""All that is told of one mailbox, in sections: why, depth, ledger, visits, fields."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby
from typing import Final

from attrs import evolve, frozen

from kana_tui.domain.depth import DepthSource
from kana_tui.domain.intake import LedgerSums
from kana_tui.domain.runway import Held
from kana_tui.ports.mailbox_detail import MailboxDetail
from kana_tui.ports.visits import PastVisit
from kana_tui.services.explain import explain
from kana_tui.services.overview import MailboxView, Snapshot
from kana_tui.services.shown_fields import ShownGroup
from kana_tui.tui.amounts import short_moment, short_size, short_span
from kana_tui.tui.credential_rows import credential_rows
from kana_tui.tui.glyphs import Glyphs
from kana_tui.tui.line import Ink, Line, Run, cut_line, line_cells
from kana_tui.tui.plot import plot
from kana_tui.tui.reading_row import Row
from kana_tui.tui.safe import fit
from kana_tui.tui.wrapping import wrapped

TWO_COLUMNS_FROM: Final = 120
VISITS_AT_MOST: Final = 8
PLOT_HEIGHT: Final = 7
_INDENT: Final = "   "
_GAP: Final = 3


@frozen
class Known:
    """What the rows are made of. `source`: the part of the depth that is watched. `ages_at`: when
    ages are told of, which stays until there is more to draw."""

    mailbox: MailboxView
    snapshot: Snapshot
    ages_at: datetime
    detail: MailboxDetail
    groups: tuple[ShownGroup, ...]
    source: DepthSource
    credentials: Sequence[Held] = ()


def mailbox_rows(known: Known, width: int, glyphs: Glyphs) -> list[Row]:
    """Each at most `width` cells. From 120 on the fields stand beside the rest."""
    if width < TWO_COLUMNS_FROM:
        return [*_standing(known, width, glyphs), *_fields(known, width)]
    left = (width - _GAP) * 3 // 5
    right = width - _GAP - left
    return _beside(_standing(known, left, glyphs), _fields(known, right), left)


def heading(text: str, rest: str = "") -> Row:
    """A section's first row."""
    runs: Line = (Run(f" {text}", Ink.TITLE), Run(f"  {rest}" if rest else ""))
    return Row(runs, heading=True)


def _standing(known: Known, width: int, glyphs: Glyphs) -> list[Row]:
    return [
        *_why(known, width),
        *_depth(known, width, glyphs),
        *_ledger(known.detail.ledger, width),
        *_credentials(known, width),
        *_visits(known, width, glyphs),
    ]


def _why(known: Known, width: int) -> list[Row]:
    told = explain(known.mailbox)
    now = known.snapshot.time
    if told.cause is None:
        rows = _told("All is well.", width, Ink.PLAIN, "cause")
    else:
        since = f" (since {short_moment(told.since, now)})" if told.since else ""
        rows = _told(f"{told.cause}{since}", width, Ink.WARNING, "cause")
        rows += _told(told.next_step or "", width, Ink.PLAIN, "next")
    return [heading("Why"), *rows, *_told(_cover(known), width, Ink.PLAIN, "cover"), Row(())]


def _cover(known: Known) -> str:
    mailbox = known.mailbox
    if not mailbox.active:
        return "not active: nothing is downloaded"
    if mailbox.uncovered:
        return "no running receiver covers it"
    visiting = [
        f"{one.node}/{one.name}" for one in known.snapshot.receivers if mailbox.name in one.visiting
    ]
    now = f"; {', '.join(visiting)} visits it now" if visiting else ""
    return f"covered by {', '.join(mailbox.covered_by)}{now}"


def _depth(known: Known, width: int, glyphs: Glyphs) -> list[Row]:
    mailbox, now = known.mailbox, known.snapshot.time
    peaks = [(peak.at, peak.part(known.source)) for peak in known.detail.peaks]
    told = "never seen"
    if mailbox.depth is not None:
        told = f"{mailbox.depth.remote} on the server, {mailbox.depth.local} here"
    told += "" if mailbox.known else "; unknown now"
    lines = plot(peaks, now, mailbox.marks, (width - 2, PLOT_HEIGHT), glyphs)
    summary = (*_told(f"{told}{_eta(mailbox)}", width, Ink.PLAIN, "depth"),)
    drawn = [Row((Run(" "), *line)) for line in lines]
    return [heading("Depth", f"last hour, {known.source.value}"), *summary, *drawn, Row(())]


def _eta(mailbox: MailboxView) -> str:
    if mailbox.eta_breach_s is not None:
        return f"; high in {short_span(mailbox.eta_breach_s)}"
    if mailbox.eta_drain_s is not None:
        return f"; drained in {short_span(mailbox.eta_drain_s)}"
    return ""


def _ledger(sums: LedgerSums, width: int) -> list[Row]:
    parts = (
        f"stored {sums.stored} + filtered {sums.filtered} + quarantined {sums.quarantined} "
        f"+ duplicate {sums.duplicate} + gone {sums.gone} + remaining {sums.remaining}"
    )
    rows = _told(f"seen {sums.seen} = {parts}", width, Ink.PLAIN, "ledger")
    difference = f"difference {sums.difference}"
    if sums.difference:
        difference += ": messages that cannot be accounted for"
    ink = Ink.HIGH if sums.difference else Ink.PLAIN
    return [heading("Ledger"), *rows, *_told(difference, width, ink, "difference"), Row(())]


def _credentials(known: Known, width: int) -> list[Row]:
    rows = credential_rows(known.credentials, known.ages_at, width)
    return [heading("Credentials", "what ends first"), *rows, Row(())] if rows else []


def _visits(known: Known, width: int, glyphs: Glyphs) -> list[Row]:
    runs = [tuple(run) for _, run in groupby(known.detail.visits, _uneventful_as)]
    rows = [
        _visit(run, known.snapshot.time, width, glyphs) for run in _split(runs)[:VISITS_AT_MOST]
    ]
    if not rows:
        rows = _told("none yet", width, Ink.QUIET, "visits")
    return [heading("Visits", "newest first"), *rows, Row(())]


def _uneventful_as(visit: PastVisit) -> tuple[object, ...]:
    """Visits that follow each other, took nothing and ended alike are told in one row."""
    return (visit.taken > 0, visit.error_stage, visit.error_message)


def _split(runs: Iterable[tuple[PastVisit, ...]]) -> list[tuple[PastVisit, ...]]:
    out: list[tuple[PastVisit, ...]] = []
    for run in runs:
        out += [(visit,) for visit in run] if run[0].taken else [run]
    return out


def _visit(run: Sequence[PastVisit], now: datetime, width: int, glyphs: Glyphs) -> Row:
    newest, oldest = run[0], run[-1]
    holders = sorted({visit.holder for visit in run})
    took = f"{newest.taken} taken" if newest.taken else "nothing new"
    size = short_size(newest.size_bytes) if newest.taken else ""
    many = ""
    if len(run) > 1:
        many = f"{len(run)} visits since {short_moment(oldest.ended_at, now)}"
    seconds = (newest.ended_at - newest.started_at).total_seconds()
    cells = (
        fit(_second(newest.ended_at, now), 8),
        fit(f"{seconds:.1f}s", 6, right=True),
        fit(" ".join(holders), 14, ellipsis=glyphs.ellipsis),
    )
    begin = f"{_INDENT}{'  '.join(cells)}  "
    if newest.error_stage is None:
        end = fit(took, 11) + f"{size:>7}  {many}"
        line: Line = (Run(begin), Run(end))
    else:
        told = f"{took}  " if newest.taken else ""
        told += f"{many}  " if many else ""
        error = f"{newest.error_stage.value}: {newest.error_message}"
        line = (Run(f"{begin}{told}"), Run(error, Ink.WARNING))
    # The oldest keeps its place while newer ones join it.
    return Row(cut_line(line, width, glyphs.ellipsis), ("visit", oldest.ended_at))


def _second(at: datetime, now: datetime) -> str:
    """Local time; of another day its date."""
    here = at.astimezone()
    return here.strftime("%H:%M:%S" if here.date() == now.astimezone().date() else "%d %b")


def _fields(known: Known, width: int) -> list[Row]:
    labels = [field.label for group in known.groups for field in group.fields]
    wide = min(max(map(len, labels), default=0), width // 2)
    rows: list[Row] = []
    for group in known.groups:
        rows.append(evolve(heading(group.title), heading=not rows))  # all of them are one section
        for field in group.fields:
            rows += _field(field.key, field.label, field.text, wide, width)
        rows.append(Row(()))
    return rows


def _field(key: str, label: str, text: str, wide: int, width: int) -> list[Row]:
    """A long value goes on under itself; an empty one is a dash."""
    room = max(10, width - len(_INDENT) - wide - 3)
    shown = list(wrapped(text, room))[:_FIELD_LINES] or [""]
    first = (Run(f"{_INDENT}{fit(label, wide)}  ", Ink.QUIET), Run(shown[0] or "-"))
    rows = [Row(first, ("field", key))]
    for index, line in enumerate(shown[1:]):
        rows.append(Row((Run(f"{_INDENT}{' ' * wide}  {line}"),), ("field", key, index)))
    return rows


_FIELD_LINES: Final = 6


def _told(text: str, width: int, ink: Ink, key: str) -> list[Row]:
    """A sentence on as many rows as it needs."""
    lines = [line for line in wrapped(text, max(10, width - len(_INDENT) - 1)) if line]
    return [
        Row((Run(_INDENT), Run(line, ink)), ("told", key, index))
        for index, line in enumerate(lines[:_TOLD_LINES])
    ]


_TOLD_LINES: Final = 12


def _beside(left: Sequence[Row], right: Sequence[Row], width: int) -> list[Row]:
    """Two columns; where there is no row on the left the cursor stops at the right one's."""
    rows: list[Row] = []
    for index in range(max(len(left), len(right))):
        one = left[index] if index < len(left) else Row(())
        other = right[index] if index < len(right) else Row(())
        blank = " " * (width - line_cells(one.line) + _GAP)
        line = (*one.line, Run(blank), *other.line)
        key = one.key if index < len(left) else other.key
        rows.append(Row(line, key, one.heading))
    return rows
