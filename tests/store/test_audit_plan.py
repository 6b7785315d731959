"""How the audit log is searched: by an index, however long it has grown."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy.dialects import sqlite

from kana_tui.store.audit import newest_entries_of


def test_an_operators_newest_entries_are_found_without_looking_at_the_others(
    new_store: Path,
) -> None:
    wanted = newest_entries_of("alice", 50, before=1_000)
    asked = wanted.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True})
    with closing(sqlite3.connect(new_store)) as connection:
        plan = connection.execute(f"EXPLAIN QUERY PLAN {asked}").fetchall()
    told = " ".join(str(row[3]) for row in plan)
    assert "USING INDEX ix_audit_operator (operator=? AND id<?)" in told
    assert "SCAN" not in told
    assert "TEMP B-TREE" not in told
