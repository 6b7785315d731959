"""The peer: the same rows in Textual's own DataTable, as its guide shows it.

A line on descriptor COMMANDS becomes the depth of the second mailbox.
"""

from __future__ import annotations

import os
import sys
import threading

from textual.app import App, ComposeResult
from textual.widgets import DataTable, Footer, Header

from kana_tui.tui.glyphs import UNICODE
from kana_tui.tui.row import columns, row
from tests.tui.stage import Stage, mailbox


class StockTable(App[None]):
    """Header, table, footer; a changed cell is updated by `update_cell`."""

    def __init__(self, count: int, commands: int) -> None:
        super().__init__()
        self._count = count
        self._commands = commands

    def compose(self) -> ComposeResult:
        yield Header()
        yield DataTable[str](cursor_type="row")
        yield Footer()

    def on_mount(self) -> None:
        table = self.query_one(DataTable)
        shown = columns(80)
        for column in shown:
            table.add_column(column.title, key=column.title)
        boxes = tuple(mailbox(i, f"box {i}", i % 90) for i in range(1, self._count + 1))
        for view in Stage(boxes).snapshot().mailboxes:
            cells = [run.text for run in row(view, shown, UNICODE, cursor=False)][::2]
            table.add_row(*cells, key=str(view.id))
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        with os.fdopen(self._commands) as lines:
            for line in lines:
                self.call_from_thread(self._change, line.strip())

    def _change(self, depth: str) -> None:
        self.query_one(DataTable).update_cell("2", "Depth ", depth)


if __name__ == "__main__":
    StockTable(int(sys.argv[1]), int(sys.argv[2])).run(mouse=False)
