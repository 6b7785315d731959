"""The first schema.

Revision ID: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:  # noqa: PLR0915  # as long as the schema
    op.create_table(
        "audit",
        sa.Column("id", ROW_ID, autoincrement=False, nullable=False),
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("operator", sa.Text(), nullable=False),
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=True),
        sa.Column("old", sa.Text(), nullable=True),
        sa.Column("new", sa.Text(), nullable=True),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_index("ix_audit_chain", "audit", ["node", "id"], unique=False)
    op.create_index("ix_audit_object", "audit", ["object", "id"], unique=False)
    op.create_table(
        "counter",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("next", ROW_ID, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_counter")),
    )
    op.create_table(
        "department",
        sa.Column("id", ROW_ID, autoincrement=False, nullable=False),
        sa.Column("parent_id", ROW_ID, nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["department.id"], name=op.f("fk_department_parent_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_department")),
        sa.UniqueConstraint("parent_id", "name_key", name=op.f("uq_department_parent_id_name_key")),
    )
    op.create_index(
        "uq_department_root",
        "department",
        ["name_key"],
        unique=True,
        sqlite_where=sa.text("parent_id IS NULL"),
        postgresql_where=sa.text("parent_id IS NULL"),
    )
    op.create_table(
        "message_part",
        sa.Column("message_id", ROW_ID, autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("message_id", "position", name=op.f("pk_message_part")),
    )
    op.create_table(
        "node",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("hosted", sa.Boolean(), nullable=False),
        sa.Column("hosted_by", sa.Text(), nullable=True),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("heartbeat_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_node")),
    )
    op.create_table(
        "secret",
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("owner", "key", name=op.f("pk_secret")),
    )
    op.create_table(
        "queue",
        sa.Column("id", ROW_ID, autoincrement=False, nullable=False),
        sa.Column("department_id", ROW_ID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("permanent", sa.Boolean(), nullable=False),
        sa.Column("escalate_to_id", ROW_ID, nullable=True),
        sa.Column("escalation_s", sa.Integer(), nullable=True),
        sa.Column("service_level_s", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_queue_department_id")
        ),
        sa.ForeignKeyConstraint(
            ["escalate_to_id"], ["queue.id"], name=op.f("fk_queue_escalate_to_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_queue")),
        sa.UniqueConstraint(
            "department_id", "name_key", name=op.f("uq_queue_department_id_name_key")
        ),
    )
    op.create_table(
        "receiver",
        sa.Column("id", ROW_ID, autoincrement=False, nullable=False),
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("priority", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("visiting", sa.Text(), nullable=False),
        sa.Column("messages_per_min", sa.Float(), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("stopped_by", sa.Text(), nullable=True),
        sa.Column("stopped_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["node"], ["node.name"], name=op.f("fk_receiver_node")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receiver")),
        sa.UniqueConstraint("node", "name", name=op.f("uq_receiver_node_name")),
    )
    op.create_table(
        "mailbox",
        sa.Column("id", ROW_ID, autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("archived_at", sa.BigInteger(), nullable=True),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.Column("address_key", sa.Text(), nullable=False),
        sa.Column("server_key", sa.Text(), nullable=False),
        sa.Column("folder_key", sa.Text(), nullable=False),
        sa.Column("remaining", ROW_ID, nullable=False),
        sa.Column("duplicate", ROW_ID, nullable=False),
        sa.Column("gone", ROW_ID, nullable=False),
        sa.Column("pruned_stored", ROW_ID, nullable=False),
        sa.Column("pruned_filtered", ROW_ID, nullable=False),
        sa.Column("pruned_seen", ROW_ID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email_address", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("priority", sa.Text(), nullable=False),
        sa.Column("default_queue_id", ROW_ID, nullable=False),
        sa.Column("force_default_queue", sa.Boolean(), nullable=False),
        sa.Column("auth_type", sa.Text(), nullable=False),
        sa.Column("server", sa.Text(), nullable=False),
        sa.Column("port", sa.Integer(), nullable=False),
        sa.Column("timeout_s", sa.Integer(), nullable=False),
        sa.Column("user", sa.Text(), nullable=False),
        sa.Column("max_message_size", sa.Integer(), nullable=False),
        sa.Column("imap_folder", sa.Text(), nullable=False),
        sa.Column("after_download", sa.Text(), nullable=False),
        sa.Column("tls_ca_file", sa.Text(), nullable=False),
        sa.Column("oauth_grant", sa.Text(), nullable=False),
        sa.Column("authorization_url", sa.Text(), nullable=False),
        sa.Column("token_url", sa.Text(), nullable=False),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("smtp_server", sa.Text(), nullable=False),
        sa.Column("smtp_port", sa.Integer(), nullable=False),
        sa.Column("smtp_tls", sa.Boolean(), nullable=False),
        sa.Column("smtp_auth", sa.Boolean(), nullable=False),
        sa.Column("smtp_user", sa.Text(), nullable=False),
        sa.Column("smtp_ssl", sa.Boolean(), nullable=False),
        sa.Column("oauth2_smtp", sa.Boolean(), nullable=False),
        sa.Column("trusted", sa.Boolean(), nullable=False),
        sa.Column("outbound_attachments", sa.Boolean(), nullable=False),
        sa.Column("use_default_watermarks", sa.Boolean(), nullable=False),
        sa.Column("low_watermark", sa.Integer(), nullable=False),
        sa.Column("high_watermark", sa.Integer(), nullable=False),
        sa.Column("alert_email", sa.Text(), nullable=False),
        sa.Column("default_charset", sa.Text(), nullable=False),
        sa.Column("reply_charset_policy", sa.Text(), nullable=False),
        sa.Column("euro_policy", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["default_queue_id"], ["queue.id"], name=op.f("fk_mailbox_default_queue_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mailbox")),
    )
    op.create_index(
        "uq_mailbox_account",
        "mailbox",
        ["server_key", "port", "user", "folder_key"],
        unique=True,
        sqlite_where=sa.text("archived_at IS NULL"),
        postgresql_where=sa.text("archived_at IS NULL"),
    )
    op.create_index(
        "uq_mailbox_address",
        "mailbox",
        ["address_key"],
        unique=True,
        sqlite_where=sa.text("archived_at IS NULL"),
        postgresql_where=sa.text("archived_at IS NULL"),
    )
    op.create_index(
        "uq_mailbox_name",
        "mailbox",
        ["name_key"],
        unique=True,
        sqlite_where=sa.text("archived_at IS NULL"),
        postgresql_where=sa.text("archived_at IS NULL"),
    )
    op.create_table(
        "rule_group",
        sa.Column("id", ROW_ID, autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("queue_id", ROW_ID, nullable=True),
        sa.ForeignKeyConstraint(["queue_id"], ["queue.id"], name=op.f("fk_rule_group_queue_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_group")),
        sa.UniqueConstraint("name", name=op.f("uq_rule_group_name")),
    )
    op.create_table(
        "alert",
        sa.Column("id", ROW_ID, autoincrement=False, nullable=False),
        sa.Column("mailbox_id", ROW_ID, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("depth", ROW_ID, nullable=False),
        sa.Column("cause", sa.Text(), nullable=True),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("escalated_at", sa.BigInteger(), nullable=True),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.Column("acknowledged_by", sa.Text(), nullable=True),
        sa.Column("acknowledged_at", sa.BigInteger(), nullable=True),
        sa.Column("acknowledged_note", sa.Text(), nullable=True),
        sa.Column("acknowledged_until", sa.BigInteger(), nullable=True),
        sa.Column("reminded_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["mailbox_id"], ["mailbox.id"], name=op.f("fk_alert_mailbox_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert")),
    )
    op.create_index(op.f("ix_alert_mailbox_id"), "alert", ["mailbox_id"], unique=False)
    op.create_index(
        "uq_alert_open",
        "alert",
        ["mailbox_id", "kind"],
        unique=True,
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "command",
        sa.Column("id", ROW_ID, autoincrement=False, nullable=False),
        sa.Column("node", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("receiver", sa.Text(), nullable=True),
        sa.Column("mailbox_id", ROW_ID, nullable=True),
        sa.Column("value", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("requested_by", sa.Text(), nullable=False),
        sa.Column("requested_at", sa.BigInteger(), nullable=False),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["mailbox_id"], ["mailbox.id"], name=op.f("fk_command_mailbox_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_command")),
    )
    op.create_index(
        "ix_command_pending",
        "command",
        ["node", "id"],
        unique=False,
        sqlite_where=sa.text("state = 'pending'"),
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_table(
        "depth_sample",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("mailbox_id", ROW_ID, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("remote", ROW_ID, nullable=True),
        sa.Column("local", ROW_ID, nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("oldest_at", sa.BigInteger(), nullable=True),
        sa.Column("error_stage", sa.Text(), nullable=True),
        sa.Column("error_message", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["mailbox_id"], ["mailbox.id"], name=op.f("fk_depth_sample_mailbox_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_depth_sample")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_depth_sample_mailbox", "depth_sample", ["mailbox_id", "at", "id"], unique=False
    )
    op.create_index("ix_depth_sample_newest", "depth_sample", ["mailbox_id", "id"], unique=False)
    op.create_table(
        "lease",
        sa.Column("mailbox_id", ROW_ID, autoincrement=False, nullable=False),
        sa.Column("token", ROW_ID, nullable=False),
        sa.Column("holder", sa.Text(), nullable=True),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["mailbox_id"], ["mailbox.id"], name=op.f("fk_lease_mailbox_id")),
        sa.PrimaryKeyConstraint("mailbox_id", name=op.f("pk_lease")),
    )
    op.create_table(
        "level",
        sa.Column("mailbox_id", ROW_ID, autoincrement=False, nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=True),
        sa.Column("remote", ROW_ID, nullable=True),
        sa.Column("oldest_at", sa.BigInteger(), nullable=True),
        sa.Column("sampled_at", sa.BigInteger(), nullable=True),
        sa.Column("known", sa.Boolean(), nullable=False),
        sa.Column("unknown_since", sa.BigInteger(), nullable=True),
        sa.Column("error_stage", sa.Text(), nullable=True),
        sa.Column("error_message", sa.Text(), nullable=True),
        sa.Column("error_since", sa.BigInteger(), nullable=True),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("refusals", sa.Integer(), server_default="0", nullable=False),
        sa.Column("next_try_at", sa.BigInteger(), nullable=True),
        sa.Column("usual_inflow_per_min", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(["mailbox_id"], ["mailbox.id"], name=op.f("fk_level_mailbox_id")),
        sa.PrimaryKeyConstraint("mailbox_id", name=op.f("pk_level")),
    )
    op.create_table(
        "mailbox_department",
        sa.Column("mailbox_id", ROW_ID, autoincrement=False, nullable=False),
        sa.Column("department_id", ROW_ID, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_mailbox_department_department_id")
        ),
        sa.ForeignKeyConstraint(
            ["mailbox_id"], ["mailbox.id"], name=op.f("fk_mailbox_department_mailbox_id")
        ),
        sa.PrimaryKeyConstraint("mailbox_id", "department_id", name=op.f("pk_mailbox_department")),
    )
    op.create_index(
        op.f("ix_mailbox_department_department_id"),
        "mailbox_department",
        ["department_id"],
        unique=False,
    )
    op.create_table(
        "message",
        sa.Column("id", ROW_ID, autoincrement=False, nullable=False),
        sa.Column("mailbox_id", ROW_ID, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("stage", sa.Integer(), nullable=False),
        sa.Column("queue_id", ROW_ID, nullable=True),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("size", ROW_ID, nullable=False),
        sa.Column("truncated", sa.Boolean(), nullable=False),
        sa.Column("trusted", sa.Boolean(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("from_", sa.Text(), nullable=False),
        sa.Column("to", sa.Text(), nullable=False),
        sa.Column("cc", sa.Text(), nullable=False),
        sa.Column("date", sa.BigInteger(), nullable=True),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("return_path", sa.Text(), nullable=True),
        sa.Column("auto_submitted", sa.Text(), nullable=False),
        sa.Column("precedence", sa.Text(), nullable=False),
        sa.Column("labels", sa.Text(), nullable=False),
        sa.Column("case", sa.Text(), nullable=True),
        sa.Column("raw", sa.LargeBinary(), nullable=True),
        sa.CheckConstraint("length(digest) = 32", name=op.f("ck_message_digest_is_sha256")),
        sa.ForeignKeyConstraint(["mailbox_id"], ["mailbox.id"], name=op.f("fk_message_mailbox_id")),
        sa.ForeignKeyConstraint(["queue_id"], ["queue.id"], name=op.f("fk_message_queue_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
    )
    op.create_index(
        "ix_message_mailbox_received", "message", ["mailbox_id", "received_at", "id"], unique=False
    )
    op.create_index(
        "ix_message_new",
        "message",
        ["id"],
        unique=False,
        sqlite_where=sa.text("state = 'new'"),
        postgresql_where=sa.text("state = 'new'"),
    )
    op.create_index(
        "ix_message_queue",
        "message",
        ["queue_id", "state", "received_at"],
        unique=False,
        sqlite_where=sa.text("queue_id IS NOT NULL"),
        postgresql_where=sa.text("queue_id IS NOT NULL"),
    )
    op.create_index("ix_message_received", "message", ["received_at", "id"], unique=False)
    op.create_index("ix_message_state", "message", ["mailbox_id", "state"], unique=False)
    op.create_table(
        "rule",
        sa.Column("id", ROW_ID, autoincrement=False, nullable=False),
        sa.Column("group_id", ROW_ID, nullable=False),
        sa.Column("parent_id", ROW_ID, nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("match", sa.Text(), nullable=False),
        sa.Column("conditions", sa.Text(), nullable=False),
        sa.Column("actions", sa.Text(), nullable=False),
        sa.Column("failed_at", sa.BigInteger(), nullable=True),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["group_id"], ["rule_group.id"], name=op.f("fk_rule_group_id")),
        sa.ForeignKeyConstraint(["parent_id"], ["rule.id"], name=op.f("fk_rule_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule")),
    )
    op.create_index("ix_rule_order", "rule", ["group_id", "parent_id", "position"], unique=False)
    op.create_table(
        "silence",
        sa.Column("id", ROW_ID, autoincrement=False, nullable=False),
        sa.Column("mailbox_id", ROW_ID, nullable=True),
        sa.Column("pattern", sa.Text(), nullable=True),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["mailbox_id"], ["mailbox.id"], name=op.f("fk_silence_mailbox_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_silence")),
    )
    op.create_table(
        "unfinished",
        sa.Column("message_id", ROW_ID, autoincrement=False, nullable=False),
        sa.Column("mailbox_id", ROW_ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["mailbox_id"], ["mailbox.id"], name=op.f("fk_unfinished_mailbox_id")
        ),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_unfinished")),
    )
    op.create_index(op.f("ix_unfinished_mailbox_id"), "unfinished", ["mailbox_id"], unique=False)
    op.create_table(
        "intake",
        sa.Column("id", ROW_ID, autoincrement=False, nullable=False),
        sa.Column("mailbox_id", ROW_ID, nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("uid_validity", ROW_ID, nullable=False),
        sa.Column("uid", sa.LargeBinary(), nullable=False),
        sa.Column("reuse", sa.Integer(), nullable=False),
        sa.Column("size", ROW_ID, nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("presence", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=True),
        sa.Column("message_id", ROW_ID, nullable=True),
        sa.Column("listed_at", sa.BigInteger(), nullable=False),
        sa.Column("taken_at", sa.BigInteger(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("tried_at", sa.BigInteger(), nullable=True),
        sa.Column("trouble", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "digest IS NULL OR length(digest) = 32", name=op.f("ck_intake_digest_is_sha256")
        ),
        sa.ForeignKeyConstraint(["mailbox_id"], ["mailbox.id"], name=op.f("fk_intake_mailbox_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_intake")),
    )
    op.create_index(
        "ix_intake_present",
        "intake",
        ["mailbox_id", "epoch"],
        unique=False,
        sqlite_where=sa.text("presence <> 'absent' AND presence <> 'vanished'"),
        postgresql_where=sa.text("presence <> 'absent' AND presence <> 'vanished'"),
    )
    op.create_index(
        "ix_intake_listed",
        "intake",
        ["mailbox_id", "listed_at"],
        unique=False,
        sqlite_where=sa.text("outcome = 'listed'"),
        postgresql_where=sa.text("outcome = 'listed'"),
    )
    op.create_index(
        "ix_intake_unconfirmed",
        "intake",
        ["mailbox_id", "digest"],
        unique=False,
        sqlite_where=sa.text("digest IS NOT NULL AND presence <> 'absent'"),
        postgresql_where=sa.text("digest IS NOT NULL AND presence <> 'absent'"),
    )
    op.create_index(
        "uq_intake_identity",
        "intake",
        ["mailbox_id", "epoch", "uid_validity", "uid", "reuse"],
        unique=True,
    )
    op.create_table(
        "outbound",
        sa.Column("id", ROW_ID, autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("mailbox_id", ROW_ID, nullable=True),
        sa.Column("message_id", ROW_ID, nullable=True),
        sa.Column("from_", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("message_id_header", sa.Text(), nullable=False),
        sa.Column("charset", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_try", sa.BigInteger(), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("node", sa.Text(), nullable=True),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["mailbox_id"], ["mailbox.id"], name=op.f("fk_outbound_mailbox_id")
        ),
        sa.ForeignKeyConstraint(
            ["message_id"], ["message.id"], name=op.f("fk_outbound_message_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbound")),
        sa.UniqueConstraint("message_id_header", name=op.f("uq_outbound_message_id_header")),
    )
    op.create_index(
        "ix_outbound_failed",
        "outbound",
        ["kind"],
        unique=False,
        sqlite_where=sa.text("state = 'failed'"),
        postgresql_where=sa.text("state = 'failed'"),
    )
    op.create_index(op.f("ix_outbound_mailbox_id"), "outbound", ["mailbox_id"], unique=False)
    op.create_index(op.f("ix_outbound_message_id"), "outbound", ["message_id"], unique=False)
    op.create_index(
        "ix_outbound_waiting",
        "outbound",
        ["next_try"],
        unique=False,
        sqlite_where=sa.text("state IN ('waiting', 'sending')"),
        postgresql_where=sa.text("state IN ('waiting', 'sending')"),
    )
    op.create_table(
        "quarantine",
        sa.Column("message_id", ROW_ID, autoincrement=False, nullable=False),
        sa.Column("mailbox_id", ROW_ID, nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("stage", sa.Integer(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("trace", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("last_tried_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["mailbox_id"], ["mailbox.id"], name=op.f("fk_quarantine_mailbox_id")
        ),
        sa.ForeignKeyConstraint(
            ["message_id"], ["message.id"], name=op.f("fk_quarantine_message_id")
        ),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_quarantine")),
    )
    op.create_index(op.f("ix_quarantine_mailbox_id"), "quarantine", ["mailbox_id"], unique=False)
    op.create_table(
        "notification",
        sa.Column("id", ROW_ID, autoincrement=False, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("mailbox_id", ROW_ID, nullable=False),
        sa.Column("alert_id", ROW_ID, nullable=True),
        sa.Column("crossing", sa.Text(), nullable=False),
        sa.Column("depth", ROW_ID, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("outbound_id", ROW_ID, nullable=True),
        sa.Column("settled_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["alert_id"], ["alert.id"], name=op.f("fk_notification_alert_id")),
        sa.ForeignKeyConstraint(
            ["mailbox_id"], ["mailbox.id"], name=op.f("fk_notification_mailbox_id")
        ),
        sa.ForeignKeyConstraint(
            ["outbound_id"], ["outbound.id"], name=op.f("fk_notification_outbound_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notification")),
        sa.UniqueConstraint("key", name=op.f("uq_notification_key")),
    )
    op.create_index(
        "ix_notification_due",
        "notification",
        ["due_at"],
        unique=False,
        sqlite_where=sa.text("state IN ('pending', 'deferred')"),
        postgresql_where=sa.text("state IN ('pending', 'deferred')"),
    )
    op.create_index(
        op.f("ix_notification_mailbox_id"), "notification", ["mailbox_id"], unique=False
    )
    op.create_table(
        "outbound_recipient",
        sa.Column("outbound_id", ROW_ID, nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["outbound_id"], ["outbound.id"], name=op.f("fk_outbound_recipient_outbound_id")
        ),
        sa.PrimaryKeyConstraint("outbound_id", "address", name=op.f("pk_outbound_recipient")),
    )
    op.create_table(
        "visit",
        sa.Column("id", ROW_ID, nullable=False),
        sa.Column("mailbox_id", ROW_ID, nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("started_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("size_bytes", ROW_ID, nullable=False),
        sa.Column("error_stage", sa.Text(), nullable=True),
        sa.Column("error_message", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["mailbox_id"], ["mailbox.id"], name=op.f("fk_visit_mailbox_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_visit_mailbox", "visit", ["mailbox_id", "id"], unique=False)
    # ### end Alembic commands ###
