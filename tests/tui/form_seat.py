"""In front of a mailbox's form."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from kana_tui.tui.line import Ink, Lines, Run
from kana_tui.tui.mailbox_form_page import MailboxFormPage
from tests.tui.seat import Seat, seated
from tests.tui.stage import Stage


class FormSeat:
    """What the form says, and keys to press; `support`, mailbox 1, is edited."""

    def __init__(self, seat: Seat) -> None:
        self.seat = seat
        self.stage = seat.stage

    @property
    def page(self) -> MailboxFormPage:
        page = self.seat.app.page
        assert isinstance(page, MailboxFormPage)
        return page

    @property
    def place(self) -> str:
        return self.seat.page

    @property
    def key(self) -> str | None:
        """The key of the entry under the cursor; None on a heading."""
        assert self.page._list is not None
        entry = self.page._list.entry
        return None if entry is None else entry.key

    def lines(self) -> list[str]:
        return self.page.query_one("#rows", Lines).text.split("\n")

    def line(self, label: str) -> str:
        """The entry's line, or the heading's."""
        return next(line for line in self.lines() if line[4:].startswith(label) or label in line)

    def below(self, label: str) -> str:
        """What stands under an entry, as one text."""
        lines = self.lines()
        at = lines.index(self.line(label)) + 1
        told = []
        while at < len(lines) and lines[at].startswith("      "):
            told.append(lines[at].strip())
            at += 1
        return " ".join(told)

    def shows(self, label: str) -> bool:
        return any(label in line for line in self.lines())

    def cursor(self) -> str:
        return next(line for line in self.lines() if line.startswith("▶"))

    def told(self) -> str:
        """The two lines that tell of what is under the cursor."""
        return " ".join(self.page.query_one("#details", Lines).text.split())

    def about(self) -> str:
        return self.page.query_one("#about", Lines).text

    def inked(self, ink: Ink) -> str:
        """All text of the list in this ink."""
        lines = self.page.query_one("#rows", Lines)._lines
        runs: list[Run] = [run for line in lines for run in line if run.ink is ink]
        return " ".join(run.text for run in runs)

    def header(self) -> str:
        return self.seat.header()

    def footer(self) -> str:
        return self.seat.last_line()

    def panel(self) -> str:
        return self.seat.panel()

    def stored(self, key: str, mailbox_id: int = 1) -> Any:
        """The value of a field in the store."""
        return self.stage.desk.mailboxes._rows[mailbox_id].mailbox.values()[key]

    def secret(self, key: str, mailbox_id: int = 1) -> str | None:
        secret = self.stage.desk.mailboxes._secrets.get((mailbox_id, key))
        return None if secret is None else secret.reveal()

    async def press(self, *keys: str) -> None:
        await self.seat.press(*keys)

    async def to(self, label: str) -> None:
        """By a search, which is how people get there."""
        await self.press("slash", *label.replace(" ", " "), "enter")
        assert label in self.cursor(), self.cursor()

    async def type(self, label: str, text: str) -> None:
        await self.to(label)
        await self.press("enter", "ctrl+u", *text, "enter")

    async def save(self) -> None:
        """And say yes."""
        await self.press("s", "right", "enter")

    async def until_left(self) -> None:
        await self.seat.until(lambda: self.seat.page != "form")

    async def until(self, told: str) -> None:
        """Until the header tells this."""
        await self.seat.until(lambda: told in self.header())


@asynccontextmanager
async def form_opened(
    *keys: str, stage: Stage | None = None, size: tuple[int, int] = (80, 24), **own: Any
) -> AsyncIterator[FormSeat]:
    async with seated(stage, size, **own) as seat:
        form = FormSeat(seat)
        await seat.press(*(keys or ("e",)))
        await seat.until(lambda: form.page.form is not None)
        await seat.pilot.pause()
        yield form
