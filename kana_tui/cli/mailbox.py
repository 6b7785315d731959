"""`mailbox list|show|add|edit|delete|now`."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from kana_tui.cli.authorize import authorize
from kana_tui.cli.changes import changes_document, say_changes
from kana_tui.cli.documents import mailbox_document as status_of
from kana_tui.cli.invocation import json_option, permit, with_invocation
from kana_tui.cli.orders import give, wait_option
from kana_tui.cli.output import print_json, print_table, say
from kana_tui.cli.probe import probe
from kana_tui.cli.secret_line import secret_line
from kana_tui.cli.status import find_view
from kana_tui.domain.audit import Change
from kana_tui.domain.errors import InvalidValueError
from kana_tui.domain.fields import FIELD_BY_KEY
from kana_tui.domain.fields.draft import Draft
from kana_tui.domain.secret import Secret
from kana_tui.domain.settings import Role
from kana_tui.ports.commands import Command
from kana_tui.services.mailbox_documents import mailbox_document
from kana_tui.services.overview import Snapshot
from kana_tui.services.receivers import ReceiverControl
from kana_tui.wiring.command import administration, overview
from kana_tui.wiring.invocation import Invocation

SET_HELP = "A field's value; all fields: docs/fields.md. Repeatable, the last of a key wins."
GIVEN_HELP = "A secret; its value is the next line of standard input, an empty one clears it."


@click.group("mailbox")
def command() -> None:
    """List, show, add, edit, delete and poll mailboxes.

    MAILBOX is an ID, an e-mail address or a name.
    """


def _drafted(command: Any) -> Any:
    """The options from which `add` and `edit` make a draft."""
    for option in (
        click.option("--set", "assignments", metavar="KEY=VALUE", multiple=True, help=SET_HELP),
        click.option("--secret", "secrets", metavar="KEY", multiple=True, help=GIVEN_HELP),
        click.option(
            "--from-json",
            "source",
            metavar="FILE|-",
            help="A document as `mailbox show --json` prints it.",
        ),
    ):
        command = option(command)
    return command


@command.command("list")
@json_option
@with_invocation
def list_(invocation: Invocation, *, as_json: bool) -> None:
    """All mailboxes, by ID."""
    snapshot = overview(invocation)
    if as_json:
        rows = [{**status_of(m), "auth_type": m.auth_type.value} for m in snapshot.mailboxes]
        print_json({"mailboxes": rows})
        return
    if not snapshot.mailboxes:
        say("There is no mailbox yet. kana-tui mailbox add --help")
        return
    print_table(
        ("ID", "Name", "E-mail address", "Type", "Priority", "Active"),
        [
            (m.id, m.name, m.email_address, m.auth_type.value, m.priority.value, _yes(m.active))
            for m in snapshot.mailboxes
        ],
    )


@command.command()
@click.argument("mailbox")
@json_option
@with_invocation
def show(invocation: Invocation, mailbox: str, *, as_json: bool) -> None:
    """Every field of a mailbox; of a secret only whether it is set."""

    async def run() -> dict[str, Any]:
        async with administration(invocation) as mailboxes:
            return mailbox_document(await mailboxes.find(mailbox))

    _print_mailbox(asyncio.run(run()), as_json=as_json)


@command.command()
@_drafted
@json_option
@with_invocation
def add(
    invocation: Invocation,
    assignments: Sequence[str],
    secrets: Sequence[str],
    source: str | None,
    *,
    as_json: bool,
) -> None:
    """Add a mailbox.

    \b
    kana-tui mailbox add --set name=Support --set email_address=support@example.com \\
        --set server=mail.example.com --set user=support --secret password < password.txt
    """
    permit(invocation, Role.ADMIN)
    draft = _draft(assignments, secrets, source)

    async def run() -> dict[str, Any]:
        async with administration(invocation) as mailboxes:
            return mailbox_document(await mailboxes.add(draft, invocation.actor))

    document = asyncio.run(run())
    if as_json:
        print_json(document)
    else:
        say(f"Added {document['name']} ({document['email_address']}) as mailbox {document['id']}.")


@command.command()
@click.argument("mailbox")
@_drafted
@click.option("--if-version", type=int, help="Refuse if the mailbox is at another version.")
@json_option
@with_invocation
def edit(
    invocation: Invocation,
    mailbox: str,
    assignments: Sequence[str],
    secrets: Sequence[str],
    source: str | None,
    if_version: int | None,
    *,
    as_json: bool,
) -> None:
    """Change fields of a mailbox, and print what changed."""
    permit(invocation, Role.ADMIN)
    draft = _draft(assignments, secrets, source)

    async def run() -> tuple[dict[str, Any], Sequence[Change]]:
        async with administration(invocation) as mailboxes:
            edited = await mailboxes.edit(mailbox, draft, invocation.actor, if_version=if_version)
            return mailbox_document(edited.stored), edited.changes

    document, changes = asyncio.run(run())
    if as_json:
        print_json({**document, "changes": changes_document(changes)})
    else:
        say_changes(changes)


@command.command()
@click.argument("mailbox")
@click.option("--archive", is_flag=True, help="Even while messages of it are open; keeps them.")
@json_option
@with_invocation
def delete(invocation: Invocation, mailbox: str, *, archive: bool, as_json: bool) -> None:
    """Delete a mailbox, or archive it where it ever listed a message."""
    permit(invocation, Role.ADMIN)

    async def run() -> str:
        async with administration(invocation) as mailboxes:
            gone = await mailboxes.delete(mailbox, invocation.actor, archive=archive)
            return gone.name

    name = asyncio.run(run())
    if as_json:
        print_json({"command_id": None, "state": "done", "error": None})
    else:
        say(f"{name} is gone. What it ever stored stays.")


@command.command()
@click.argument("mailbox")
@wait_option
@json_option
@with_invocation
def now(invocation: Invocation, mailbox: str, *, wait: bool, as_json: bool) -> int:
    """Visit a mailbox at once, whatever its interval and however often it failed.

    Exit 4: it is inactive, or no running receiver covers it.
    """

    async def ask(control: ReceiverControl, snapshot: Snapshot) -> Sequence[Command]:
        found = find_view(snapshot, mailbox)
        return [await control.poll_mailbox(snapshot, found.id, invocation.actor)]

    return give(invocation, ask, f"Poll {mailbox}", wait=wait, as_json=as_json)


command.add_command(authorize)
command.add_command(probe)


def _draft(assignments: Sequence[str], secrets: Sequence[str], source: str | None) -> Draft:
    draft = Draft() if source is None else Draft.from_document(_document(source))
    draft |= Draft.from_assignments(assignments)
    if source == "-" and secrets:
        raise InvalidValueError(
            "Standard input cannot hold both the document and secrets.",
            hint="Give the document as a file, or the secrets inside it.",
        )
    return draft | Draft.from_secrets({key: _secret(key) for key in secrets})


def _document(source: str) -> object:
    where = "standard input" if source == "-" else source
    try:
        text = sys.stdin.read() if source == "-" else Path(source).read_text(encoding="utf-8")
        return json.loads(text)
    except OSError as error:
        raise InvalidValueError(
            f"{where} cannot be read: {error.strerror}.", hint="Name a readable file, or -."
        ) from error
    except ValueError as error:  # a parser's own words quote the text, which may hold secrets
        raise InvalidValueError(f"{where} is not one JSON document in UTF-8.") from error


def _secret(key: str) -> Secret | None:
    """The next line of standard input; typed unseen on a terminal."""
    field = FIELD_BY_KEY.get(key)
    if field is None or not field.secret:
        return None  # told by the draft, with what comes close
    text = secret_line(key, field.label)
    if text.startswith("@") and key == "service_account_key":
        text = _key_file(Path(text[1:]))
    return Secret(text) if text else None


def _key_file(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise InvalidValueError(
            f"The service account key {path} cannot be read.",
            field="service_account_key",
            hint="Name a readable JSON file, as the provider's console gives it.",
        ) from error


def _print_mailbox(document: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(document)
        return
    width = max(len(key) for key in document)
    for key, value in document.items():
        say(f"{key:<{width}}  {_text(value)}")


def _text(value: object) -> str:
    match value:
        case {"set": True, "changed_at": str(changed_at)}:
            return f"set {changed_at[:10]}"
        case {"set": _}:
            return "not set"
        case bool():
            return _yes(value)
        case list():
            return ", ".join(str(item) for item in value)
        case _:
            return "" if value is None else str(value)


def _yes(value: bool) -> str:
    return "yes" if value else "no"
