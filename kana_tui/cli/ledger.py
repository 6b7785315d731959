"""`ledger`: every message ever listed by a server, accounted for."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import click

from kana_tui.cli.documents import ledger_document
from kana_tui.cli.invocation import json_option, with_invocation
from kana_tui.cli.output import print_json, print_table, say
from kana_tui.domain.intake import LedgerSums
from kana_tui.wiring.command import opened_store, resolve_mailbox
from kana_tui.wiring.invocation import Invocation

COLUMNS = ("seen", "stored", "filtered", "quarantined", "duplicate", "gone", "remaining")


@click.command("ledger")
@click.argument("mailbox", required=False)
@json_option
@with_invocation
def command(invocation: Invocation, mailbox: str | None, *, as_json: bool) -> int:
    """The sums by mailbox, archived ones too; exit 1 on a difference.

    seen = stored + filtered + quarantined + duplicate + gone + remaining.
    """
    sums = asyncio.run(_sums(invocation, mailbox))
    document = ledger_document(list(sums))
    if as_json:
        print_json(document)
    else:
        rows = document["mailboxes"]
        print_table(
            ("Mailbox", *(column.capitalize() for column in COLUMNS), "Difference"),
            [(row["name"], *(row[c] for c in COLUMNS), row["difference"]) for row in rows],
        )
        say(f"Difference: {document['difference']}")
    return 1 if any(row.difference for row in sums) else 0


async def _sums(invocation: Invocation, mailbox: str | None) -> Sequence[LedgerSums]:
    async with opened_store(invocation) as store:
        if mailbox is None:
            return await store.ledgers.sums()
        found = await resolve_mailbox(store, mailbox)
        return await store.ledgers.sums(found.mailbox.id)
