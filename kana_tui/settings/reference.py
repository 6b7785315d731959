"""config.xml as a page of documentation, made from its declaration."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from kana_tui.settings.declaration import ROOT, Attribute, Element

_HEAD: Final = """\
# config.xml

`kana-tui config path` says where it is; the first start writes a commented one. Elements may stand
in any order; what is left out has its default. `kana-tui config validate` names every mistake with
its line, and `kana-tui config show` prints what is in force. An edit counts within 5 s, without a
restart; while the file is wrong, the settings before it stay in force.

The file is UTF-8. A DOCTYPE is refused, and entities of one's own with it.

## Changing it

By hand, on screen 8, or by `kana-tui config set KEY=VALUE…`: several values at once are one change,
proven as a whole, and written without touching comments or layout. The node's live engine writes
it, and confirms once it is in force; without one the command or the screen does. Every change is in
the audit log, under `config:NODE`.

A key is ELEMENT.ATTRIBUTE, as `config show` prints it: `ssl.enabled`, `receivers.poll-interval`,
`sender.fallback.server` (empty: no fall-back). Of an element that may be repeated its name comes in
between: `receiver.r1.priority`, `operator.alice.role`. `receiver.r1.name=first` renames a receiver:
it goes on with what it does, and keeps its stop; renamed by hand it is another one, that runs.
`--add-receiver NAME=PRIORITY` and `--remove-receiver NAME` do what they say; the last one stays.

`--secret sender-password` takes the sender's password from standard input; it is kept with the
secrets, not in this file. `store` and `notify` are changed only by hand: they may hold secrets, and
another store is opened at the next start. All else counts at once, limits of messages from the next
visit on.

## Where things lie

| Given | config.xml | secret.key | kana.db, engine.lock | logs |
| --- | --- | --- | --- | --- |
| `--home DIR` or `KANA_TUI_HOME` | DIR | DIR | DIR | DIR/logs |
| `--config PATH` alone | PATH | PATH's folder | PATH's folder | PATH's folder/logs |
| `--home` and `--config` | PATH | DIR | DIR | DIR/logs |
| neither (on Linux) | `~/.config/kana-tui` | `~/.config/kana-tui` | `~/.local/share/kana-tui` | \
`~/.local/state/kana-tui/log` |

The key of all secrets is systemd's credential `secret.key` (`LoadCredential=`) if there is one,
else the file that `KANA_TUI_KEY_FILE` names, else the one above. It must be its owner's alone
(0600), in a folder that nobody else can write to. Keep a copy elsewhere: a backup of the store does
not hold it, and a lost key is never replaced while the store holds secrets or an audit log. Several
keys stand one a line: the first seals, all open, and the last also proves the audit log.

The lock of the engine lies beside a SQLite store, wherever that is: one engine serves it.
"""
_COLUMNS: Final = ("Attribute", "Value", "Default", "Meaning")


def settings_reference() -> str:
    """Markdown: a table for each element, a row for each attribute."""
    return "\n".join([_HEAD, *_element(ROOT, "")])


def _element(element: Element, inside: str) -> Iterator[str]:
    way = f"{inside}/{element.name}" if inside else element.name
    yield f"## `{way}`\n"
    often = " It may be repeated." if element.many else ""
    yield f"{element.meaning}{often}\n"
    if element.attributes:
        rows = [_COLUMNS, tuple("---" for _ in _COLUMNS), *map(_row, element.attributes)]
        for row in rows:
            yield "| " + " | ".join(cell.replace("|", r"\|") for cell in row) + " |"
        yield ""
    for child in element.children:
        yield from _element(child, way)


def _row(attribute: Attribute) -> tuple[str, ...]:
    default = attribute.shown_default()
    shown = "required" if attribute.required else f"`{default}`" if default else "empty"
    return (f"`{attribute.name}`", attribute.kind.rule, shown, attribute.meaning)
