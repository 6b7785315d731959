"""The demo's line: what the demo shows at this moment, and which keys to try."""

from __future__ import annotations

from typing import Final

from kana_tui.demo.cast import FLOOD, STALE_LOGIN, UNCOVERED, Member
from kana_tui.domain.board import Cause
from kana_tui.domain.levels import Level
from kana_tui.services.overview import MailboxView, Snapshot

WIDTH: Final = 78
KEYS: Final = "j/k o ? q"
"""Move, order worst first, all keys, leave: what the board answers to."""


def story(snapshot: Snapshot) -> str:
    """One line of ASCII, at most 78 cells; where not all fits, the last parts go.

    The members are found by their addresses, which nobody can edit, and called
    by our names for them: no text of the snapshot is shown.
    """
    if not snapshot.engine_live:
        return "Demo: the engine starts."
    told = (_flood(snapshot), _login(snapshot), _uncovered(snapshot), KEYS)
    line = "Demo: " + "; ".join(part for part in told if part)
    return line if len(line) <= WIDTH else line[:WIDTH].rpartition(";")[0]


def _view(snapshot: Snapshot, member: Member) -> MailboxView | None:
    address = member.email_address
    return next((m for m in snapshot.mailboxes if m.email_address == address), None)


def _flood(snapshot: Snapshot) -> str:
    """Filling up to the high watermark, HIGH, and draining to the low one."""
    view = _view(snapshot, FLOOD)
    if view is None or view.watched is None:
        return ""
    depth, marks = view.watched, view.marks
    if view.level is not Level.HIGH:
        return f"flood fills, {depth} of {marks.high}" if depth >= marks.low else "flood is calm"
    if depth >= marks.high:
        return f"flood HIGH, {depth} of {marks.high}"
    return f"flood drains, {depth} to {marks.low}"


def _login(snapshot: Snapshot) -> str:
    view = _view(snapshot, STALE_LOGIN)
    return "old-desk: login" if view and view.cause is Cause.LOGIN else ""


def _uncovered(snapshot: Snapshot) -> str:
    view = _view(snapshot, UNCOVERED)
    return "faxes: uncovered" if view and view.uncovered else ""
