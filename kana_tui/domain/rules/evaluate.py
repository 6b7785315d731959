"""Evaluation of a rule group on a message: which actions come out, and which rules are broken."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

import re2
from attrs import frozen

from kana_tui.domain.rules.ruleset import (
    Action,
    ActionKind,
    Condition,
    Group,
    Match,
    Operator,
    Rule,
)
from kana_tui.domain.rules.stages import ReadyMessage

Value = str | int | bool | Sequence[str]

ENDING_KINDS: Final = frozenset({ActionKind.ROUTE, ActionKind.CLOSE})
"""Of these the first in a group wins."""


class BrokenRuleError(Exception):
    """A rule that cannot be evaluated; it is skipped and flagged, the message goes on."""


@frozen
class Verdict:
    """What a group asks for, in order; `broken`: names of rules skipped, with the reason."""

    actions: tuple[Action, ...]
    stopped: bool
    broken: tuple[tuple[str, str], ...]


def evaluate(group: Group, message: ReadyMessage) -> Verdict:
    """Run the rules of `group` in order; `stop` ends them."""
    actions: list[Action] = []
    broken: list[tuple[str, str]] = []
    stopped = False
    for action in _walk(group.rules, message, broken):
        if action.kind is ActionKind.STOP:
            stopped = True
            break
        if action.kind in ENDING_KINDS and any(a.kind in ENDING_KINDS for a in actions):
            continue
        actions.append(action)
    return Verdict(tuple(actions), stopped, tuple(broken))


def _walk(
    rules: Sequence[Rule], message: ReadyMessage, broken: list[tuple[str, str]]
) -> Iterator[Action]:
    for rule in rules:
        try:
            matched = _matches(rule, message)
        except BrokenRuleError as error:
            broken.append((rule.name, str(error)))
            continue
        if matched:
            yield from rule.actions
            yield from _walk(rule.children, message, broken)


def _matches(rule: Rule, message: ReadyMessage) -> bool:
    if not rule.conditions:
        return True
    join = all if rule.match is Match.ALL else any
    return join(_holds(condition, message) for condition in rule.conditions)


def _holds(condition: Condition, message: ReadyMessage) -> bool:
    read = ATTRIBUTES.get(condition.attribute)
    if read is None:
        raise BrokenRuleError(f"attribute {condition.attribute!r} is not known")
    value = read(message)
    test = _TESTS[condition.operator]
    if isinstance(value, bool):
        holds = test("true" if value else "false", condition.value.strip())
    elif isinstance(value, (str, int)):
        holds = test(str(value), condition.value)
    else:
        holds = any(test(item, condition.value) for item in value)
    return holds != condition.negate


def _fold(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise BrokenRuleError(f"{text!r} is not a number") from None


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> Any:  # re2 has no types of its own
    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    try:
        return re2.compile(unicodedata.normalize("NFC", pattern), options)
    except re2.error:
        raise BrokenRuleError(f"{pattern!r} is not a regular expression (RE2)") from None


def _search(text: str, pattern: str) -> bool:
    return _compiled(pattern).search(unicodedata.normalize("NFC", text)) is not None


_TESTS: Final[Mapping[Operator, Callable[[str, str], bool]]] = {
    Operator.EQUALS: lambda text, value: _fold(text) == _fold(value),
    Operator.IS: lambda text, value: _fold(text) == _fold(value),
    Operator.CONTAINS: lambda text, value: _fold(value) in _fold(text),
    Operator.STARTS_WITH: lambda text, value: _fold(text).startswith(_fold(value)),
    Operator.ENDS_WITH: lambda text, value: _fold(text).endswith(_fold(value)),
    Operator.MATCHES: _search,
    Operator.GREATER: lambda text, value: _number(text) > _number(value),
    Operator.LESS: lambda text, value: _number(text) < _number(value),
}

BULK_PRECEDENCES: Final = frozenset({"bulk", "junk", "list"})

ATTRIBUTES: Final[Mapping[str, Callable[[ReadyMessage], Value]]] = {
    "subject": lambda m: m.subject,
    "from": lambda m: m.from_,
    "to": lambda m: m.to,
    "cc": lambda m: m.cc,
    "size": lambda m: m.size,
    "trusted": lambda m: m.trusted,
    "force_default_queue": lambda m: m.force_default_queue,
    "auto_submitted": lambda m: m.auto_submitted.strip().casefold() not in ("", "no"),
    "bulk": lambda m: m.precedence.strip().casefold() in BULK_PRECEDENCES or "bulk" in m.labels,
    "bounced": lambda m: m.return_path == "" or "bounced" in m.labels,
}
"""What a condition can ask of a message that is read from its stored row alone."""
