"""All tables, as SQLAlchemy Core sees them; the migrations make them."""

from kana_tui.store.schema.audit import audit
from kana_tui.store.schema.columns import metadata
from kana_tui.store.schema.counters import counter
from kana_tui.store.schema.credentials import proof, token, token_use
from kana_tui.store.schema.depth import alert, depth_sample, level, notification, silence
from kana_tui.store.schema.intake import (
    intake,
    lease,
    message,
    message_part,
    quarantine,
    unfinished,
)
from kana_tui.store.schema.mailboxes import mailbox, mailbox_department, secret
from kana_tui.store.schema.nodes import command, node, receiver
from kana_tui.store.schema.outbound import outbound, outbound_recipient
from kana_tui.store.schema.routing import (
    ROOT_DEPARTMENT_ID,
    department,
    queue,
    rule,
    rule_group,
)
from kana_tui.store.schema.visits import visit

__all__ = [
    "ROOT_DEPARTMENT_ID",
    "alert",
    "audit",
    "command",
    "counter",
    "department",
    "depth_sample",
    "intake",
    "lease",
    "level",
    "mailbox",
    "mailbox_department",
    "message",
    "message_part",
    "metadata",
    "node",
    "notification",
    "outbound",
    "outbound_recipient",
    "proof",
    "quarantine",
    "queue",
    "receiver",
    "rule",
    "rule_group",
    "secret",
    "silence",
    "token",
    "token_use",
    "unfinished",
    "visit",
]
