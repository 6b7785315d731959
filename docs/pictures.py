"""Draws docs/board.svg: the real screen on a fixed moment of the demo's mailboxes."""

from __future__ import annotations

import asyncio
import os
import re
import time
from datetime import timedelta
from pathlib import Path
from typing import Final

os.environ.pop("NO_COLOR", None)
os.environ.update(TZ="UTC", TEXTUAL_ANIMATIONS="none", TERM="xterm-256color", COLORTERM="truecolor")
time.tzset()

from attrs import evolve  # noqa: E402  # Textual reads its environment when it is imported

from kana_tui.domain.cover import Priority  # noqa: E402
from kana_tui.tui.board import Board  # noqa: E402
from tests.tui.scenes import app  # noqa: E402
from tests.tui.stage import NOON, Stage, mailbox, refused, rising  # noqa: E402

PICTURE: Final = Path(__file__).parent / "board.svg"
SIZE: Final = (80, 18)

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


async def drawn() -> str:
    """The SVG; it refers to nothing on the network."""
    rows = tuple(evolve(box, email_address=f"{box.name}@acme.test") for box in MAILBOXES)
    stage = Stage(rows)
    async with app(stage).run_test(size=SIZE) as pilot:
        board = pilot.app.screen.query_one(Board)
        while not board.names:
            await pilot.pause(0.01)
        await pilot.pause()
        svg = pilot.app.export_screenshot(title="kana-tui")
    return re.sub(r"@font-face \{.*?\}\s*|<!--.*?-->\s*", "", svg, flags=re.DOTALL)


def main() -> None:
    PICTURE.write_text(asyncio.run(drawn()), encoding="utf-8")


if __name__ == "__main__":
    main()
