"""Depth samples, levels, and the alerts that follow from them."""

from sqlalchemy import Boolean, Column, Float, Index, Integer, Table, Text, text

from kana_tui.domain.errors import Stage
from kana_tui.domain.levels import Level
from kana_tui.store.schema.columns import (
    ROW_ID,
    Choice,
    ForeignText,
    Instant,
    metadata,
    reference,
    row_id,
)

# AUTOINCREMENT: readers that hold samples ask only for those with a higher ID.
depth_sample = Table(
    "depth_sample",
    metadata,
    Column("id", ROW_ID, primary_key=True),
    reference("mailbox_id", "mailbox"),
    Column("at", Instant, nullable=False),
    Column("remote", ROW_ID),
    Column("local", ROW_ID, nullable=False),
    Column("taken", Integer, nullable=False),
    Column("oldest_at", Instant),
    Column("error_stage", Choice(Stage)),
    Column("error_message", ForeignText),
    Index("ix_depth_sample_mailbox", "mailbox_id", "at", "id"),
    Index("ix_depth_sample_newest", "mailbox_id", "id"),
    sqlite_autoincrement=True,
)

# Where a mailbox stands: its level, its last good sample, its last error.
level = Table(
    "level",
    metadata,
    reference("mailbox_id", "mailbox", primary_key=True, autoincrement=False),
    Column("level", Choice(Level), nullable=False),
    Column("since", Instant),
    Column("remote", ROW_ID),
    Column("oldest_at", Instant),
    Column("sampled_at", Instant),
    Column("known", Boolean, nullable=False),
    Column("unknown_since", Instant),
    Column("error_stage", Choice(Stage)),
    Column("error_message", ForeignText),
    Column("error_since", Instant),
    # Failed attempts in a row, those of them whose credentials were refused, and the next one.
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("refusals", Integer, nullable=False, server_default="0"),
    Column("next_try_at", Instant),
    Column("usual_inflow_per_min", Float),  # worked out each hour
)

alert = Table(
    "alert",
    metadata,
    row_id(),
    reference("mailbox_id", "mailbox", index=True),
    Column("kind", Text, nullable=False),  # watermark, unknown
    Column("level", Choice(Level), nullable=False),
    Column("depth", ROW_ID, nullable=False),
    Column("cause", Text),
    Column("opened_at", Instant, nullable=False),
    Column("escalated_at", Instant),
    Column("closed_at", Instant),
    Column("acknowledged_by", Text),
    Column("acknowledged_at", Instant),
    Column("acknowledged_note", Text),
    Column("acknowledged_until", Instant),
    Column("reminded_at", Instant),
)
Index(
    "uq_alert_open",
    alert.c.mailbox_id,
    alert.c.kind,
    unique=True,
    sqlite_where=text("closed_at IS NULL"),
    postgresql_where=text("closed_at IS NULL"),
)

# A crossing to be mailed; `key` makes each one unique, whoever writes it.
notification = Table(
    "notification",
    metadata,
    row_id(),
    Column("key", Text, nullable=False, unique=True),
    reference("mailbox_id", "mailbox", index=True),
    reference("alert_id", "alert", nullable=True),
    Column("crossing", Text, nullable=False),  # low, high, drained, unknown, flapping, reminder
    Column("depth", ROW_ID, nullable=False),
    Column("at", Instant, nullable=False),
    # pending, deferred, mailed, recovered, silenced, undeliverable
    Column("state", Text, nullable=False),
    Column("due_at", Instant, nullable=False),
    reference("outbound_id", "outbound", nullable=True),
    Column("settled_at", Instant),
)
Index(
    "ix_notification_due",
    notification.c.due_at,
    sqlite_where=text("state IN ('pending', 'deferred')"),
    postgresql_where=text("state IN ('pending', 'deferred')"),
)

silence = Table(
    "silence",
    metadata,
    row_id(),
    reference("mailbox_id", "mailbox", nullable=True),
    Column("pattern", Text),
    Column("until", Instant, nullable=False),
    Column("note", Text),
    Column("created_by", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("ended_by", Text),
    Column("ended_at", Instant),
)
