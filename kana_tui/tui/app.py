"""The program with the screen: what Textual's own would do otherwise is replaced here."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from typing import Any, Final, TypeVar, cast

import structlog
from attrs import frozen
from rich.console import RenderableType
from textual import events
from textual.app import App
from textual.message import Message
from textual.screen import Screen
from textual.timer import Timer

from kana_tui.domain.errors import KanaError
from kana_tui.ports.commands import Order
from kana_tui.services.overview import Snapshot
from kana_tui.tui.action import Action, Situation
from kana_tui.tui.board_screen import BoardScreen
from kana_tui.tui.desk import ANSWERED_WITHIN_S, Repositories
from kana_tui.tui.feed import Delivered, Feed
from kana_tui.tui.header import Outage
from kana_tui.tui.journal import Entry, Journal, errors_changed
from kana_tui.tui.keyed import Keyed
from kana_tui.tui.keys_panel import KeysPanel
from kana_tui.tui.leaving import Leaving, leave_panel
from kana_tui.tui.line import Ink, Run
from kana_tui.tui.log_page import LogPage
from kana_tui.tui.mailbox_stop import MailboxStop
from kana_tui.tui.ordering import Ordering
from kana_tui.tui.orders import Given, Orders
from kana_tui.tui.page import Page
from kana_tui.tui.painted import Painted
from kana_tui.tui.palette_panel import PalettePanel
from kana_tui.tui.places import TYPED, Place
from kana_tui.tui.polling import Polling
from kana_tui.tui.safe import safe
from kana_tui.tui.scene import Scene
from kana_tui.tui.screens import OPENERS, TOP_PAGES
from kana_tui.tui.settling import Settling
from kana_tui.tui.styles import sheet
from kana_tui.tui.top_page import TopPage
from kana_tui.tui.undoing import LastChange
from kana_tui.tui.unframed_page import UnframedPage

log = structlog.get_logger()

TOAST_S: Final = 8.0

Answer = TypeVar("Answer")


@frozen
class Toast:
    """A sentence in the header's line. `page`: the only one that it is seen on, None: any."""

    run: Run
    page: Page | None = None


class KanaApp(App[Leaving], inherit_bindings=False):
    """Ends with how it was left; None after a signal or a crash (`crashed`).

    Knows what all pages show: the newest snapshot or the outage, the journal,
    the orders given here, and the toast, which is a run in the header's line.
    """

    ENABLE_COMMAND_PALETTE = False
    ALLOW_SELECT = False

    class News(Message):
        """Something from the feed's thread."""

        def __init__(self, news: Delivered) -> None:
            super().__init__()
            self.news = news

    class Answered(Message):
        """An answer from the desk's thread, and what to do with it here."""

        def __init__(self, deliver: Callable[[], None]) -> None:
            super().__init__()
            self.deliver = deliver

    def __init__(self, scene: Scene) -> None:
        # Told already here, or NO_COLOR would make greys of the colours: it is looked at in here.
        super().__init__(css_path=sheet(), ansi_color=scene.palette.ansi or None)
        self._scene = scene
        self.crashed: BaseException | None = None
        self.snapshot: Snapshot | None = None
        self.outage: Outage | None = None
        self.journal = Journal()
        self.orders = Orders(scene.clock.now)
        self._painted = Painted()
        self._toast: Toast | None = None
        self._toast_timer: Timer | None = None
        self._ordering = Ordering(self, scene)
        self.polling = Polling(self, scene)
        self.mailbox_stop = MailboxStop(self, scene)
        self.last_change = LastChange(self, scene)
        self.settling = Settling(self, scene)
        self._feed = Feed(scene.open_source, scene.clock, self._deliver, scene.every_s)
        self.register_theme(scene.palette)
        self.theme = scene.palette.name

    def get_default_screen(self) -> BoardScreen:
        return BoardScreen(self._scene)

    @property
    def there(self) -> frozenset[Place]:
        """The pages that can be opened by an action."""
        return frozenset({Place.BOARD, *OPENERS, *TOP_PAGES})

    def leave_soon(self) -> None:
        """Exit as soon as the event loop can; from any thread, and from a signal's handler."""
        loop = self._loop
        if loop is not None:
            loop.call_soon_threadsafe(self.exit)

    def ask(
        self,
        question: Callable[[Repositories], Awaitable[Answer]],
        then: Callable[[Answer], None],
        failed: Callable[[str], None] | None = None,
        within_s: float = ANSWERED_WITHIN_S,
    ) -> None:
        """Ask the store; `then` is called here with the answer.

        An error's sentence goes to `failed`, and if there is none becomes a toast.
        """

        def deliver(answer: Future[Answer]) -> None:
            if not answer.cancelled():
                with suppress(RuntimeError):  # the screen has been left
                    message = self.Answered(lambda: self._answered(answer, then, failed))
                    self.post_message(message)

        self._scene.desk.ask(question, within_s).add_done_callback(deliver)

    def command(
        self,
        order: Order,
        *,
        subject: str,
        name: str,
        verb: str,
        ended: Callable[[Given], None] | None = None,
    ) -> None:
        """Give an engine an order, and tell what became of it; see Ordering.give."""
        self._ordering.give(order, subject=subject, name=name, verb=verb, ended=ended)

    def say(self, sentence: str, ink: Ink = Ink.WARNING, on: Page | None = None) -> None:
        """Tell it in the header for some seconds, and in the log for good.

        `on`: the page that it makes sense on; without one it names what it is
        about, and whoever goes on to another screen reads it there.
        """
        self.journal.add(Entry(self._scene.clock.now(), sentence, ink))
        self._toast = Toast(Run(sentence, ink), on)
        if self._toast_timer is not None:
            self._toast_timer.stop()
        self._toast_timer = self.set_timer(TOAST_S, self._toast_ends)
        self.draw()

    def toast_on(self, page: Page) -> Run | None:
        """What was said just now, as far as it makes sense on this page."""
        toast = self._toast
        return toast.run if toast is not None and toast.page in (None, page) else None

    def go_on(self) -> None:
        """Have the next snapshot read, once all of this one is on the screen.

        Said again by each screen that comes to the front: Textual forgets what
        was to be called after a refresh of one that another comes to lie over.
        """
        self.call_after_refresh(self._feed.taken)

    def draw(self) -> None:
        """The page that is seen, under a panel too."""
        self.page.draw()

    @property
    def page(self) -> Page:
        """The uppermost page."""
        return next(s for s in reversed(self.screen_stack) if isinstance(s, Page))

    def copy(self, text: Sequence[str]) -> None:
        """Hand lines to the terminal's clipboard, and show them for its own selection."""
        told = "select it with the terminal"
        if self._scene.clipboard:
            self.copy_to_clipboard("\n".join(safe(line) for line in text))
            told = "copied, if the terminal allows it; or select it"
        self.push_screen(UnframedPage(self._scene, text, told))

    def open_log(self) -> None:
        self.push_screen(LogPage(self._scene))

    def open_keys(self, place: Place, situation: Situation) -> None:
        self.push_screen(KeysPanel(self._scene.glyphs, place, situation))

    def open_palette(
        self, place: Place, situation: Situation, chosen: Callable[[Action | None], None]
    ) -> None:
        self.push_screen(PalettePanel(self._scene.glyphs, place, situation), chosen)

    def open_page(self, place: Place, about: int) -> None:
        """The page of this place about the object of this ID."""
        self.push_screen(OPENERS[place](self._scene, about))

    def open_screen(self, place: Place) -> None:
        """A top screen in the place of all that is open, if no page has something to keep."""
        if self.page.place is not place:
            pages = [s for s in reversed(self.screen_stack) if isinstance(s, Page)]
            self._part(pages, lambda: self._switch(place))

    def leave(self) -> None:
        """Exit, after a question that names what stops."""

        def answered(leaving: Leaving | None) -> None:
            if leaving is not None:
                self.exit(leaving)

        scene = self._scene
        panel = leave_panel(
            scene.glyphs,
            self.snapshot,
            hosting=scene.host.hosting,
            may_leave_running=scene.may_leave_running,
        )
        self.push_screen(panel, answered)

    def on_mount(self) -> None:
        self._feed.start()

    def on_unmount(self) -> None:
        self._feed.stop()

    def on_key(self, event: events.Key) -> None:
        """A printable key is text where one types.

        Asked here, where keys are looked up, and not where they come in: of keys
        that arrive in one piece, all do before the first has had its effect.
        """
        if event.is_printable and event.character and self._type(event.character):
            event.prevent_default()

    def on_paste(self, event: events.Paste) -> None:
        self._type(event.text)

    def on_resize(self, _event: events.Resize) -> None:
        self._painted.forget()

    def on_kana_app_news(self, message: News) -> None:
        if isinstance(message.news, Exception):
            raise message.news
        self._know(message.news)
        self.page.take(message.news)
        self._ordering.ask_for_answers()
        self.settling.look_again()
        self.go_on()

    def on_kana_app_answered(self, message: Answered) -> None:
        message.deliver()

    def _part(self, pages: Sequence[Page], then: Callable[[], None]) -> None:
        """`then`, once each page has nothing more to keep."""
        if pages:
            pages[0].part(lambda: self._part(pages[1:], then))
        else:
            then()

    def _switch(self, place: Place) -> None:
        """The board lies below; of the others one at a time over it, each as it was left."""
        with self.batch_update():
            while len(self.screen_stack) > 2:
                self.pop_screen()
            under = len(self.screen_stack) == 1
            left = self.screen
            if place is Place.BOARD and not under:
                self.pop_screen()
            elif place is not Place.BOARD and under:
                self.push_screen(self._top_page(place))
            elif place is not Place.BOARD:
                self.switch_screen(self._top_page(place))
        if isinstance(left, TopPage) and not left.lasting:
            self.uninstall_screen(left)

    def _top_page(self, place: Place) -> TopPage:
        if not self.is_screen_installed(place):
            self.install_screen(TOP_PAGES[place](self._scene), place)
        return cast("TopPage", self.get_screen(place))

    def panic(self, *_renderables: RenderableType) -> None:
        self._fatal_error()

    def _type(self, text: str) -> bool:
        """Whether there is a place for it."""
        screen = self.screen
        if isinstance(screen, Keyed) and screen.place in TYPED:
            screen.type(text)
            return True
        return False

    def _know(self, news: Snapshot | Outage) -> None:
        if isinstance(news, Outage):
            if self.outage is None:
                self.journal.add(Entry(news.since, news.sentence, Ink.HIGH))
            self.outage = news
            return
        if self.outage is not None:
            self.journal.add(Entry(news.time, "The store is read again."))
        self.journal.add(*errors_changed(self.snapshot, news))
        self.outage, self.snapshot = None, news

    def _answered(
        self,
        answer: Future[Answer],
        then: Callable[[Answer], None],
        failed: Callable[[str], None] | None,
    ) -> None:
        error = answer.exception()
        if error is None:
            then(answer.result())
            return
        sentence = str(error)
        if not isinstance(error, KanaError):
            log.error("screen.question", exc_info=error)
            sentence = f"A fault of this program ({type(error).__name__}); its log tells more."
        (failed or self.say)(sentence)

    def _toast_ends(self) -> None:
        self._toast = None
        self.draw()

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

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        super()._display(screen, cast("RenderableType", self._painted.less(renderable, self.page)))

    def _set_pointer_shape(self, shape: str) -> None:
        """The pointer is the terminal's own affair; Textual would send its shape."""

    def action_help_quit(self) -> None:
        """Textual's hint at its own keys; ours are declared in `actions`."""

    def get_system_commands(self, screen: Any) -> Any:  # noqa: ARG002  # as Textual calls it
        """None: one of them writes a file."""
        return iter(())
