"""The program with the screen: what Textual's own would do otherwise is replaced here."""

from __future__ import annotations

import sys
from typing import Any

import structlog
from rich.console import RenderableType
from textual.app import App
from textual.message import Message

from kana_tui.tui.board_screen import BoardScreen
from kana_tui.tui.feed import Delivered, Feed
from kana_tui.tui.panel import Leaving
from kana_tui.tui.scene import Scene
from kana_tui.tui.styles import sheet

log = structlog.get_logger()


class KanaApp(App[Leaving], inherit_bindings=False):
    """Ends with how it was left; None after a signal or a crash (`crashed`)."""

    ENABLE_COMMAND_PALETTE = False
    ALLOW_SELECT = False

    class News(Message):
        """Something from the feed's thread."""

        def __init__(self, news: Delivered) -> None:
            super().__init__()
            self.news = news

    def __init__(self, scene: Scene) -> None:
        # Told already here, or NO_COLOR would make greys of the colours: it is looked at in here.
        super().__init__(css_path=sheet(), ansi_color=scene.palette.ansi or None)
        self._scene = scene
        self.crashed: BaseException | None = None
        self._feed = Feed(scene.open_source, scene.clock, self._deliver, scene.every_s)
        self.register_theme(scene.palette)
        self.theme = scene.palette.name

    def get_default_screen(self) -> BoardScreen:
        return BoardScreen(self._scene)

    def leave_soon(self) -> None:
        """Exit as soon as the event loop can; from any thread, and from a signal's handler."""
        loop = self._loop
        if loop is not None:
            loop.call_soon_threadsafe(self.exit)

    def on_mount(self) -> None:
        self._feed.start()

    def on_unmount(self) -> None:
        self._feed.stop()

    def on_kana_app_news(self, message: News) -> None:
        if isinstance(message.news, Exception):
            raise message.news
        board = self.screen_stack[0]
        assert isinstance(board, BoardScreen)  # noqa: S101  # the bottom of the stack, always
        board.take(message.news)
        self.call_after_refresh(self._feed.taken)

    def panic(self, *_renderables: RenderableType) -> None:
        self._fatal_error()

    def _fatal_error(self) -> None:
        """Textual's prints the local variables of every frame, a password among them."""
        self.crashed = self._exception or sys.exc_info()[1] or RuntimeError("unknown")
        log.error("screen.crashed", exc_info=self.crashed)
        self._close_messages_no_wait()

    def _deliver(self, news: Delivered) -> None:
        self.post_message(self.News(news))

    def _print_error_renderables(self) -> None:
        """Nothing of Textual's is printed after the end."""
        self._exit_renderables.clear()

    def _set_pointer_shape(self, shape: str) -> None:
        """The pointer is the terminal's own affair; Textual would send its shape."""

    def action_help_quit(self) -> None:
        """Textual's hint at its own keys; ours are declared in `actions`."""

    def get_system_commands(self, screen: Any) -> Any:  # noqa: ARG002  # as Textual calls it
        """None: one of them writes a file."""
        return iter(())
