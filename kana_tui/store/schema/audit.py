"""The audit log: one hash chain per node."""

from sqlalchemy import Column, Index, Table, Text

from kana_tui.store.schema.columns import ForeignText, Instant, Opaque, metadata, row_id

audit = Table(
    "audit",
    metadata,
    row_id(),
    Column("node", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("operator", Text, nullable=False),
    Column("object", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("field", Text),
    Column("old", ForeignText),
    Column("new", ForeignText),
    Column("hash", Opaque, nullable=False),
    Index("ix_audit_chain", "node", "id"),
    Index("ix_audit_object", "object", "id"),
    Index("ix_audit_operator", "operator", "id"),
)
