"""What the overview asks, in SQL that SQLite and PostgreSQL understand alike.

Read by the standard library's sqlite3 (`store.quick`) and by SQLAlchemy
(`store.overview`, `store.ledger`): one text for both. `:since` and `:late` are
in milliseconds. Each statement is one pass, however many mailboxes there are.
"""

from __future__ import annotations

from datetime import timedelta
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
       stopped_by, stopped_at, busy_share
FROM receiver
WHERE position >= 0  -- see GONE of the nodes
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

LATE_AFTER: Final = timedelta(seconds=60)
"""Alert mail that is older and has not left counts as undelivered; `:late` is so long ago."""

UNDELIVERED_ALERT_MAIL: Final = """
SELECT (
    SELECT count(*)
    FROM alert a JOIN notification n ON n.mailbox_id = a.mailbox_id AND n.alert_id = a.id
    WHERE a.closed_at IS NULL AND n.state = 'undeliverable'
) + (
    SELECT count(*)
    FROM notification n JOIN alert a ON a.id = n.alert_id
    WHERE n.state IN ('pending', 'deferred') AND n.due_at < :late
    AND (n.state = 'pending' OR a.closed_at IS NULL)
) + (
    SELECT count(*) FROM outbound WHERE kind = 'alert' AND state = 'failed'
) + (
    SELECT count(*)
    FROM outbound
    WHERE kind = 'alert' AND state IN ('waiting', 'sending')
    AND (attempts > 0 OR created_at < :late)
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
