"""Departments, queues and rules."""

from sqlalchemy import Boolean, Column, Index, Integer, Table, Text, UniqueConstraint, text

from kana_tui.domain.rules.ruleset import Match
from kana_tui.store.schema.columns import Choice, Instant, metadata, reference, row_id

ROOT_DEPARTMENT_ID = 1
"""The department that all others descend from; it has no parent."""

department = Table(
    "department",
    metadata,
    row_id(),
    reference("parent_id", "department", nullable=True),
    Column("name", Text, nullable=False),
    Column("name_key", Text, nullable=False),
    UniqueConstraint("parent_id", "name_key"),
)

queue = Table(
    "queue",
    metadata,
    row_id(),
    reference("department_id", "department"),
    Column("name", Text, nullable=False),
    Column("name_key", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("permanent", Boolean, nullable=False),
    reference("escalate_to_id", "queue", nullable=True),
    Column("escalation_s", Integer),
    Column("service_level_s", Integer),
    UniqueConstraint("department_id", "name_key"),
)

rule_group = Table(
    "rule_group",
    metadata,
    row_id(),
    Column("name", Text, nullable=False, unique=True),  # filter, incoming, …, queue:ID
    reference("queue_id", "queue", nullable=True),
)

rule = Table(
    "rule",
    metadata,
    row_id(),
    reference("group_id", "rule_group"),
    reference("parent_id", "rule", nullable=True),
    Column("position", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("match", Choice(Match), nullable=False),
    Column("conditions", Text, nullable=False),  # JSON
    Column("actions", Text, nullable=False),  # JSON
    Column("failed_at", Instant),
    Column("failure", Text),
    Index("ix_rule_order", "group_id", "parent_id", "position"),
)

# Of the root only one: a NULL parent is no clash for the unique constraint.
Index(
    "uq_department_root",
    department.c.name_key,
    unique=True,
    sqlite_where=text("parent_id IS NULL"),
    postgresql_where=text("parent_id IS NULL"),
)
