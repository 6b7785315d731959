"""Mail on its way out; its state is per recipient."""

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, Text, text

from kana_tui.store.schema.columns import (
    ROW_ID,
    ForeignText,
    Instant,
    Opaque,
    metadata,
    reference,
    row_id,
)

outbound = Table(
    "outbound",
    metadata,
    row_id(),
    # reply, originated, forward, redirect, auto_respond, acknowledge, alert, notice
    Column("kind", Text, nullable=False),
    reference("mailbox_id", "mailbox", nullable=True, index=True),
    reference("message_id", "message", nullable=True, index=True),
    Column("from_", Text, nullable=False),
    Column("subject", ForeignText, nullable=False),
    Column("message_id_header", Text, nullable=False, unique=True),
    Column("charset", Text),
    # waiting, sending, sent, failed, perhaps_sent, cancelled
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_try", Instant),
    Column("last_error", ForeignText),
    Column("node", Text),
    Column("created_by", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("raw", Opaque, nullable=False),
)
Index(
    "ix_outbound_waiting",
    outbound.c.next_try,
    sqlite_where=text("state IN ('waiting', 'sending')"),
    postgresql_where=text("state IN ('waiting', 'sending')"),
)
# The board counts these at each look.
Index(
    "ix_outbound_failed",
    outbound.c.kind,
    sqlite_where=text("state = 'failed'"),
    postgresql_where=text("state = 'failed'"),
)

outbound_recipient = Table(
    "outbound_recipient",
    metadata,
    Column("outbound_id", ROW_ID, ForeignKey("outbound.id"), primary_key=True),
    Column("address", Text, primary_key=True),
    Column("position", Integer, nullable=False),
    Column("field", Text, nullable=False),  # to, cc, bcc
    Column("state", Text, nullable=False),
    Column("last_error", ForeignText),
    Column("changed_at", Instant, nullable=False),
)
