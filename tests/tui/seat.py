"""In front of the screen, by Textual's Pilot."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Final

from textual.pilot import Pilot

from kana_tui.tui.app import KanaApp
from kana_tui.tui.board import Board
from kana_tui.tui.board_screen import BoardScreen
from kana_tui.tui.leaving import Leaving
from kana_tui.tui.line import Lines
from kana_tui.tui.listing import Listing
from tests.tui.scenes import app
from tests.tui.stage import ACME, Stage, mailbox

WORST_FIRST: Final = ["support", "old-desk", "faxes", "sales", "orders", "returns"]
MANY: Final = (*ACME, *(mailbox(i, f"box {i}", i) for i in range(10, 60)))


class Seat:
    """In front of the board: what it says, and keys to press."""

    def __init__(self, stage: Stage, pilot: Pilot[Leaving]) -> None:
        self.stage = stage
        self.pilot = pilot

    @property
    def app(self) -> KanaApp:
        assert isinstance(self.pilot.app, KanaApp)
        return self.pilot.app

    @property
    def screen(self) -> BoardScreen:
        screen = self.app.screen_stack[0]
        assert isinstance(screen, BoardScreen)
        return screen

    @property
    def board(self) -> Board:
        return self.screen.query_one(Board)

    @property
    def selected(self) -> str:
        assert self.board.selected is not None
        return self.board.selected.name

    def part(self, name: str) -> str:
        return self.screen.query_one(f"#{name}", Lines).text

    def panel(self) -> str:
        """The panel's text, nothing if none is open."""
        found = self.app.screen.query("#panel")
        return "" if not found else found.only_one(Lines).text

    @property
    def page(self) -> str:
        """The uppermost page's name."""
        return str(self.app.page.place)

    def listing(self) -> str:
        """The text of the uppermost page's listing."""
        return self.app.page.query_one(Listing).text

    def last_line(self) -> str:
        """The uppermost page's last line."""
        return self.app.page.query_one("#footer", Lines).text

    def header(self) -> str:
        """The uppermost page's header."""
        return self.app.page.query_one("#header", Lines).text

    def row(self, index: int) -> str:
        return self.board.render_line(index).text

    def board_shown(self) -> bool:
        return self.board.display

    def words(self, index: int) -> str:
        return " ".join(self.row(index).split())

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def until(self, condition: Callable[[], bool]) -> None:
        """Let the app work until it holds; the test's own time limit ends it."""
        while not condition():
            await self.pilot.pause(0.01)

    async def told(self) -> None:
        """Until everything written to the stage is on the board: the second read from now began
        after the first was drawn, and that one may have begun before the write."""
        for _ in range(2):
            reads = self.stage.reads
            self.stage.touch()
            await self.until(lambda: self.stage.reads > reads)  # noqa: B023
        await self.pilot.pause()


@asynccontextmanager
async def seated(
    stage: Stage | None = None, size: tuple[int, int] = (80, 24), **own: Any
) -> AsyncIterator[Seat]:
    stage = stage or Stage()
    async with app(stage, **own).run_test(size=size) as pilot:
        seat = Seat(stage, pilot)
        await seat.until(lambda: stage.reads > 0 and seat.part("header").count(" of ") == 1)
        await pilot.pause()
        yield seat
