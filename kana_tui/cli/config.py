"""`config show|validate|path|set`."""

from __future__ import annotations

from collections.abc import Sequence

import click

from kana_tui.cli.changes import changes_document, say_changes
from kana_tui.cli.invocation import json_option, permit, with_invocation
from kana_tui.cli.output import print_json, say
from kana_tui.domain.settings import Role
from kana_tui.wiring.home import (
    effective_settings,
    effective_values,
    settings_path,
    validate_settings,
)
from kana_tui.wiring.invocation import Invocation


@click.group("config")
def command() -> None:
    """Show, validate, find or change config.xml."""


@command.command()
@json_option
@with_invocation
def show(invocation: Invocation, *, as_json: bool) -> None:
    """The effective configuration, defaults filled in and secrets hidden."""
    if as_json:
        print_json(effective_settings(invocation.home, invocation.config))
        return
    for key, text in effective_values(invocation.home, invocation.config):
        say(f"{key} = {text}")


@command.command()
@json_option
@with_invocation
def validate(invocation: Invocation, *, as_json: bool) -> None:
    """Read config.xml and name every mistake with its line; makes nothing."""
    path = validate_settings(invocation.home, invocation.config)
    if as_json:
        print_json({"path": str(path), "valid": True})
    else:
        say(f"{path} is valid.")


@command.command()
@json_option
@with_invocation
def path(invocation: Invocation, *, as_json: bool) -> None:
    """Where config.xml is, or would be made; makes nothing."""
    found = settings_path(invocation.home, invocation.config)
    if as_json:
        print_json({"path": str(found)})
    else:
        click.echo(str(found))


@command.command("set")
@click.argument("assignments", metavar="[KEY=VALUE]...", nargs=-1)
@click.option(
    "--add-receiver",
    "added",
    metavar="NAME=PRIORITY",
    multiple=True,
    help="One more receiver: low, medium or high.",
)
@click.option(
    "--remove-receiver", "removed", metavar="NAME", multiple=True, help="One receiver less."
)
@click.option(
    "--secret",
    "secrets",
    metavar="KEY",
    multiple=True,
    help="sender-password: the next line of standard input, an empty one clears it.",
)
@json_option
@with_invocation
def set_(
    invocation: Invocation,
    assignments: Sequence[str],
    added: Sequence[str],
    removed: Sequence[str],
    secrets: Sequence[str],
    *,
    as_json: bool,
) -> None:
    """Change config.xml, all at once or nothing, and print what changed.

    KEY is one that `config show` prints. The node's live engine writes it, and
    it is in force once this returns; without one it is written from here. Every
    change is audited; comments and layout stay.

    \b
    kana-tui config set receivers.poll-interval=10 watermarks.high=800
    kana-tui config set --add-receiver r4=low receiver.r1.name=urgent   # r1 has another name
    kana-tui config set sender.fallback.server=                         # no fall-back any more
    kana-tui config set sender.user=kana --secret sender-password < password.txt
    """
    from kana_tui.cli.config_change import change_config  # noqa: PLC0415  # `show` needs none

    permit(invocation, Role.ADMIN)
    if not (assignments or added or removed or secrets):
        raise click.UsageError("Nothing to change is given.")
    changes = change_config(invocation, assignments, added, removed, secrets)
    if as_json:
        print_json({"changes": changes_document(changes)})
    else:
        say_changes(changes)
