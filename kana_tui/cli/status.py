"""`status`: depths, levels, receivers and nodes."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from typing import Any

import click
from attrs import evolve

from kana_tui.cli.documents import status_document
from kana_tui.cli.invocation import json_option, with_invocation
from kana_tui.cli.output import print_json, print_json_line
from kana_tui.cli.status_text import status_lines
from kana_tui.cli.watching import watch as follow
from kana_tui.domain.errors import NotFoundError
from kana_tui.domain.levels import Level
from kana_tui.domain.times import rfc3339, rfc3339_or_none
from kana_tui.services.explain import explain
from kana_tui.services.overview import MailboxView, Snapshot
from kana_tui.wiring.command import full_disk, overview, watched_overview, watermark_settings
from kana_tui.wiring.invocation import Invocation

NO_ENGINE, BAD, GOOD = 6, 1, 0


@click.command("status")
@click.argument("mailboxes", metavar="[MAILBOX]...", nargs=-1)
@click.option("--check", is_flag=True, help="Exit 1 if something is wrong, 6 without an engine.")
@click.option("--watch", is_flag=True, help="Show it again whenever something changed.")
@json_option
@with_invocation
def command(
    invocation: Invocation, mailboxes: Sequence[str], *, check: bool, watch: bool, as_json: bool
) -> int:
    """Mailboxes, receivers, nodes and alerts; with a name: cause, since when, next step.

    With --check: 1 while a mailbox is HIGH, uncovered, or unknown for longer
    than unknown-after, alert mail reached nobody, the ledger has a difference,
    or an engine can write nothing; 6 while no engine is live, whatever else is
    wrong. With --watch, until Ctrl+C: the table again, or with --json one
    document a line, at once and after each change, at most one a second. That
    time passes is no change.
    """
    if check and watch:
        raise click.UsageError("--check gives one answer, and --watch does not end: choose one.")

    def view(snapshot: Snapshot) -> Snapshot:
        return evolve(snapshot, mailboxes=_named(snapshot, mailboxes)) if mailboxes else snapshot

    if watch:
        with watched_overview(invocation) as watched:
            follow(watched, view, _shown_again(mailboxes, as_json=as_json))
    snapshot = view(overview(invocation))
    if as_json:
        print_json(_document(snapshot, mailboxes))
    else:
        for line in status_lines(snapshot, told=bool(mailboxes), full=full_disk(invocation)):
            click.echo(line)
    return _judge(snapshot, watermark_settings(invocation).unknown_after_s) if check else GOOD


def _shown_again(mailboxes: Sequence[str], *, as_json: bool) -> Callable[[Snapshot], None]:
    if as_json:
        return lambda snapshot: print_json_line(_document(snapshot, mailboxes))
    last: list[str] = []

    def show(snapshot: Snapshot) -> None:
        lines = list(status_lines(snapshot, told=bool(mailboxes)))
        if lines != last:
            last[:] = lines
            click.clear()  # a terminal alone
            click.echo("\n".join([f"Status at {rfc3339(snapshot.time)}", *lines, ""]))

    return show


def _document(snapshot: Snapshot, mailboxes: Sequence[str]) -> dict[str, Any]:
    document = status_document(snapshot)
    return {**document, **_explained(snapshot)} if len(mailboxes) == 1 else document


def _named(snapshot: Snapshot, references: Sequence[str]) -> tuple[MailboxView, ...]:
    """Those, in this order, each once."""
    return tuple(dict.fromkeys(find_view(snapshot, reference) for reference in references))


def find_view(snapshot: Snapshot, reference: str) -> MailboxView:
    """By ID, address or name."""
    wanted = _key(reference)
    keys: tuple[Callable[[MailboxView], str], ...] = (
        lambda mailbox: str(mailbox.id),
        lambda mailbox: _key(mailbox.email_address),
        lambda mailbox: _key(mailbox.name),
    )
    for key in keys:
        for mailbox in snapshot.mailboxes:
            if key(mailbox) == wanted:
                return mailbox
    raise NotFoundError(
        f"There is no mailbox “{reference}”.", hint="`mailbox list` shows them all."
    )


def _key(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def _explained(snapshot: Snapshot) -> dict[str, Any]:
    told = explain(snapshot.mailboxes[0])
    return {
        "cause": told.cause,
        "since": rfc3339_or_none(told.since),
        "next_step": told.next_step,
    }


def _judge(snapshot: Snapshot, unknown_after_s: int) -> int:
    if not snapshot.engine_live:
        return NO_ENGINE
    bad = any(
        m.level is Level.HIGH or m.uncovered or _long_unknown(m, snapshot, unknown_after_s)
        for m in snapshot.mailboxes
    )
    mute = any(node.mute_since is not None for node in snapshot.nodes)
    undone = mute or snapshot.ledger["difference"] or snapshot.undelivered_alert_mail
    return BAD if bad or undone else GOOD


def _long_unknown(mailbox: MailboxView, snapshot: Snapshot, unknown_after_s: int) -> bool:
    """As what opens an alert of its own: of active mailboxes alone."""
    if not mailbox.active or mailbox.unknown_since is None:
        return False
    return (snapshot.time - mailbox.unknown_since).total_seconds() > unknown_after_s
