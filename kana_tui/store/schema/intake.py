"""What the intake writes: leases, ledger rows, messages and their parts, the quarantine."""

from sqlalchemy import Boolean, CheckConstraint, Column, Index, Integer, Table, Text, text

from kana_tui.domain.intake import Outcome, Presence
from kana_tui.ports.messages import MessageState
from kana_tui.store.schema.columns import (
    ROW_ID,
    Choice,
    ForeignText,
    Instant,
    Opaque,
    TextList,
    metadata,
    reference,
    row_id,
)

lease = Table(
    "lease",
    metadata,
    reference("mailbox_id", "mailbox", primary_key=True, autoincrement=False),
    Column("token", ROW_ID, nullable=False),
    Column("holder", Text),
    Column("expires_at", Instant),
)

# `raw` stands last, so that reading the other columns never walks over its overflow pages.
message = Table(
    "message",
    metadata,
    row_id(),
    reference("mailbox_id", "mailbox"),
    Column("state", Choice(MessageState), nullable=False),
    Column("stage", Integer, nullable=False),
    reference("queue_id", "queue", nullable=True),
    Column("received_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("size", ROW_ID, nullable=False),
    Column("truncated", Boolean, nullable=False),
    Column("trusted", Boolean, nullable=False),
    Column("digest", Opaque, nullable=False),
    Column("subject", ForeignText, nullable=False),
    Column("from_", ForeignText, nullable=False),
    Column("to", TextList, nullable=False),
    Column("cc", TextList, nullable=False),
    Column("date", Instant),
    Column("message_id", ForeignText, nullable=False),
    Column("return_path", ForeignText),
    Column("auto_submitted", ForeignText, nullable=False),
    Column("precedence", ForeignText, nullable=False),
    Column("labels", TextList, nullable=False),
    Column("case", Text),
    Column("raw", Opaque),
    CheckConstraint("length(digest) = 32", "digest_is_sha256"),
    Index("ix_message_state", "mailbox_id", "state"),
    Index("ix_message_received", "received_at", "id"),
    Index("ix_message_mailbox_received", "mailbox_id", "received_at", "id"),
)
Index(
    "ix_message_new",
    message.c.id,
    sqlite_where=text("state = 'new'"),
    postgresql_where=text("state = 'new'"),
)
Index(
    "ix_message_queue",
    message.c.queue_id,
    message.c.state,
    message.c.received_at,
    sqlite_where=text("queue_id IS NOT NULL"),
    postgresql_where=text("queue_id IS NOT NULL"),
)

# No foreign key to message: the parts of a large message are there before its row.
message_part = Table(
    "message_part",
    metadata,
    Column("message_id", ROW_ID, primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("data", Opaque, nullable=False),
)

unfinished = Table(
    "unfinished",
    metadata,
    Column("message_id", ROW_ID, primary_key=True, autoincrement=False),
    reference("mailbox_id", "mailbox", index=True),
)

intake = Table(
    "intake",
    metadata,
    row_id(),
    reference("mailbox_id", "mailbox"),
    Column("epoch", Integer, nullable=False),
    Column("uid_validity", ROW_ID, nullable=False),
    Column("uid", Opaque, nullable=False),
    Column("reuse", Integer, nullable=False),
    Column("size", ROW_ID, nullable=False),
    Column("outcome", Choice(Outcome), nullable=False),
    Column("presence", Choice(Presence), nullable=False),
    Column("digest", Opaque),
    # What it became. No foreign key: the row stays when retention removes the message.
    Column("message_id", ROW_ID),
    Column("listed_at", Instant, nullable=False),
    Column("taken_at", Instant),
    # How often in a row it could not be read or stored, when last, and why.
    Column("tries", Integer, nullable=False),
    Column("tried_at", Instant),
    Column("trouble", ForeignText),
    CheckConstraint("digest IS NULL OR length(digest) = 32", "digest_is_sha256"),
)
Index(
    "uq_intake_identity",
    *(intake.c[name] for name in ("mailbox_id", "epoch", "uid_validity", "uid", "reuse")),
    unique=True,
)
Index(
    "ix_intake_present",
    intake.c.mailbox_id,
    intake.c.epoch,
    sqlite_where=text("presence <> 'absent' AND presence <> 'vanished'"),
    postgresql_where=text("presence <> 'absent' AND presence <> 'vanished'"),
)
Index(
    "ix_intake_listed",
    intake.c.mailbox_id,
    intake.c.listed_at,
    sqlite_where=text("outcome = 'listed'"),
    postgresql_where=text("outcome = 'listed'"),
)
Index(
    "ix_intake_unconfirmed",
    intake.c.mailbox_id,
    intake.c.digest,
    sqlite_where=text("digest IS NOT NULL AND presence <> 'absent'"),
    postgresql_where=text("digest IS NOT NULL AND presence <> 'absent'"),
)

quarantine = Table(
    "quarantine",
    metadata,
    reference("message_id", "message", primary_key=True, autoincrement=False),
    reference("mailbox_id", "mailbox", index=True),
    Column("since", Instant, nullable=False),
    Column("stage", Integer, nullable=False),
    Column("cause", ForeignText, nullable=False),
    Column("trace", ForeignText, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("last_tried_at", Instant, nullable=False),
)
