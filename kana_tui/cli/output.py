"""What commands print: tables for people, JSON for programs, one sentence for an error."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import click
from wcwidth import wcswidth

from kana_tui.domain.errors import InvalidSettingsError, KanaError
from kana_tui.domain.visible import visible


def print_json(document: Mapping[str, Any]) -> None:
    """One document on standard output, UTF-8; a lone surrogate leaves as its JSON escape."""
    text = json.dumps(document, ensure_ascii=False, indent=2)
    sys.stdout.buffer.write(text.encode("utf-8", "backslashreplace") + b"\n")


def print_json_line(document: Mapping[str, Any]) -> None:
    """One document on a line of its own, of a row of them."""
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    sys.stdout.buffer.write(text.encode("utf-8", "backslashreplace") + b"\n")


def say(text: str) -> None:
    """A line for a person; foreign text in it is made harmless."""
    click.echo(visible(text))


def note(text: str) -> None:
    """A line on standard error: what was made, what was left out."""
    click.echo(visible(text), err=True)


def prompt(text: str) -> None:
    """A line that somebody has to read before the command can go on, with `--json` too: on
    standard error, and at once."""
    click.echo(visible(text), file=sys.__stderr__ or sys.stderr)


def print_table(headings: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """A `table` on standard output."""
    for line in table(headings, rows):
        click.echo(line)


def table(headings: Sequence[str], rows: Sequence[Sequence[object]]) -> list[str]:
    """Lines: columns as wide as their widest cell, numbers to the right, all text harmless."""
    cells = [[visible(str(value)) for value in row] for row in rows]
    widths = [
        max([len(heading), *(_width(row[i]) for row in cells)])
        for i, heading in enumerate(headings)
    ]
    numeric = [
        bool(rows) and all(isinstance(row[i], int) for row in rows) for i in range(len(headings))
    ]
    return [
        "  ".join(_pad(cell, widths[i], right=numeric[i]) for i, cell in enumerate(row)).rstrip()
        for row in ([*headings], *cells)
    ]


def print_error(error: KanaError, *, as_json: bool) -> None:
    """The error on standard error: a sentence, or with `--json` a document."""
    if as_json:
        document = {
            "error": {
                "code": error.code,
                "message": _whole(error),
                "field": error.field,
                "hint": error.hint,
            }
        }
        click.echo(json.dumps(document, ensure_ascii=False), err=True)
        return
    problems = _problems(error)
    for line in (error.message, *problems) if problems else (str(error),):
        note(line)


def _whole(error: KanaError) -> str:
    return "\n".join((error.message, *_problems(error)))


def _problems(error: KanaError) -> Sequence[str]:
    """The sentences of an error that tells of many things at once."""
    return error.problems if isinstance(error, InvalidSettingsError) else ()


def _width(text: str) -> int:
    return max(0, wcswidth(text))


def _pad(cell: str, width: int, *, right: bool) -> str:
    space = " " * (width - _width(cell))
    return space + cell if right else cell + space
