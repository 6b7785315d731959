"""`secrets rotate|runway`."""

from __future__ import annotations

import asyncio

import click

from kana_tui.cli.documents import credential_document
from kana_tui.cli.invocation import json_option, permit, with_invocation
from kana_tui.cli.output import note, print_json, print_table, say
from kana_tui.domain.runway import BAD, by_end
from kana_tui.domain.settings import Role
from kana_tui.domain.times import rfc3339
from kana_tui.wiring.clock import SystemClock
from kana_tui.wiring.invocation import Invocation


@click.group("secrets")
def command() -> None:
    """A new key for all secrets; until when each credential holds."""


@command.command()
@click.argument("mailboxes", metavar="[MAILBOX]...", nargs=-1)
@click.option("--check", is_flag=True, help="Exit 1 if one has ended or needs a new sign-in.")
@json_option
@with_invocation
def runway(
    invocation: Invocation, mailboxes: tuple[str, ...], *, check: bool, as_json: bool
) -> int:
    """Until when each credential holds, and when it last worked: what ends first, first.

    Ending: a certificate or client secret with less than 30 days left. Access
    tokens renew themselves; the last renewal proves a sign-in.
    Unproven: it has not worked since it was set, or not yet.
    """
    from kana_tui.wiring.runway import runway as gathered  # noqa: PLC0415  # loads SQLAlchemy

    held, now = asyncio.run(gathered(invocation, mailboxes)), SystemClock().now()
    held = by_end(held, now)
    if as_json:
        print_json({"credentials": [credential_document(one, now) for one in held]})
    else:
        print_table(
            ("Mailbox", "Credential", "State", "Days left", "Proven", "Set", "Detail"),
            [
                (
                    one.mailbox,
                    one.kind.value.replace("_", " "),
                    one.state(now).value.replace("_", " "),
                    "" if (days := one.days_left(now)) is None else days,
                    "" if one.proven_at is None else rfc3339(one.proven_at),
                    "" if one.set_at is None else rfc3339(one.set_at),
                    ": ".join(filter(None, (one.of, one.detail))),
                )
                for one in held
            ],
        )
    return 1 if check and any(one.state(now) in BAD for one in held) else 0


@command.command()
@json_option
@with_invocation
def rotate(invocation: Invocation, *, as_json: bool) -> int:
    """Seal every secret of the store with a new key, first in the key file.

    Engines and screens go on meanwhile, and read the new key by themselves.
    Ended at whatever point, everything can still be read, and another rotation
    finishes the work. The last key of the file is the audit log's, and stays;
    one in between stays until another rotation has found it of no use. Keep a
    copy of the new key file, and the old ones for as long as backups of their
    time are kept. Exit 1: some secrets no key opens; they are named.
    """
    from kana_tui.wiring.rotation import rotate as rotate_keys  # noqa: PLC0415  # loads SQLAlchemy

    permit(invocation, Role.ADMIN)
    home = asyncio.run(rotate_keys(invocation))
    done = home.done
    if as_json:
        print_json({"rotated": done.rotated, "keys": done.keys})
    else:
        secrets = "1 secret" if done.rotated == 1 else f"{done.rotated} secrets"
        say(f"{secrets} sealed with a new key; {home.path} holds {done.keys} keys. Copy it.")
    if home.shared:
        note(f"Copy {home.path} to every other node of this store: they need the new key now.")
    if done.unopened:
        note("No key opens, and left as they were: " + ", ".join(done.unopened) + ".")
    return 1 if done.unopened else 0
