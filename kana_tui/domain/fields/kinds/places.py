"""Where mail and people belong: departments and queues, by path."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from attrs import frozen

from kana_tui.domain.fields.context import ROOT, Context
from kana_tui.domain.fields.kinds.kind import Kind, RuleError
from kana_tui.domain.fields.kinds.text import PlainText


def resolve(reference: str, paths: Sequence[str], what: str) -> str:
    """The path that `reference` means: the path itself, or the end of exactly one.

    Upper and lower case are told apart only where both exist. RuleError if
    there is none such, or more than one.
    """
    if reference in paths:
        return reference
    wanted = _folded(reference)
    whole = [path for path in paths if _folded(path) == wanted]
    found = whole or [path for path in paths if _folded(path).endswith("/" + wanted)]
    if len(found) == 1:
        return found[0]
    if found:
        raise RuleError(f"means more than one {what}", f"give one of {_listed(found)}")
    raise RuleError(
        f"is no {what}", f"give one of {_listed(paths)}" if paths else f"add the {what}"
    )


def _folded(path: str) -> str:
    return unicodedata.normalize("NFC", path).casefold()


def _listed(paths: Sequence[str], most: int = 10) -> str:
    more = f" … ({len(paths) - most} more)" if len(paths) > most else ""
    return ", ".join(paths[:most]) + more


@frozen
class Queue(PlainText):
    """A queue's path; a bare name is root's queue, or else the only one of that name."""

    @property
    def rule(self) -> str:
        return "a queue: its name, or Department/Queue where the name is not the only one"

    def check(self, value: str, context: Context, /) -> str:
        return resolve(value.removeprefix(f"{ROOT}/"), context.queues, "queue")


@frozen
class Departments(Kind[frozenset[str]]):
    """A set of department paths."""

    @property
    def rule(self) -> str:
        return "departments, separated by commas"

    def parse(self, text: str) -> frozenset[str]:
        parts = (unicodedata.normalize("NFC", part.strip()) for part in text.split(","))
        return frozenset(part for part in parts if part)

    def from_json(self, data: object) -> frozenset[str]:
        if not isinstance(data, list) or not all(isinstance(item, str) for item in data):
            raise RuleError("must be a list of strings", 'give it like ["root/Support"]')
        return self.parse(",".join(data))

    def to_json(self, value: frozenset[str]) -> object:
        return sorted(value)

    def display(self, value: frozenset[str]) -> str:
        return ", ".join(sorted(value))

    def check(self, value: frozenset[str], context: Context, /) -> frozenset[str]:
        return frozenset(resolve(path, context.departments, "department") for path in sorted(value))
