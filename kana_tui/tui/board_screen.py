"""Screen 1, the board: header, mailboxes, two lines about the selected one, keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from textual import events
from textual.app import ComposeResult
from textual.screen import Screen

from kana_tui.services.overview import Snapshot
from kana_tui.tui import actions
from kana_tui.tui.board import Board
from kana_tui.tui.details import details
from kana_tui.tui.header import HOSTED_HERE, Outage, hosts, notice_line, status_line
from kana_tui.tui.lean import LeanCompositor
from kana_tui.tui.line import Ink, Line, Lines, Run, cut_line
from kana_tui.tui.panel import Answer, KeysPanel, LeavePanel, Leaving
from kana_tui.tui.row import headings
from kana_tui.tui.scene import Scene

LEAST_WIDTH: Final = 60
LEAST_HEIGHT: Final = 15


class BoardScreen(Screen[None], inherit_bindings=False):
    """Owns what is known (the newest snapshot, or the outage) and has it drawn."""

    BINDINGS = actions.bindings(actions.BOARD)

    def __init__(self, scene: Scene) -> None:
        super().__init__()
        self._compositor = LeanCompositor()
        self._scene = scene
        self._snapshot: Snapshot | None = None
        self._outage: Outage | None = None

    def compose(self) -> ComposeResult:
        yield Lines(id="header")
        yield Lines(id="headings")
        yield Board(self._scene.glyphs, at=self._scene.at)
        yield Lines(id="instead")
        yield Lines(id="details")
        yield Lines(id="footer")
        yield Lines(id="story")

    def on_mount(self) -> None:
        self.set_class(self._scene.story is None, "untold")
        self._draw()

    def on_resize(self, event: events.Resize) -> None:
        small = event.size.width < LEAST_WIDTH or event.size.height < LEAST_HEIGHT
        self.set_class(small, "small")
        self._draw()

    def take(self, news: Snapshot | Outage) -> None:
        """Show what the feed brought."""
        if isinstance(news, Outage):
            self._outage = news
        else:
            self._outage, self._snapshot = None, news
            self.board.show(news)
        self._draw()

    @property
    def board(self) -> Board:
        return self.query_one(Board)

    def on_board_moved(self) -> None:
        self._draw()

    def action_down(self) -> None:
        self.board.move(1)

    def action_up(self) -> None:
        self.board.move(-1)

    def action_page_down(self) -> None:
        self.board.page(1)

    def action_page_up(self) -> None:
        self.board.page(-1)

    def action_first(self) -> None:
        self.board.move(-len(self.board.names))

    def action_last(self) -> None:
        self.board.move(len(self.board.names))

    def action_order(self) -> None:
        self.board.order()

    def action_keys(self) -> None:
        self.app.push_screen(KeysPanel(self._scene.glyphs))

    def action_leave(self) -> None:
        def answered(leaving: Leaving | None) -> None:
            if leaving is not None:
                self.app.exit(leaving)

        question, answers = self._question()
        self.app.push_screen(LeavePanel(self._scene.glyphs, question, answers), answered)

    def _question(self) -> tuple[str, Sequence[Answer]]:
        stay = Answer("Stay", None)
        if not self._scene.host.hosting:
            nodes = self._snapshot.nodes if self._snapshot else ()
            live = ", ".join(node.row.name for node in nodes if node.live)
            sentence = f"The engine of {live} goes on." if live else "No engine is live."
            return sentence, [stay, Answer("Leave", Leaving.STOP)]
        count = len(self._snapshot.mailboxes) if self._snapshot else 0
        sentence = (
            "The engine hosted here stops with this screen: no mail is downloaded "
            f"and no alert is sent for {_mailboxes(count)} until an engine runs again."
        )
        answers = [stay, Answer("Leave, and stop the engine", Leaving.STOP)]
        if self._scene.may_leave_running:
            answers.append(Answer("Leave it running", Leaving.LEAVE_RUNNING))
        return sentence, answers

    def _draw(self) -> None:
        """Bring every part up to date; each repaints what differs and nothing else."""
        if not self.is_mounted:
            return
        width = self.app.size.width
        empty = self._snapshot is None or not self._snapshot.mailboxes
        self.set_class(empty, "empty")
        self._show("header", self._header(width))
        self._show("headings", [headings(self.board.shown_columns)])
        self._show("instead", self._instead() if empty or self.has_class("small") else [])
        self._show("details", self._details(width))
        self._show("footer", [self._footer(width)])
        if self._scene.story is not None and self._snapshot is not None:
            self._show("story", [(Run(f" {self._scene.story(self._snapshot)}", Ink.TITLE),)])

    def _show(self, part: str, lines: Sequence[Line]) -> None:
        self.query_one(f"#{part}", Lines).show(lines)

    def _header(self, width: int) -> Sequence[Line]:
        glyphs = self._scene.glyphs
        notice = notice_line(
            self._snapshot,
            self._outage,
            self._scene.clock.now(),
            self._notices(),
            hosting=self._scene.host.hosting,
        )
        first: Line = (Run(" kana", Ink.TITLE), Run(f"  {self._scene.who}"))
        if self._snapshot is not None:
            first = status_line(self._snapshot, self._scene.who, width)
        return [cut_line(first, width, glyphs.ellipsis), cut_line(notice, width, glyphs.ellipsis)]

    def _notices(self) -> list[str]:
        above, below = self.board.worse_outside()
        told = [self._scene.trouble() or ""]
        told += [f"{above} worse above: o"] if above else []
        told += [f"{below} worse below: o"] if below else []
        if self._scene.host.hosting:
            told.append(HOSTED_HERE)
        if self._snapshot is not None:
            told += hosts(self._snapshot, self._scene.node if self._scene.host.hosting else "")
        return [text for text in told if text]

    def _details(self, width: int) -> Sequence[Line]:
        selected = self.board.selected
        if selected is None or self._snapshot is None:
            return []
        return details(selected, self._snapshot.time, width, self._scene.glyphs)

    def _footer(self, width: int) -> Line:
        runs: list[Run] = [Run(" ")]
        for action in actions.BOARD:
            if action.footer is not None:
                runs += [Run(action.shown.split()[0], Ink.KEY), Run(f" {action.footer}  ")]
        return cut_line(tuple(runs), width, self._scene.glyphs.ellipsis)

    def _instead(self) -> Sequence[Line]:
        """What stands where no board can."""
        if self.has_class("small"):
            size = self.app.size
            return [
                (Run(f"The board needs {LEAST_WIDTH}x{LEAST_HEIGHT} cells;"),),
                (Run(f"this terminal has {size.width}x{size.height}."),),
            ]
        if self._snapshot is None:
            return [(), (Run("  The store is being opened ..."),)]
        return [(), *self._welcome()]

    def _welcome(self) -> Sequence[Line]:
        return [
            (Run(" No mailboxes yet.", Ink.TITLE), Run(" In another terminal, type or copy:")),
            (),
            (Run("   kana-tui mailbox add --set name=Support \\", Ink.KEY),),
            (Run("     --set email_address=support@example.com \\", Ink.KEY),),
            (
                Run(
                    "     --set server=mail.example.com --set user=support --secret password",
                    Ink.KEY,
                ),
            ),
            (),
            (Run(f" Settings  {self._scene.config}"),),
            (Run(f" Log       {self._scene.log}"),),
            (),
            (Run(" To look around on made-up mail: "), Run("kana-tui demo", Ink.KEY)),
        ]


def _mailboxes(count: int) -> str:
    return "1 mailbox" if count == 1 else f"{count:,} mailboxes"
