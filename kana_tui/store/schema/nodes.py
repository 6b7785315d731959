"""Engines, their receivers, and the commands they are given."""

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from kana_tui.domain.cover import Priority
from kana_tui.ports.nodes import ReceiverState
from kana_tui.store.schema.columns import (
    ROW_ID,
    Choice,
    ForeignText,
    Instant,
    TextList,
    metadata,
    reference,
    row_id,
)

node = Table(
    "node",
    metadata,
    Column("name", Text, primary_key=True),
    Column("host", Text, nullable=False),
    Column("pid", Integer, nullable=False),
    Column("version", Text, nullable=False),
    Column("hosted", Boolean, nullable=False),
    Column("hosted_by", Text),
    Column("started_at", Instant, nullable=False),
    Column("heartbeat_at", Instant, nullable=False),
    Column("ended_at", Instant),
)

receiver = Table(
    "receiver",
    metadata,
    row_id(),
    Column("node", Text, ForeignKey("node.name"), nullable=False),
    Column("name", Text, nullable=False),
    Column("position", Integer, nullable=False),
    Column("priority", Choice(Priority), nullable=False),
    Column("state", Choice(ReceiverState), nullable=False),
    Column("visiting", TextList, nullable=False),
    Column("messages_per_min", Float, nullable=False),
    Column("last_error", ForeignText),
    Column("stopped_by", Text),
    Column("stopped_at", Instant),
    Column("busy_share", Float, nullable=False, server_default=text("0")),
    UniqueConstraint("node", "name"),
)

command = Table(
    "command",
    metadata,
    row_id(),
    Column("node", Text, nullable=False),
    Column("kind", Text, nullable=False),  # start, stop, now, priority, …
    Column("receiver", Text),
    reference("mailbox_id", "mailbox", nullable=True),
    Column("value", Text),
    Column("state", Text, nullable=False),  # pending, done, failed
    Column("error", ForeignText),
    Column("requested_by", Text, nullable=False),
    Column("requested_at", Instant, nullable=False),
    Column("finished_at", Instant),
    Column("undoes", ROW_ID),
    # Of an order that changes config.xml: what it makes of it, and whether the store knows.
    Column("foreseen", Text),
    Column("recorded", Boolean, nullable=False, server_default=text("0")),
)
Index(
    "ix_command_pending",
    command.c.node,
    command.c.id,
    sqlite_where=text("state = 'pending'"),
    postgresql_where=text("state = 'pending'"),
)
