"""Screen 3: the alerts that stand, those that have passed, and whether mail was sent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from attrs import evolve

from kana_tui.ports.alert_history import AlertsSeen
from kana_tui.services.overview import MailboxView
from kana_tui.tui.action import Situation
from kana_tui.tui.alert_rows import (
    AlertView,
    OnAlert,
    alert_entries,
    alert_headings,
    alert_row,
    alert_view,
    columns,
)
from kana_tui.tui.alert_words import alert_details, alert_facts
from kana_tui.tui.filtered_page import FilteredPage
from kana_tui.tui.keyed import bindings
from kana_tui.tui.line import Line, Run
from kana_tui.tui.places import Place
from kana_tui.tui.reading_row import Row, Rows
from kana_tui.tui.rows_as_needed import RowsAsNeeded
from kana_tui.tui.rows_page import READ_AHEAD, RowsPage
from kana_tui.tui.scene import Scene

PAST_STEP: Final = 200
"""Past alerts that are read at once; more of them as one comes to their end."""
PAST_MOST: Final = 2_000


class AlertsPage(RowsPage, FilteredPage, inherit_bindings=False):
    """The filter narrows what is read, so that it finds past ones that are not shown yet."""

    BINDINGS = bindings(Place.ALERTS, Place.FILTER)

    top = Place.ALERTS
    reading = "The alerts are being read"

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self._looked_for = self._found_for = ""
        self._past = PAST_STEP
        self._seen = AlertsSeen()
        self._views: dict[int, AlertView] = {}
        self._entries: list[Row | AlertView] = []

    @property
    def alert(self) -> AlertView | None:
        """The one under the cursor."""
        key = self.key
        return self._views.get(key.alert_id) if isinstance(key, OnAlert) else None

    @property
    def selected(self) -> MailboxView | None:
        known, view = self.kana.snapshot, self.alert
        if known is None or view is None:
            return None
        return next((m for m in known.mailboxes if m.id == view.alert.mailbox_id), None)

    def situation(self) -> Situation:
        here = self.alert is not None
        return evolve(super().situation(), listed=here, nothing="No alert is selected.")

    @property
    def filtered(self) -> tuple[str, int | None, int] | None:
        if not self._looked_for:
            return None
        known = self._found_for == self._looked_for
        found = len(self._seen.open) + self._seen.past_count if known else None
        return self._looked_for, found, self._seen.count

    def narrow(self, wanted: str) -> None:
        self._looked_for = wanted
        self.ask_anew()

    def read_again(self) -> None:
        past, wanted = self._past, self._looked_for
        self.ask(lambda store: store.alert_history.read(past, wanted), self._keep)

    def read_on(self) -> None:
        shown = len(self._seen.past)
        near_end = self.in_view()[1] + READ_AHEAD >= len(self._entries)
        if near_end and self._past <= shown < min(self._seen.past_count, PAST_MOST):
            self._past = shown + PAST_STEP
            self.ask_anew()

    def rows(self, width: int) -> Rows:
        shown, now, glyphs = columns(width), self.now, self._scene.glyphs

        def made(view: AlertView) -> Row:
            return alert_row(view, shown, now, glyphs)

        return RowsAsNeeded(self._entries, made)

    def headings(self) -> Line:
        return alert_headings(columns(self.app.size.width))

    def details(self) -> Sequence[Line]:
        view = self.alert
        if view is not None:
            return alert_details(view, self.selected, self.now)
        if self._looked_for:
            told = " No alert is of a mailbox that has this in its name or address. Esc shows all."
            return [(Run(told),)]
        return [
            (Run(" No alert has been opened yet: one opens when a depth rises over a watermark,"),),
            (Run(" or is unknown for long."),),
        ]

    def do_open(self) -> None:
        view = self.alert
        if view is not None and self.kana.snapshot is not None and self.selected is None:
            self.refuse(f"{view.alert.mailbox} was archived or deleted.")
        elif view is not None:
            self.kana.open_page(Place.DETAIL, view.alert.mailbox_id)

    def do_copy(self) -> None:
        view = self.alert
        if view is not None:
            self.kana.copy(alert_facts(view, self.selected, self.now))

    def _keep(self, seen: AlertsSeen) -> None:
        known = self.kana.snapshot
        now = self._scene.clock.now() if known is None else known.time
        marks = self._scene.settings().watermarks.marks
        self._seen, self._found_for = seen, self._looked_for
        self._views = {
            alert.id: alert_view(alert, marks, now) for alert in (*seen.open, *seen.past)
        }
        self._entries = alert_entries(seen, list(self._views.values()))
