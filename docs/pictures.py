"""Draws docs/*.svg: the real screen on a fixed moment of the demo's mailboxes."""

from __future__ import annotations

import asyncio
import os
import re
import time
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

os.environ.pop("NO_COLOR", None)
os.environ.update(TZ="UTC", TEXTUAL_ANIMATIONS="none", TERM="xterm-256color", COLORTERM="truecolor")
time.tzset()

from attrs import evolve  # noqa: E402  # Textual reads its environment when it is imported
from textual.app import App  # noqa: E402

from kana_tui.domain.cover import Priority  # noqa: E402
from kana_tui.tui.board import Board  # noqa: E402
from kana_tui.tui.form_list_page import FormListPage  # noqa: E402
from tests.tui.scenes import app  # noqa: E402
from tests.tui.stage import NOON, Stage, mailbox, refused, rising  # noqa: E402

FOLDER: Final = Path(__file__).parent
PICTURES: Final[Mapping[str, tuple[tuple[int, int], tuple[str, ...], str]]] = {
    "board": ((80, 18), (), "flood"),
    "receivers": ((80, 20), ("2", "j", "p"), "is pending"),
    "form": ((80, 24), ("e", "j", "j", "space"), "1 changed"),
}
"""Each picture's size, the keys that lead to it, and words that stand there at the end."""

MAILBOXES: Final = (
    mailbox(1, "flood", 512, points=rising(512, 44)),
    mailbox(2, "sales", 180, points=rising(180, 3), usual_inflow_per_min=3.0),
    mailbox(3, "returns", 12),
    mailbox(4, "faxes", 4, priority=Priority.LOW, oldest_at=NOON - timedelta(minutes=5)),
    mailbox(
        5, "old-desk", 97, known=False,
        last_error=refused("mail.acme.test:995 refused PASS of old-desk: [AUTH] Failed."),
    ),
    mailbox(6, "support", 31, priority=Priority.HIGH),
)  # fmt: skip


async def drawn(name: str) -> str:
    """The SVG; it refers to nothing on the network."""
    size, keys, words = PICTURES[name]
    rows = tuple(evolve(box, email_address=f"{box.name}@acme.test") for box in MAILBOXES)
    stage = Stage(rows)
    async with app(stage).run_test(size=size) as pilot:
        board = pilot.app.screen.query_one(Board)
        while not board.names:
            await pilot.pause(0.01)
        for key in keys:
            await pilot.press(key)
            await pilot.pause()
            while not _settled(pilot.app):
                await pilot.pause(0.01)
        await pilot.pause()
        svg = pilot.app.export_screenshot(title="kana-tui")
        if words not in svg.replace("&#160;", " "):
            raise RuntimeError(f"the picture {name} does not show: {words}")
    return re.sub(r"@font-face \{.*?\}\s*|<!--.*?-->\s*", "", svg, flags=re.DOTALL)


def _settled(program: App[Any]) -> bool:
    """A form that was asked for is there."""
    page = program.screen
    return not isinstance(page, FormListPage) or page.form is not None


def main() -> None:
    for name in PICTURES:
        (FOLDER / f"{name}.svg").write_text(asyncio.run(drawn(name)), encoding="utf-8")


if __name__ == "__main__":
    main()
