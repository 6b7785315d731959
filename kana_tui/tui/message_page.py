"""One message: who, when, about what, its text, and at the end all of its headers."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final

from textual import events

from kana_tui.ports.messages import MessageRow
from kana_tui.services.overview import MailboxView
from kana_tui.services.reading import OpenedMessage, open_message
from kana_tui.tui.amounts import short_size
from kana_tui.tui.keyed import bindings
from kana_tui.tui.line import Ink, Line, Run
from kana_tui.tui.listing_page import ListingPage
from kana_tui.tui.places import Place
from kana_tui.tui.safe import fit
from kana_tui.tui.scene import Scene
from kana_tui.tui.wrapping import wrapped

TEXT_SHOWN: Final = 200_000
"""Characters; `kana-tui message show` has the rest."""
TEXT_COPIED: Final = 20_000
"""Characters that are handed to the terminal's clipboard."""
HEADER_LINES: Final = 4
"""Of each header before the text: the longest must not push the text away."""
_FIRST: Final = ("From", "To", "Cc", "Date", "Subject")
_LABEL: Final = 9


class MessagePage(ListingPage, inherit_bindings=False):
    """A stored message never changes, so it is read once, and broken into lines once a width."""

    BINDINGS = bindings(Place.MESSAGE)

    place = Place.MESSAGE

    def __init__(self, scene: Scene, message_id: int) -> None:
        super().__init__(scene)
        self._message_id = message_id
        self._opened: OpenedMessage | None = None
        self._told = "The message is being read ..."
        self._made: tuple[int, Sequence[Line]] | None = None

    @property
    def selected(self) -> MailboxView | None:
        known, opened = self.kana.snapshot, self._opened
        if known is None or opened is None:
            return None
        return next((m for m in known.mailboxes if m.name == opened.row.mailbox), None)

    def on_mount(self) -> None:
        super().on_mount()
        read, message_id = self._scene.read_message, self._message_id
        self.kana.ask(
            lambda store: open_message(store.messages, message_id, read), self._take, self._fail
        )

    def on_resize(self, event: events.Resize) -> None:
        super().on_resize(event)
        self._break_anew()

    def lines(self, width: int) -> tuple[Sequence[Line], int]:
        if self._made is None:
            return [(), *((Run(f"   {line}"),) for line in wrapped(self._told, width - 6))], 0
        return self._made[1], 0

    def do_copy_message(self) -> None:
        if self._opened is None:
            self.refuse("The message is not read yet.")
        else:
            self.kana.copy(list(_copied(self._opened)))

    def _take(self, opened: OpenedMessage | None) -> None:
        if not self.is_mounted:
            return
        self._opened = opened
        if opened is None:
            self._fail(f"Message {self._message_id} is not in the store any more.")
        else:
            self._break_anew()

    def _fail(self, sentence: str) -> None:
        if self.is_mounted:
            self._told = sentence
            self.draw()

    def _break_anew(self) -> None:
        """In a thread: a long text of wide characters takes a while."""
        if self._opened is not None:
            self.run_worker(self._broken(self._opened, self.app.size.width), exclusive=True)

    async def _broken(self, opened: OpenedMessage, width: int) -> None:
        self._made = width, await asyncio.to_thread(_lines, opened, width)
        self.draw()


def _lines(opened: OpenedMessage, width: int) -> list[Line]:
    """Every line at most `width` cells."""
    room = width - 2
    lines = [line for name, text in _main(opened) for line in _header(name, text, room)]
    lines += [*_header("Stored", _stored(opened.row), room), ()]
    text = opened.text[:TEXT_SHOWN]
    lines += [(Run(f" {line}"),) for line in wrapped(text, room)]
    if opened.cut or len(opened.text) > TEXT_SHOWN:
        told = f"Shown in part; all of it: kana-tui message show {opened.row.id}"
        lines += [(), (Run(f" {told}", Ink.WARNING),)]
    lines += [(), (Run(" All headers", Ink.TITLE),)]
    for name, value in opened.headers:
        lines += [(Run(f" {line}"),) for line in wrapped(f"{name}: {value}", room)]
    return lines


def _main(opened: OpenedMessage) -> Iterator[tuple[str, str]]:
    """The headers that a person looks for, each as often as it is there."""
    for wanted in _FIRST:
        for name, value in opened.headers:
            if name.casefold() == wanted.casefold():
                yield wanted, value


def _header(name: str, text: str, room: int) -> Iterator[Line]:
    """A few lines of it; all of it stands at the end."""
    label, ink = fit(name, _LABEL), Ink.TITLE if name == "Subject" else Ink.PLAIN
    for line in islice(wrapped(text, room - _LABEL), HEADER_LINES):
        yield (Run(f" {label}", Ink.QUIET), Run(line, ink))
        label = " " * _LABEL


def _stored(row: MessageRow) -> str:
    where = f", queue {row.queue}" if row.queue else ""
    cut = ", truncated" if row.truncated else ""
    at = row.received_at.astimezone().strftime("%Y-%m-%d %H:%M")
    return f"{at} in {row.mailbox}{where}, {row.state.value}, {short_size(row.size)}{cut}"


def _copied(opened: OpenedMessage) -> Iterator[str]:
    for name, value in _main(opened):
        yield f"{name}: {value}"
    yield ""
    yield from (line.expandtabs() for line in opened.text[:TEXT_COPIED].split("\n"))
    if opened.cut or len(opened.text) > TEXT_COPIED:
        yield f"[copied in part; all of it: kana-tui message show {opened.row.id}]"
