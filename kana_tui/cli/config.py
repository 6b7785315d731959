"""`config show|validate|path`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import click

from kana_tui.cli.invocation import json_option, with_invocation
from kana_tui.cli.output import print_json, say
from kana_tui.wiring.home import effective_settings, settings_path, validate_settings
from kana_tui.wiring.invocation import Invocation


@click.group("config")
def command() -> None:
    """Show, validate or find config.xml."""


@command.command()
@json_option
@with_invocation
def show(invocation: Invocation, *, as_json: bool) -> None:
    """The effective configuration, defaults filled in and secrets hidden."""
    document = effective_settings(invocation.home, invocation.config)
    if as_json:
        print_json(document)
        return
    for key, value in _flat(document):
        say(f"{key} = {value}")


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


def _flat(document: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, object]]:
    for key, value in document.items():
        match value:
            case Mapping():
                yield from _flat(value, f"{prefix}{key}.")
            case list() if value and all(isinstance(item, Mapping) for item in value):
                for number, item in enumerate(value, 1):
                    yield from _flat(item, f"{prefix}{key}[{number}].")
            case list():
                yield f"{prefix}{key}", ", ".join(str(item) for item in value)
            case bool():
                yield f"{prefix}{key}", "true" if value else "false"
            case _:
                yield f"{prefix}{key}", "" if value is None else value
