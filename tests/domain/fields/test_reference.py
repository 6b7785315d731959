"""The generated page of fields."""

from __future__ import annotations

from kana_tui.domain.fields import FIELDS, GROUPS
from kana_tui.domain.fields.reference import fields_reference


def test_every_field_has_its_row_under_its_groups_heading() -> None:
    sections = fields_reference().split("\n## ")[1:]
    assert [section.splitlines()[0] for section in sections] == list(GROUPS)
    rows = [line for line in fields_reference().splitlines() if line.startswith("| `")]
    assert [row.split("`")[1] for row in rows] == [field.key for field in FIELDS]


def test_a_row_tells_label_rule_default_and_when_it_shows() -> None:
    rows = {r.split("`")[1]: r for r in fields_reference().splitlines() if r.startswith("| `")}
    for field in FIELDS:
        for part in (field.label, field.kind.rule, field.shown_when, field.help):
            assert part in rows[field.key]
    assert "POP server timeout, IMAP server timeout" in rows["timeout_s"]
    assert "| `26214400` |" in rows["max_message_size"]
    assert "| by type |" in rows["port"]
