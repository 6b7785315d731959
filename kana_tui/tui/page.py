"""A page: a screen of full size, with the header, the body of its own, and the keys."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final, cast

from attrs import evolve
from textual import events
from textual.app import ComposeResult
from textual.screen import Screen

from kana_tui.services.overview import MailboxView, Snapshot
from kana_tui.services.signing_in import Proven, no_sign_in
from kana_tui.tui.action import Action, Situation
from kana_tui.tui.actions import footer
from kana_tui.tui.facts import facts
from kana_tui.tui.header import (
    HOSTED_HERE,
    READ_ONLY,
    Outage,
    hosts,
    mutes,
    notice_line,
    status_line,
)
from kana_tui.tui.keyed import Keyed
from kana_tui.tui.lean import LeanCompositor
from kana_tui.tui.line import Ink, Line, Lines, Run, cut_line, line_cells
from kana_tui.tui.orders import about_mailbox
from kana_tui.tui.places import Place
from kana_tui.tui.probe_panel import ProbePanel
from kana_tui.tui.probe_run import of_stored
from kana_tui.tui.scene import Scene
from kana_tui.tui.sign_in_panel import SignInPanel

if TYPE_CHECKING:
    from kana_tui.tui.app import KanaApp

LEAST_WIDTH: Final = 60
LEAST_HEIGHT: Final = 15


class Page(Keyed, Screen[None], inherit_bindings=False):
    """Draws from what the app knows (`kana.snapshot`, `kana.outage`), on `take` and on `draw`.

    No widget takes the focus, so that none is lost with one that hides: keys
    come to the page.
    """

    AUTO_FOCUS = None

    def __init__(self, scene: Scene) -> None:
        super().__init__()
        self._compositor = LeanCompositor()
        self._scene = scene

    @property
    def kana(self) -> KanaApp:
        return cast("KanaApp", self.app)

    @property
    def is_mounted(self) -> bool:
        """Textual's stays true of a page that was taken off, whose parts are gone already."""
        return super().is_mounted and self in self.app.screen_stack

    @property
    def selected(self) -> MailboxView | None:
        """The mailbox that this page, or the cursor on it, is about."""
        return None

    @property
    def no_sign_in(self) -> str | None:
        """Why nobody can sign in for the mailbox that this page is about."""
        mailbox = self.selected
        if mailbox is None:
            return "No mailbox is selected."
        return no_sign_in(mailbox.name, mailbox.auth_type)

    @property
    def probes(self) -> bool:
        """Whether `do_test` can test the logins of what this page is about."""
        return self._scene.probing is not None and self.selected is not None

    def above(self) -> ComposeResult:
        """The widgets over the body."""
        yield Lines(id="header")

    def body(self) -> ComposeResult:
        """The widgets between the header and the keys."""
        raise NotImplementedError

    def take(self, news: Snapshot | Outage) -> None:
        """What the feed brought; the app knows it already."""
        del news
        self.draw()

    def draw(self) -> None:
        """Bring every part up to date; each repaints what differs and nothing else."""
        if not self.is_mounted:
            return
        width = self.app.size.width
        self.show("header", self._header(width))
        self.show("instead", self.instead())
        self.show("footer", [self.cut(self.keys_line())])

    def notices(self) -> Sequence[str]:
        """What this page has to say in the header's second line."""
        return ()

    def instead(self) -> Sequence[Line]:
        """What stands where no body can."""
        size = self.app.size
        return [
            (Run(f"The screen needs {LEAST_WIDTH}x{LEAST_HEIGHT} cells;"),),
            (Run(f"this terminal has {size.width}x{size.height}."),),
        ]

    def keys_line(self) -> Line:
        """The keys that matter here; those that cannot be used now are quiet."""
        situation = self.situation()
        keys = [self._key(action, situation) for action in footer(self.place)]
        runs = [run for key in _fitting(keys, self.app.size.width) for run in key]
        if runs:  # blanks after the last key would count as something that was cut
            runs[-1] = evolve(runs[-1], text=runs[-1].text.rstrip())
        return (Run(" "), *runs)

    def compose(self) -> ComposeResult:
        yield from self.above()
        yield from self.body()
        yield Lines(id="instead")
        yield Lines(id="footer")

    def on_mount(self) -> None:
        self.draw()

    def on_screen_resume(self) -> None:
        """While another page lay over it, it was told nothing: what is hidden must not be drawn."""
        known = self.kana.snapshot
        if known is not None and self.is_mounted:
            self.take(known)
        self.kana.go_on()

    def on_resize(self, event: events.Resize) -> None:
        small = event.size.width < LEAST_WIDTH or event.size.height < LEAST_HEIGHT
        self.set_class(small, "small")
        self.draw()

    def show(self, part: str, lines: Sequence[Line]) -> None:
        self.query_one(f"#{part}", Lines).show(lines)

    def cut(self, line: Line) -> Line:
        return cut_line(line, self.app.size.width, self._scene.glyphs.ellipsis)

    def situation(self) -> Situation:
        mailbox, known, orders = self.selected, self.kana.snapshot, self.kana.orders
        return Situation(
            read_only=self._scene.read_only,
            role=self._scene.role(),
            engine_live=known is not None and known.engine_live,
            selected=mailbox,
            there=self.kana.there,
            pending=mailbox is not None and orders.pending(about_mailbox(mailbox)),
            again_in_s=None if mailbox is None else self.kana.polling.again_in_s(mailbox),
            no_sign_in=self.no_sign_in,
            probes=self.probes,
        )

    def refuse(self, sentence: str) -> None:
        self.kana.say(sentence, on=self)

    def perform(self, action: Action) -> None:
        if action.opens is None or action.refusal(self.situation()) is not None:
            super().perform(action)
        else:
            self.kana.open_screen(action.opens)

    def part(self, then: Callable[[], None]) -> None:
        """Another screen is wanted: `then` opens it, once nothing is lost by that."""
        then()

    def do_now(self) -> None:
        if self.selected is not None:
            self.kana.polling.start(self.selected)

    def do_stop_mailbox(self) -> None:
        if self.selected is not None:
            self.kana.mailbox_stop.turn(self.selected)

    def do_undo(self) -> None:
        self.kana.last_change.undo()

    def do_edit(self) -> None:
        if self.selected is not None:
            self.kana.open_page(Place.FORM, self.selected.id)

    def do_sign_in(self) -> None:
        if self.selected is not None:
            self.sign_in(self.selected.id, self.selected.name)

    def sign_in(self, mailbox_id: int, name: str) -> None:
        def ended(proven: Proven | None) -> None:
            if proven is not None:
                self.kana.say(str(proven), Ink.PLAIN)

        self.app.push_screen(SignInPanel(self._scene, mailbox_id, name), ended)

    def do_test(self) -> None:
        if self.selected is not None:
            plan = of_stored(self.selected.id)
            self.app.push_screen(ProbePanel(self._scene, self.selected.name, plan))

    def do_copy(self) -> None:
        known, mailbox = self.kana.snapshot, self.selected
        if known is not None and mailbox is not None:
            self.kana.copy(facts(mailbox, known.time))

    def do_log(self) -> None:
        self.kana.open_log()

    def do_keys(self) -> None:
        self.kana.open_keys(self.place, self.situation())

    def do_palette(self) -> None:
        def chosen(action: Action | None) -> None:
            if action is not None:
                self.perform(action)

        self.kana.open_palette(self.place, self.situation(), chosen)

    def do_close(self) -> None:
        self.dismiss()

    def do_back(self) -> None:
        self.dismiss()

    def _key(self, action: Action, situation: Situation) -> Line:
        possible = action.refusal(situation) is None
        key, label = action.shown_in(self.place).split()[0], action.label_in(self.place)
        return (
            Run(key, Ink.KEY if possible else Ink.QUIET),
            Run(f" {label}  ", Ink.PLAIN if possible else Ink.QUIET),
        )

    def _header(self, width: int) -> Sequence[Line]:
        known, outage = self.kana.snapshot, self.kana.outage
        first: Line = (Run(" kana", Ink.TITLE), Run(f"  {self._scene.who}"))
        if known is not None:
            first = status_line(known, self._scene.who, width)
        told = [text for text in (*self.notices(), *self._standing_notices()) if text]
        hosting = self._scene.host.hosting
        second = notice_line(known, outage, self._scene.clock.now(), told, hosting=hosting)
        toast = self.kana.toast_on(self)
        if toast is not None:
            second = (Run(" "), toast, Run(" "), *second)
        return [self.cut(first), self.cut(second)]

    def _standing_notices(self) -> Sequence[str]:
        """What every page says: wrong settings, and who hosts."""
        known, hosting = self.kana.snapshot, self._scene.host.hosting
        told = [self._scene.trouble() or "", READ_ONLY if self._scene.read_only else ""]
        if hosting:
            told.append(HOSTED_HERE)
        if known is not None:
            told += mutes(known)
            told += hosts(known, self._scene.node if hosting else "")
        return told


def _fitting(keys: Sequence[Line], width: int) -> list[Line]:
    """The last two are the help and the way out: on a narrow screen others give way to them."""
    kept = list(keys)
    while len(kept) > 2 and 1 + sum(map(line_cells, kept)) - len("  ") > width:
        del kept[-3]
    return kept
