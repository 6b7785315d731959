"""`status`: depths, levels, receivers and nodes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click
from attrs import evolve

from kana_tui.cli.documents import status_document
from kana_tui.cli.invocation import json_option, with_invocation
from kana_tui.cli.output import print_json, print_table, say
from kana_tui.domain.board import ShownLevel
from kana_tui.domain.errors import NotFoundError
from kana_tui.domain.times import rfc3339_or_none
from kana_tui.services.explain import explain
from kana_tui.services.overview import MailboxView, Snapshot
from kana_tui.wiring.command import overview, watermark_settings
from kana_tui.wiring.invocation import Invocation

NO_ENGINE, BAD, GOOD = 6, 1, 0


@click.command("status")
@click.argument("mailboxes", metavar="[MAILBOX]...", nargs=-1)
@click.option("--check", is_flag=True, help="Exit 1 if something is wrong, 6 without an engine.")
@json_option
@with_invocation
def command(invocation: Invocation, mailboxes: Sequence[str], *, check: bool, as_json: bool) -> int:
    """Mailboxes, receivers, nodes and alerts; with a name: cause, since when, next step."""
    snapshot = overview(invocation)
    if mailboxes:
        snapshot = evolve(snapshot, mailboxes=_named(snapshot, mailboxes))
    if as_json:
        document = status_document(snapshot)
        print_json({**document, **_explained(snapshot)} if len(mailboxes) == 1 else document)
    else:
        _print(snapshot, told=bool(mailboxes))
    return _judge(snapshot, watermark_settings(invocation).unknown_after_s) if check else GOOD


def _named(snapshot: Snapshot, references: Sequence[str]) -> tuple[MailboxView, ...]:
    return tuple(_find(snapshot, reference) for reference in references)


def _find(snapshot: Snapshot, reference: str) -> MailboxView:
    wanted = reference.casefold()
    for matches in (
        lambda m: str(m.id) == wanted,
        lambda m: m.email_address.casefold() == wanted,
        lambda m: m.name.casefold() == wanted,
    ):
        for mailbox in snapshot.mailboxes:
            if matches(mailbox):
                return mailbox
    raise NotFoundError(
        f"There is no mailbox “{reference}”.", hint="`mailbox list` shows them all."
    )


def _explained(snapshot: Snapshot) -> dict[str, Any]:
    told = explain(snapshot.mailboxes[0])
    return {
        "cause": told.cause,
        "since": rfc3339_or_none(told.since),
        "next_step": told.next_step,
    }


def _print(snapshot: Snapshot, *, told: bool) -> None:
    if not snapshot.engine_live:
        say("No engine is live: nothing is downloaded. kana-tui run starts one.")
    print_table(
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
    if not told:
        return
    for mailbox in snapshot.mailboxes:
        reason = explain(mailbox)
        say(f"{mailbox.name}: {reason.cause or 'all is well'}")
        if reason.next_step:
            say(f"  {reason.next_step}")


def _judge(snapshot: Snapshot, unknown_after_s: int) -> int:
    if not snapshot.engine_live:
        return NO_ENGINE
    bad = any(
        m.shown is ShownLevel.HIGH or m.uncovered or _long_unknown(m, snapshot, unknown_after_s)
        for m in snapshot.mailboxes
    )
    return BAD if bad or snapshot.ledger["difference"] else GOOD


def _long_unknown(mailbox: MailboxView, snapshot: Snapshot, unknown_after_s: int) -> bool:
    error = mailbox.last_error
    if mailbox.known or error is None:
        return False
    return (snapshot.time - error.since).total_seconds() > unknown_after_s
