"""The quarantine: each message that could not be processed, and why."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from attrs import evolve, frozen

from kana_tui.domain.rules.stages import RuleStage
from kana_tui.ports.queues import QuarantinedRow, QuarantineSum
from kana_tui.tui.action import Situation
from kana_tui.tui.amounts import short_moment, short_size
from kana_tui.tui.desk import Repositories
from kana_tui.tui.glyphs import Glyphs
from kana_tui.tui.keyed import bindings
from kana_tui.tui.line import Ink, Line, Run
from kana_tui.tui.message_rows import OnMessage
from kana_tui.tui.places import Place
from kana_tui.tui.reading_row import Row, Rows
from kana_tui.tui.rows_as_needed import RowsAsNeeded
from kana_tui.tui.rows_page import READ_AHEAD, RowsPage
from kana_tui.tui.safe import cells, fit
from kana_tui.tui.scene import Scene

STEP: Final = 200
"""Messages that are read at once; more of them as one comes to their end."""
MOST: Final = 2_000
_STAGES: Final = {
    RuleStage.FILTER: "filter rules",
    RuleStage.INCOMING: "incoming rules",
    RuleStage.POST_INCOMING: "post-incoming rules",
    RuleStage.DONE: "done",
}


@frozen
class _Answer:
    found: QuarantineSum
    rows: Sequence[QuarantinedRow]


class QuarantinePage(RowsPage, inherit_bindings=False):
    """In the order in which they came. Nothing can be changed here."""

    BINDINGS = bindings(Place.QUARANTINE)

    place = Place.QUARANTINE
    headlined = True
    reading = "The quarantine is being read"

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self._limit = STEP
        self._sum = QuarantineSum()
        self._rows: dict[int, QuarantinedRow] = {}

    @property
    def message(self) -> QuarantinedRow | None:
        """The one under the cursor."""
        key = self.key
        return self._rows.get(key.message_id) if isinstance(key, OnMessage) else None

    def situation(self) -> Situation:
        here = self.message is not None
        return evolve(super().situation(), listed=here, nothing="No message is selected.")

    def read_again(self) -> None:
        limit = self._limit

        async def question(store: Repositories) -> _Answer:
            rows = await store.queues.quarantined(limit)
            return _Answer(await store.queues.quarantine(), rows)

        self.ask(question, self._keep)

    def read_on(self) -> None:
        near_end = self.in_view()[1] + READ_AHEAD >= len(self._rows)
        if near_end and self._limit <= len(self._rows) < min(self._sum.count, MOST):
            self._limit += STEP
            self.ask_anew()

    def rows(self, width: int) -> Rows:
        entries: list[Row | QuarantinedRow] = list(self._rows.values())
        more = self._sum.count - len(entries)
        if more > 0:
            entries.append(Row((Run(f"   {more:,} more", Ink.QUIET),)))
        now, glyphs = self.now, self._scene.glyphs
        return RowsAsNeeded(entries, lambda one: _row(one, now, width, glyphs))

    def headings(self) -> Line:
        titles = _columns(self.app.size.width, "Since", "Size", "Stage", "Subject")
        return (Run(f"{titles}Cause", Ink.TITLE),)

    def headline(self) -> Line:
        told = f"  {self._sum.count:,}, oldest first" if self._sum.count else ""
        return (Run(" Quarantine", Ink.TITLE), Run(told))

    def details(self) -> Sequence[Line]:
        one = self.message
        if one is None:
            return [(Run(" It is empty: every message was processed."),)]
        stage = _STAGES[one.stage]
        tries = "once" if one.tries == 1 else f"{one.tries} times"
        first = f" {stage}: {one.cause}"
        second = f" {one.mailbox}, tried {tries}, since {short_moment(one.since, self.now)}."
        export = f"  The raw bytes: kana-tui message export {one.message_id}"
        return [(Run(first, Ink.WARNING),), (Run(second), Run(export))]

    def do_open(self) -> None:
        if (one := self.message) is not None:
            self.kana.open_page(Place.MESSAGE, one.message_id)

    def do_copy(self) -> None:
        if (one := self.message) is not None:
            self.kana.copy(_facts(one))

    def _keep(self, answer: _Answer) -> None:
        self._sum = answer.found
        self._rows = {one.message_id: one for one in answer.rows}


def _row(one: QuarantinedRow, now: datetime, width: int, glyphs: Glyphs) -> Row:
    """When, how large, where it failed, about what, and why."""
    begin = _columns(
        width,
        short_moment(one.since, now),
        short_size(one.size),
        _STAGES[one.stage].removesuffix(" rules"),
        one.subject or "(no subject)",
        ellipsis=glyphs.ellipsis,
    )
    cause = fit(one.cause, max(0, width - cells(begin)), ellipsis=glyphs.ellipsis)
    return Row((Run(begin), Run(cause, Ink.WARNING)), OnMessage(one.message_id))


def _columns(
    width: int, since: str, size: str, stage: str, subject: str, *, ellipsis: str = ""
) -> str:
    """All but the last, which takes what is left."""
    parts = [
        fit(since, 12),
        fit(size, 7, right=True),
        fit(stage, 13),
        fit(subject, max(10, (width - 44) // 2), ellipsis=ellipsis),
    ]
    return f"   {'  '.join(parts)}  "


def _facts(one: QuarantinedRow) -> list[str]:
    moments = (
        at.astimezone().strftime("%Y-%m-%d %H:%M:%S %z") for at in (one.received_at, one.since)
    )
    received, since = moments
    return [
        f"message: {one.message_id}",
        f"mailbox: {one.mailbox}",
        f"from: {one.from_}",
        f"subject: {one.subject}",
        f"size: {one.size} bytes",
        f"received: {received}",
        f"in quarantine since: {since}, tried {one.tries} times",
        f"stage: {_STAGES[one.stage]}",
        f"cause: {one.cause}",
        f"raw bytes: kana-tui message export {one.message_id}",
    ]
