"""What `status` shows a person: lines of text, foreign words in them made harmless."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from kana_tui.cli.output import table
from kana_tui.domain.visible import visible
from kana_tui.services.explain import explain
from kana_tui.services.overview import Snapshot


def status_lines(snapshot: Snapshot, *, told: bool, full: Path | None = None) -> Iterator[str]:
    """The mailboxes, worst first, then receivers and alerts; `told`: instead of these, of each
    mailbox the cause and the next step. `full`: the store's folder, whose disk is full."""
    if not snapshot.engine_live:
        yield "No engine is live: nothing is downloaded. kana-tui run starts one."
    for node in snapshot.nodes:
        if node.mute_since is not None:
            silent_s = int((snapshot.time - node.mute_since).total_seconds())
            yield visible(
                f"The engine of node {node.row.name} lives, and has written nothing for "
                f"{silent_s} s: what is shown is as old."
            )
    if full is not None:
        yield visible(f"The disk of {full} is full: nothing is downloaded until it has room.")
    yield from _mailboxes(snapshot)
    if told:
        yield from _told(snapshot)
        return
    if snapshot.receivers:
        yield ""
        yield from _receivers(snapshot)
    if snapshot.undelivered_alert_mail:
        yield ""
        yield f"Alert mail that has reached nobody: {snapshot.undelivered_alert_mail}."
    if snapshot.ledger["difference"]:
        yield ""
        yield f"The ledger's difference is {snapshot.ledger['difference']}: kana-tui ledger."


def _mailboxes(snapshot: Snapshot) -> list[str]:
    return table(
        ("Level", "Mailbox", "Address", "Pri", "Depth", "Low/high", "Why"),
        [
            (
                m.shown.value.upper(),
                f"!{m.name}" if m.uncovered else m.name,
                m.email_address,
                m.priority.value,
                "-" if m.watched is None else f"{m.watched}{'' if m.known else '?'}",
                f"{m.marks.low}/{m.marks.high}",
                m.cause.value,
            )
            for m in snapshot.worst_first()
        ],
    )


def _receivers(snapshot: Snapshot) -> list[str]:
    return table(
        ("Receiver", "Node", "Pri", "State", "Visiting"),
        [
            (one.name, one.node, one.priority.value, one.state.value, ", ".join(one.visiting))
            for one in snapshot.receivers
        ],
    )


def _told(snapshot: Snapshot) -> Iterator[str]:
    for mailbox in snapshot.mailboxes:
        reason = explain(mailbox)
        yield visible(f"{mailbox.name}: {reason.cause or 'all is well'}")
        if reason.next_step:
            yield visible(f"  {reason.next_step}")
