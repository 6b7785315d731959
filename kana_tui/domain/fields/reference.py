"""The fields as a page of documentation, made from their declarations."""

from __future__ import annotations

from typing import Any, Final

from kana_tui.domain.authentication import AuthType
from kana_tui.domain.fields import GROUPS
from kana_tui.domain.fields.context import Context
from kana_tui.domain.fields.declare import Field
from kana_tui.domain.fields.form import defaults
from kana_tui.domain.fields.kinds import Choice
from kana_tui.domain.levels import Watermarks

_HEAD: Final = """\
# The fields of a mailbox

One list for the form, `kana-tui mailbox add|edit --set key=value`, `--from-json` and
`mailbox show --json`. A field that is not shown keeps its value and is not validated. A secret is
given by `--secret KEY`, and never shown again.
"""
_COLUMNS: Final = ("Key", "Label", "Value", "Default", "Shown when", "Meaning")


def fields_reference() -> str:
    """Markdown: a table for each group, a row for each field."""
    context = Context(True, Watermarks(1, 2), queues=("General",), departments=("root",))
    values = defaults(context)
    return "\n".join([_HEAD, *(_table(title, fields, values) for title, fields in GROUPS.items())])


def _table(title: str, fields: tuple[Field, ...], values: dict[str, Any]) -> str:
    rows = [_COLUMNS, tuple("---" for _ in _COLUMNS), *(_row(field, values) for field in fields)]
    lines = ("| " + " | ".join(cell.replace("|", r"\|") for cell in row) + " |" for row in rows)
    return f"## {title}\n\n" + "\n".join(lines) + "\n"


def _row(field: Field, values: dict[str, Any]) -> tuple[str, ...]:
    imap = field.label_in({**values, "auth_type": AuthType.IMAP})
    label = field.label if imap == field.label else f"{field.label}, {imap}"
    kind = f"secret: {field.kind.rule}" if field.secret else field.kind.rule
    return (
        f"`{field.key}`",
        label,
        kind,
        _default(field, values),
        field.shown_when,
        _meaning(field),
    )


def _meaning(field: Field) -> str:
    if not isinstance(field.kind, Choice):
        return field.help
    choices = (f"`{choice}`: {meaning}." for choice, meaning in field.kind.meanings.items())
    return " ".join((field.help, *choices))


def _default(field: Field, values: dict[str, Any]) -> str:
    if field.follows_type:
        return "by type"
    if callable(field.default):
        return "the global one when it is added"
    text = "" if field.secret else field.display(values[field.key])
    return f"`{text}`" if text else ""
