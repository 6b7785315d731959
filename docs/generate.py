"""Writes the documents that are made from the program itself; `--check` only compares them."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

import click

from kana_tui.cli.root import root
from kana_tui.domain.fields.reference import fields_reference
from kana_tui.settings.reference import settings_reference
from kana_tui.tui.keys_reference import keys_reference

FOLDER: Final = Path(__file__).parent
WIDTH: Final = 100

_COMMANDS_HEAD: Final = """\
# Commands

What `--help` says, of every command. Exit codes: 0 done; 1 the answer is bad; 2 usage or an invalid
value; 3 not found; 4 conflict; 5 not allowed; 6 the store or the engine is not reachable.
"""


def commands_reference() -> str:
    """Markdown: the help text of the program and of every command."""
    return "\n".join([_COMMANDS_HEAD, *_helps(root, click.Context(root), "kana-tui")])


def _helps(command: click.Command, context: click.Context, name: str) -> Iterator[str]:
    shown = click.Context(
        command, info_name=name, terminal_width=WIDTH, max_content_width=WIDTH
    ).get_help()
    text = "\n".join(line.rstrip() for line in shown.splitlines())
    yield f"## `{name}`\n\n```\n{text}\n```\n"
    if isinstance(command, click.Group):
        for inner in command.list_commands(context):
            found = command.get_command(context, inner)
            if found is not None and not found.hidden:
                yield from _helps(found, context, f"{name} {inner}")


DOCUMENTS: Final[Mapping[str, Callable[[], str]]] = {
    "fields.md": fields_reference,
    "settings.md": settings_reference,
    "commands.md": commands_reference,
    "keys.md": keys_reference,
}


def stale(folder: Path) -> list[str]:
    """The names of the documents in `folder` that are not what the program says now."""
    return [
        name
        for name, make in DOCUMENTS.items()
        if not (folder / name).exists() or (folder / name).read_text(encoding="utf-8") != make()
    ]


def main() -> int:
    """Write all, or with --check name those that are stale; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--check", action="store_true", help="write nothing; exit 1 if any is stale"
    )
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where they are")
    given = parser.parse_args()
    found = stale(given.folder)
    if given.check:
        for name in found:
            sys.stderr.write(f"docs/{name} is stale: make docs\n")
        return 1 if found else 0
    for name in found:
        (given.folder / name).write_text(DOCUMENTS[name](), encoding="utf-8")
        sys.stdout.write(f"docs/{name}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
