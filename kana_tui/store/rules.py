"""Rules in their tables: written as a tree, read back as a rule set."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from kana_tui.domain.rules.ruleset import (
    Action,
    ActionKind,
    Condition,
    Group,
    Operator,
    Rule,
    RuleSet,
)
from kana_tui.store.counters import reserve
from kana_tui.store.schema import rule, rule_group


async def write_groups(connection: AsyncConnection, groups: Iterable[Group]) -> None:
    """Add groups that the store does not have yet, with all their rules."""
    for group in groups:
        group_id = await reserve(connection, "rule_group")
        await connection.execute(insert(rule_group).values(id=group_id, name=group.name))
        await _write_rules(connection, group_id, None, group.rules)


async def _write_rules(
    connection: AsyncConnection, group_id: int, parent_id: int | None, rules: Sequence[Rule]
) -> None:
    for position, each in enumerate(rules):
        rule_id = await reserve(connection, "rule")
        await connection.execute(
            insert(rule).values(
                id=rule_id,
                group_id=group_id,
                parent_id=parent_id,
                position=position,
                name=each.name,
                enabled=True,
                match=each.match,
                conditions=json.dumps([_condition(c) for c in each.conditions]),
                actions=json.dumps(
                    [{"action": a.kind.value, "value": a.value} for a in each.actions]
                ),
            )
        )
        await _write_rules(connection, group_id, rule_id, each.children)


async def read_rules(connection: AsyncConnection) -> RuleSet:
    """The enabled rules of all groups; a disabled rule takes its children with it."""
    groups = (await connection.execute(select(rule_group).order_by(rule_group.c.id))).all()
    rows = await connection.execute(
        select(rule).where(rule.c.enabled).order_by(rule.c.position, rule.c.id)
    )
    below: dict[tuple[int, int | None], list[Any]] = {}
    for row in rows:
        below.setdefault((row.group_id, row.parent_id), []).append(row)
    return RuleSet(tuple(Group(g.name, _rules(below, g.id, None)) for g in groups))


def _rules(
    below: Mapping[tuple[int, int | None], list[Any]], group_id: int, parent_id: int | None
) -> tuple[Rule, ...]:
    return tuple(
        Rule(
            name=row.name,
            match=row.match,
            conditions=tuple(
                Condition(c["attribute"], Operator(c["operator"]), c["value"], c["negate"])
                for c in json.loads(row.conditions)
            ),
            actions=tuple(
                Action(ActionKind(a["action"]), a["value"]) for a in json.loads(row.actions)
            ),
            children=_rules(below, group_id, row.id),
        )
        for row in below.get((group_id, parent_id), ())
    )


def _condition(condition: Condition) -> dict[str, Any]:
    return {
        "attribute": condition.attribute,
        "operator": condition.operator.value,
        "value": condition.value,
        "negate": condition.negate,
    }
