"""The counters that IDs are taken from, so that none is ever used again."""

from sqlalchemy import Column, Table, Text

from kana_tui.store.schema.columns import ROW_ID, metadata

counter = Table(
    "counter",
    metadata,
    Column("name", Text, primary_key=True),
    Column("next", ROW_ID, nullable=False),
)
