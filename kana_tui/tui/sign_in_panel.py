"""Signing in for a mailbox: what to open, what to type or paste, and what came of it."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Final, TypeVar, cast

import structlog
from textual import events

from kana_tui.domain.errors import InvalidValueError, KanaError
from kana_tui.ports.authorization import Granted
from kana_tui.ports.tokens import ANSWERED_WITHIN_S, TokenDelayedError
from kana_tui.services.signing_in import BrowserSignIn, CodeSignIn, Proven, SigningIn, typed
from kana_tui.tui.action import Situation
from kana_tui.tui.actions import by_key
from kana_tui.tui.desk import Repositories
from kana_tui.tui.edited_line import EditedLine
from kana_tui.tui.keyed import bindings
from kana_tui.tui.line import Ink, Line, Run
from kana_tui.tui.line_editor import LineEditor
from kana_tui.tui.panel import Panel
from kana_tui.tui.places import Place
from kana_tui.tui.scene import Scene
from kana_tui.tui.wrapping import wrapped

if TYPE_CHECKING:
    from kana_tui.tui.app import KanaApp

ASKED_WITHIN_S: Final = 2 * ANSWERED_WITHIN_S
"""Keeping what was granted asks for a token, too."""
_KEY: Final = "i"
_KEYS: Final = 1
"""Lines at the end that tell the keys: panels have no footer."""
_TROUBLE_MOST: Final = 8

log = structlog.get_logger()

Answer = TypeVar("Answer")
Work = Callable[[], Awaitable[Proven | None]]


class SignInPanel(EditedLine, Panel[Proven], inherit_bindings=False):
    """Answers with what was proven. Esc gives up: a worker of the panel's own does the asking,
    and nothing is kept before all was granted."""

    BINDINGS = bindings(Place.SIGN_IN, Place.REDIRECT)

    def __init__(self, scene: Scene, mailbox_id: int, name: str) -> None:
        super().__init__(scene.glyphs)
        self._scene = scene
        self._mailbox_id = mailbox_id
        self._name = name
        self._begun: CodeSignIn | BrowserSignIn | None = None
        self._pasting: LineEditor | None = None
        self._asking: str | None = None
        self._trouble: str | None = None
        self._proven: Proven | None = None
        self._top = 0

    @property
    def place(self) -> Place:
        return Place.SIGN_IN if self._pasting is None else Place.REDIRECT

    @property
    def line(self) -> LineEditor | None:
        return self._pasting

    def situation(self) -> Situation:
        scene, begun = self._scene, self._begun is not None
        return Situation(
            read_only=scene.read_only,
            role=scene.role(),
            listed=begun,
            nothing="There is nothing to copy.",
            no_sign_in=None,
        )

    def refuse(self, sentence: str) -> None:
        self._trouble = sentence
        self.draw()

    def on_mount(self) -> None:
        self._begin()

    def on_screen_resume(self) -> None:
        super().on_screen_resume()
        self.draw()
        self._close_if_proven()

    def on_paste(self, event: events.Paste) -> None:
        """A paste is the address, whether one was asked for it yet or not."""
        event.stop()
        if isinstance(self._begun, BrowserSignIn) and self._asking is None:
            self._pasting = self._pasting or LineEditor()
            self.type(event.text)

    def draw(self) -> None:
        if self.is_active:
            super().draw()

    def lines(self) -> Sequence[Line]:
        above, address, below = self._above(), self._address(), self._below()
        room = self.highest - len(above) - len(below) - _KEYS
        trouble = self._told_trouble()[: max(1, room - 1)]
        room = max(1, room - len(trouble))
        self._top = max(0, min(self._top, len(address) - room))
        shown = address[self._top : self._top + room]
        return [*above, *shown, *below, *trouble, self._keys()]

    def line_changed(self, *, text: bool) -> None:
        del text
        self.draw()

    def do_apply(self) -> None:
        """What comes next: paste, redeem, or begin again."""
        pasting, begun = self._pasting, self._begun
        if self._asking is not None:
            return
        if begun is None:
            self._begin()
        elif isinstance(begun, BrowserSignIn) and pasting is None:
            self._pasting = LineEditor()
            self.draw()
        elif isinstance(begun, BrowserSignIn) and pasting is not None:
            self._pasting = None
            self._work("It is redeemed", partial(self._redeem, begun, pasting.text))

    def do_copy(self) -> None:
        match self._begun:
            case CodeSignIn(prompt=code):
                self._kana.copy([code.verification_url, code.user_code])
            case BrowserSignIn(prompt=page):
                self._kana.copy([page.url])

    def do_down(self) -> None:
        self._scroll(1)

    def do_up(self) -> None:
        self._scroll(-1)

    def do_page_down(self) -> None:
        self._scroll(4)

    def do_page_up(self) -> None:
        self._scroll(-4)

    def do_close(self) -> None:
        if self._pasting is None:
            super().do_close()
        else:
            self._pasting = None
            self.draw()

    @property
    def _kana(self) -> KanaApp:
        return cast("KanaApp", self.app)

    def _scroll(self, lines: int) -> None:
        self._top += lines
        self.draw()

    def _begin(self) -> None:
        self._work("The authorization server is asked", self._run)

    def _work(self, asking: str, work: Work) -> None:
        self._asking, self._trouble = asking, None
        self.draw()
        self.run_worker(self._worked(work), exclusive=True, exit_on_error=True)

    async def _worked(self, work: Work) -> None:
        try:
            self._proven = await work()
        except KanaError as error:
            self._failed(error, str(error))
        except Exception as error:  # a fault of ours: the panel tells of it
            log.error("screen.sign_in", exc_info=error)
            told = f"A fault of this program ({type(error).__name__}); its log tells more."
            self._failed(error, told)
        else:
            self._asking = None
            self._close_if_proven()
        self.draw()

    def _failed(self, error: Exception, told: str) -> None:
        """A page that was opened may be tried again; a code, and what was refused, is no more."""
        again = isinstance(error, InvalidValueError | TokenDelayedError)
        if not again or not isinstance(self._begun, BrowserSignIn):
            self._begun = None
        self._asking, self._trouble = None, told

    async def _run(self) -> Proven | None:
        begun = await self._ask(lambda use: use.begin(self._mailbox_id))
        if isinstance(begun, Proven):
            return begun
        self._begun, self._asking, self._top = begun, None, 0
        self.draw()
        if isinstance(begun, BrowserSignIn):
            return None
        return await self._keep(begun, await typed(begun, self._look))

    async def _look(self, code: CodeSignIn) -> Granted | None:
        granted = await self._ask(lambda use: use.look(code))
        self.draw()  # a minute may have passed
        return granted

    async def _redeem(self, begun: BrowserSignIn, pasted: str) -> Proven:
        return await self._keep(begun, await self._ask(lambda use: use.redeem(begun, pasted)))

    async def _keep(self, begun: CodeSignIn | BrowserSignIn, granted: Granted) -> Proven:
        """Who might sign in when it began may not by now."""
        refusal = by_key(Place.DETAIL)[_KEY].refusal(self.situation())
        if refusal is not None:
            raise KanaError(refusal)
        self._asking = "It is saved"
        self.draw()
        return await self._ask(lambda use: use.keep(begun, granted, self._scene.actor))

    async def _ask(self, question: Callable[[SigningIn], Awaitable[Answer]]) -> Answer:
        """Answered in the desk's thread, never in the screen's own."""
        sign_in = self._scene.sign_in
        if sign_in is None:
            raise KanaError("Nobody can sign in from here.")

        async def answer(store: Repositories) -> Answer:
            async with sign_in(store) as use:
                return await question(use)

        return await asyncio.wrap_future(self._scene.desk.ask(answer, ASKED_WITHIN_S))

    def _close_if_proven(self) -> None:
        """Once it is the uppermost: what is copied lies over it."""
        if self._proven is not None and self.is_active:
            self.dismiss(self._proven)

    def _above(self) -> list[Line]:
        lines: list[Line] = [(Run(f"Sign in for {self._name}", Ink.TITLE),), self._blank]
        match self._begun:
            case CodeSignIn():
                lines += self._told("Open on any device:")
            case BrowserSignIn(credential=credential):
                lines += self._told(f"Open in a browser, and sign in as {credential.user}:")
        return lines

    def _address(self) -> list[Line]:
        match self._begun:
            case CodeSignIn(prompt=code):
                return self._told(code.verification_url, Ink.KEY)
            case BrowserSignIn(prompt=page):
                return self._told(page.url, Ink.KEY)
        return []

    def _below(self) -> list[Line]:
        lines: list[Line] = []
        match self._begun:
            case CodeSignIn() as code:
                lines += self._of_code(code)
            case BrowserSignIn(prompt=page):
                lines += self._told(f"It ends at {page.redirect_url}...: paste that address here.")
                lines += self._pasted()
        if self._asking is not None:
            lines += self._told(f"{self._asking}{self._glyphs.dots}")
        return lines

    def _told_trouble(self) -> list[Line]:
        if self._trouble is None:
            return []
        return self._told(self._trouble, Ink.WARNING)[:_TROUBLE_MOST]

    def _of_code(self, code: CodeSignIn) -> list[Line]:
        left_s = code.ends_at_s - self._scene.clock.monotonic()
        minutes = max(0, math.ceil(left_s / 60))
        return [
            (),
            (Run("Type there:  "), Run(f"  {code.prompt.user_code}  ", Ink.CURSOR), Run(" ")),
            (),
            *self._told(f"Sign in as {code.credential.user}."),
            *self._told(f"The code lasts {minutes} min more. This closes by itself."),
        ]

    def _pasted(self) -> list[Line]:
        """That it is a code for once: its length is enough."""
        if self._pasting is None:
            return []
        count = len(self._pasting.text)
        told = f"{count:,} characters, not shown " if count else ""
        return [(Run("> ", Ink.KEY), Run(told), Run(" ", Ink.CURSOR), Run(" "))]

    def _keys(self) -> Line:
        shown: dict[str, str] = {}
        if self._pasting is not None:
            shown = {"Enter": "signs in", "Esc": "drops it"}
        elif self._begun is not None:
            shown = {"c": "copies"}
            if isinstance(self._begun, BrowserSignIn):
                shown["Enter"] = "to paste"
            shown["Esc"] = "gives up"
        else:
            again = {"Enter": "begins again"} if self._asking is None else {}
            shown = {**again, "Esc": "gives up"}
        runs = ((Run(key, Ink.KEY), Run(f" {told}  ")) for key, told in shown.items())
        return tuple(run for pair in runs for run in pair)

    def _told(self, text: str, ink: Ink = Ink.PLAIN) -> list[Line]:
        return [(Run(line, ink),) for line in wrapped(text, self.widest - 4)]

    @property
    def _blank(self) -> Line:
        """As wide as the panel may be, so that it keeps its place."""
        return (Run(" " * (self.widest - 4)),)
