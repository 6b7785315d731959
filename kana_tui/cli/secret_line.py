"""Secrets come from standard input: argument lists are public."""

from __future__ import annotations

import sys

import click

from kana_tui.domain.errors import InvalidValueError


def secret_line(key: str, label: str) -> str:
    """The next line of standard input; typed unseen on a terminal. InvalidValueError at its end."""
    if sys.stdin.isatty():
        line = click.prompt(label, hide_input=True, default="", show_default=False)
    else:
        line = sys.stdin.readline()
        if not line:
            raise InvalidValueError(
                f"Standard input ended before the secret {key}.",
                field=key,
                hint="Give one line for each --secret, in their order.",
            )
    return str(line).rstrip("\r\n")
