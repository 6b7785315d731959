"""`outbox`: mail on its way out."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import click

from kana_tui.cli.documents import outbound_document
from kana_tui.cli.invocation import json_option, with_invocation
from kana_tui.cli.output import print_json, print_table, say
from kana_tui.domain.times import rfc3339_or_none
from kana_tui.wiring.command import opened_store, sender_settings
from kana_tui.wiring.invocation import Invocation

if TYPE_CHECKING:
    from kana_tui.ports.outbox import OutboundRow

SHOWN: Final = 100


@click.group("outbox")
def command() -> None:
    """Mail that goes out: stored first, sent by the engine, tried again until it is taken."""


@command.command("list")
@json_option
@with_invocation
def list_outbound(invocation: Invocation, *, as_json: bool) -> int:
    """All letters by ID; a table shows the newest 100."""
    rows = asyncio.run(_rows(invocation, None if as_json else SHOWN))
    if as_json:
        print_json({"outbound": [outbound_document(row) for row in rows]})
        return 0
    print_table(
        ("ID", "State", "To", "Subject", "Tries", "Next try", "Error"),
        [
            (
                row.id,
                row.state.value,
                ", ".join(row.to),
                row.subject,
                row.attempts,
                rfc3339_or_none(row.next_try) or "",
                row.last_error or "",
            )
            for row in rows
        ],
    )
    if sender_settings(invocation).training:
        say("Training mode (config.xml, sender): nothing leaves, letters wait.")
    return 0


async def _rows(invocation: Invocation, limit: int | None) -> Sequence[OutboundRow]:
    async with opened_store(invocation) as store:
        return await store.outbox.list(limit)
