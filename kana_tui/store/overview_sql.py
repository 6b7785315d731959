"""What the overview asks, in SQL that SQLite and PostgreSQL understand alike.

Read by the standard library's sqlite3 (`store.quick`) and by SQLAlchemy
(`store.overview`, `store.ledger`): one text for both. `:since` is in
milliseconds. Each statement is one pass, however many mailboxes there are.
"""

from __future__ import annotations

from typing import Final

VERSION: Final = "SELECT version_num FROM alembic_version"

MAILBOXES: Final = """
SELECT m.id, m.name, m.email_address, m.auth_type, m.priority, m.active,
       m.use_default_watermarks, m.low_watermark, m.high_watermark,
       l.level, l.since, l.remote, l.sampled_at, l.known, l.oldest_at,
       l.error_stage, l.error_message, l.error_since, l.unknown_since, l.usual_inflow_per_min,
       l.next_try_at
FROM mailbox m JOIN level l ON l.mailbox_id = m.id
WHERE m.archived_at IS NULL
ORDER BY m.id
"""

POINTS: Final = """
SELECT m.id, s.at, s.remote, s.local, s.taken
FROM mailbox m JOIN depth_sample s ON s.mailbox_id = m.id
WHERE m.archived_at IS NULL AND s.at >= :since AND s.remote IS NOT NULL
ORDER BY m.id, s.at, s.id
"""

RECEIVERS: Final = """
SELECT id, node, name, priority, state, visiting, messages_per_min, last_error,
       stopped_by, stopped_at
FROM receiver
ORDER BY node, position
"""

NODES: Final = """
SELECT name, host, pid, version, hosted, hosted_by, started_at, heartbeat_at, ended_at
FROM node
ORDER BY name
"""

ALERTS: Final = """
SELECT a.id, a.mailbox_id, m.name, a.kind, a.level, a.opened_at, a.acknowledged_by, a.cause,
       a.depth
FROM alert a JOIN mailbox m ON m.id = a.mailbox_id
WHERE a.closed_at IS NULL
ORDER BY a.opened_at, a.id
"""

UNDELIVERED_ALERT_MAIL: Final = """
SELECT (
    SELECT count(*)
    FROM alert a JOIN notification n ON n.mailbox_id = a.mailbox_id AND n.alert_id = a.id
    WHERE a.closed_at IS NULL AND n.state = 'undeliverable'
) + (
    SELECT count(*) FROM outbound WHERE kind = 'alert' AND state = 'failed'
) + (
    SELECT count(*)
    FROM outbound
    WHERE kind = 'alert' AND state IN ('waiting', 'sending') AND attempts > 0
)
"""

LEDGER_NUMBERS: Final = """
SELECT id, name, duplicate, gone, remaining, pruned_stored, pruned_filtered, pruned_seen
FROM mailbox
ORDER BY id
"""

MESSAGES_BY_STATE: Final = """
SELECT mailbox_id, state, count(*) FROM message GROUP BY mailbox_id, state
"""

QUARANTINED: Final = "SELECT mailbox_id, count(*) FROM quarantine GROUP BY mailbox_id"

SEEN: Final = "SELECT mailbox_id, count(*) FROM intake GROUP BY mailbox_id"

OUTBOX_DEPTH: Final = "SELECT count(*) FROM outbound WHERE state IN ('waiting', 'sending')"
