"""Leaving: what it does to an engine that is hosted here, and the question before it."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from kana_tui.services.overview import Snapshot
from kana_tui.tui.glyphs import Glyphs
from kana_tui.tui.panel import Answer, QuestionPanel


class Leaving(StrEnum):
    STOP = "stop"
    LEAVE_RUNNING = "leave running"


def leave_panel(
    glyphs: Glyphs, known: Snapshot | None, *, hosting: bool, may_leave_running: bool
) -> QuestionPanel[Leaving]:
    """Names what stops. The answer is None where one stays."""
    answers: list[Answer[Leaving | None]] = [Answer("Stay", None)]
    if not hosting:
        answers.append(Answer("Leave", Leaving.STOP))
        return QuestionPanel(glyphs, "Leave?", [_what_goes_on(known)], answers)
    count = 0 if known is None else len(known.mailboxes)
    sentence = (
        "The engine hosted here stops with this screen: no mail is downloaded "
        f"and no alert is sent for {_mailboxes(count)} until an engine runs again."
    )
    answers.append(Answer("Leave, and stop the engine", Leaving.STOP))
    if may_leave_running:
        answers.append(Answer("Leave it running", Leaving.LEAVE_RUNNING))
    return QuestionPanel(glyphs, "Leave?", [sentence], answers)


def _what_goes_on(known: Snapshot | None) -> str:
    nodes: Sequence[str] = [node.row.name for node in known.nodes if node.live] if known else []
    return f"The engine of {', '.join(nodes)} goes on." if nodes else "No engine is live."


def _mailboxes(count: int) -> str:
    return "1 mailbox" if count == 1 else f"{count:,} mailboxes"
