"""The newest visits of each mailbox."""

from sqlalchemy import Column, Index, Integer, Table, Text

from kana_tui.domain.errors import Stage
from kana_tui.store.schema.columns import (
    ROW_ID,
    Choice,
    ForeignText,
    Instant,
    metadata,
    reference,
)

visit = Table(
    "visit",
    metadata,
    Column("id", ROW_ID, primary_key=True),
    reference("mailbox_id", "mailbox"),
    Column("holder", Text, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("ended_at", Instant, nullable=False),
    Column("taken", Integer, nullable=False),
    Column("size_bytes", ROW_ID, nullable=False),
    Column("error_stage", Choice(Stage)),
    Column("error_message", ForeignText),
    Index("ix_visit_mailbox", "mailbox_id", "id"),
    sqlite_autoincrement=True,
)
