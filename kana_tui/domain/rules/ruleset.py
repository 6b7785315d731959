"""Rules as data: groups of rules with conditions and actions."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from attrs import field, frozen

FILTER, INCOMING, POST_INCOMING = "filter", "incoming", "post_incoming"
MAILBOX_DEFAULT_QUEUE = ""
"""The value of a `route` action that means the mailbox's own default queue."""


class Match(StrEnum):
    ALL = "all"
    ANY = "any"


class Operator(StrEnum):
    EQUALS = "equals"
    CONTAINS = "contains"
    STARTS_WITH = "starts_with"
    ENDS_WITH = "ends_with"
    MATCHES = "matches"
    GREATER = "greater"
    LESS = "less"
    IS = "is"


class ActionKind(StrEnum):
    ROUTE = "route"
    STOP = "stop"
    DELETE = "delete"
    LABEL = "label"
    CATEGORIZE = "categorize"
    CLOSE = "close"
    MARK_BOUNCED = "mark_bounced"
    MARK_BULK = "mark_bulk"


@frozen
class Condition:
    """`negate` inverts it. `value` is text; numbers and truth are read from it."""

    attribute: str
    operator: Operator
    value: str
    negate: bool = False


@frozen
class Action:
    kind: ActionKind
    value: str = ""


@frozen
class Rule:
    """No conditions: it always matches. Children run only if it matched."""

    name: str
    match: Match = Match.ALL
    conditions: tuple[Condition, ...] = ()
    actions: tuple[Action, ...] = ()
    children: tuple[Rule, ...] = ()


@frozen
class Group:
    """`name`: filter, incoming, post_incoming, or `queue:ID`."""

    name: str
    rules: tuple[Rule, ...]


@frozen
class RuleSet:
    """The groups, and the queues that `route` can name: path -> ID."""

    groups: tuple[Group, ...]
    queues: Mapping[str, int] = field(factory=dict)

    def group(self, name: str) -> Group:
        """The group of that name; an empty one where none is stored."""
        return next((g for g in self.groups if g.name == name), Group(name, ()))


SHIPPED = RuleSet(
    (
        Group(
            INCOMING,
            (
                Rule(
                    "Force routing to default queue",
                    conditions=(Condition("force_default_queue", Operator.IS, "true"),),
                    actions=(Action(ActionKind.STOP),),
                ),
            ),
        ),
        Group(
            POST_INCOMING,
            (
                Rule(
                    "Route to the mailbox's default queue",
                    actions=(Action(ActionKind.ROUTE, MAILBOX_DEFAULT_QUEUE),),
                ),
            ),
        ),
    )
)
