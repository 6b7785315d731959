"""`message list|show|export`."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO

import click

from kana_tui.cli.documents import message_document
from kana_tui.cli.invocation import json_option, with_invocation
from kana_tui.cli.output import note, print_json, print_table, say
from kana_tui.domain.errors import InvalidValueError, NotFoundError, UnreachableError
from kana_tui.ports.messages import MessageFilter, MessageRow, Messages, MessageState
from kana_tui.services.reading import READ_AT_MOST, OpenedMessage, open_message
from kana_tui.wiring.command import message_reader, opened_store, resolve_mailbox
from kana_tui.wiring.invocation import Invocation

TABLE_LIMIT = 100
LARGEST_ID = 2**63 - 1
LISTED_STATES = [s.value for s in MessageState if s is not MessageState.QUARANTINED]


@click.group("message")
def command() -> None:
    """List, show and export stored messages."""


@command.command("list")
@click.option("--mailbox", help="Only of this mailbox (ID, address or name).")
@click.option("--queue", help="Only in this queue (Department/Queue, root's own bare).")
@click.option("--state", type=click.Choice(LISTED_STATES), help="Only in this state.")
@click.option(
    "--limit",
    type=click.IntRange(1, LARGEST_ID, clamp=True),
    help="At most so many, the oldest first.",
)
@json_option
@with_invocation
def list_(
    invocation: Invocation,
    mailbox: str | None,
    queue: str | None,
    state: str | None,
    limit: int | None,
    *,
    as_json: bool,
) -> None:
    """Messages, oldest first. A table shows 100 unless --limit says otherwise."""
    shown = limit if as_json else limit or TABLE_LIMIT

    async def run() -> tuple[Sequence[MessageRow], int]:
        async with opened_store(invocation) as store:
            found = None if mailbox is None else await resolve_mailbox(store, mailbox)
            wanted = MessageFilter(
                mailbox_id=found.mailbox.id if found else None,
                queue=queue,
                state=MessageState(state) if state else None,
                limit=shown,
            )
            rows = await store.messages.list(wanted)
            return rows, len(rows) if as_json else await store.messages.count(wanted)

    rows, total = asyncio.run(run())
    if as_json:
        print_json({"messages": [message_document(row) for row in rows]})
        return
    print_table(
        ("ID", "Received", "Mailbox", "Queue", "State", "From", "Subject"),
        [
            (
                row.id,
                f"{row.received_at:%Y-%m-%d %H:%M}",
                row.mailbox,
                row.queue or "",
                row.state.value,
                _short(row.from_, 30),
                _short(row.subject, 50),
            )
            for row in rows
        ],
    )
    if total > len(rows):
        say(f"{total - len(rows)} more: --limit N, or --json for all.")


@command.command()
@click.argument("message_id", metavar="ID", type=int)
@json_option
@with_invocation
def show(invocation: Invocation, message_id: int, *, as_json: bool) -> None:
    """A message's headers and readable text."""

    async def run() -> OpenedMessage | None:
        async with opened_store(invocation) as store:
            await _existing(store.messages, message_id)
            return await open_message(store.messages, message_id, message_reader())

    opened = asyncio.run(run())
    if opened is None:
        raise _missing(message_id)
    if as_json:
        document: dict[str, Any] = message_document(opened.row)
        headers = [list(header) for header in opened.headers]
        print_json({**document, "headers": headers, "text": opened.text})
        return
    for name, value in opened.headers:
        say(f"{name}: {value}")
    click.echo()
    for line in opened.text.split("\n"):
        say(line.rstrip("\r").expandtabs())
    if opened.cut:
        note(f"More is stored: only the first {READ_AT_MOST >> 20} MiB were looked at.")


@command.command()
@click.argument("message_ids", metavar="[ID]...", nargs=-1, type=int)
@click.option("--mailbox", help="All messages of this mailbox.")
@click.option("--to", "folder", type=click.Path(path_type=Path), help="One ID.eml each, in there.")
@with_invocation
def export(
    invocation: Invocation, message_ids: Sequence[int], mailbox: str | None, folder: Path | None
) -> None:
    """The raw bytes exactly as received, to standard output or into a folder."""
    single = len(message_ids) == 1 and mailbox is None
    if folder is None and not single:
        raise InvalidValueError(
            "Standard output takes one message.", field="to", hint="Name a folder: --to DIR."
        )
    if not message_ids and mailbox is None:
        raise InvalidValueError("No message is named.", hint="Give IDs, or --mailbox M.")

    if folder is not None:
        _make_folder(folder)

    async def run() -> int:
        async with opened_store(invocation) as store:
            wanted = list(message_ids)
            if mailbox is not None:
                found = await resolve_mailbox(store, mailbox)
                rows = await store.messages.list(MessageFilter(mailbox_id=found.mailbox.id))
                wanted += [row.id for row in rows]
            for message_id in wanted:
                await _existing(store.messages, message_id)
            for message_id in dict.fromkeys(wanted):
                await _export(store.messages, message_id, folder)
            return len(wanted)

    count = asyncio.run(run())
    if folder is not None:
        note(f"{count} messages are in {folder}.")


async def _existing(messages: Messages, message_id: int) -> MessageRow:
    row = await messages.get(message_id) if 0 < message_id <= LARGEST_ID else None
    if row is None:
        raise _missing(message_id)
    return row


def _missing(message_id: int) -> NotFoundError:
    return NotFoundError(f"There is no message {message_id}.", hint="`message list` shows them.")


async def _export(messages: Messages, message_id: int, folder: Path | None) -> None:
    if folder is None:
        out = sys.stdout.buffer
        async for chunk in messages.raw(message_id):
            out.write(chunk)
        out.flush()
        return
    path = folder / f"{message_id}.eml"
    try:
        with _made(path) as file:
            async for chunk in messages.raw(message_id):
                file.write(chunk)
    except OSError as error:
        raise UnreachableError(
            f"{path} cannot be written: {error.strerror}.", hint="Name a folder that can be."
        ) from error


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise UnreachableError(
            f"The folder {folder} cannot be made: {error.strerror}.",
            hint="Name a folder that can be.",
        ) from error


def _made(path: Path) -> BinaryIO:
    """A file for this account alone; no link is followed."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
    return os.fdopen(os.open(path, flags, 0o600), "wb")


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
