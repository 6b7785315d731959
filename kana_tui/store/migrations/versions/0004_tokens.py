"""Tokens of mailboxes that log in by OAuth, what logins last proved, and when a secret ends.

Revision ID: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "token",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("access", sa.LargeBinary(), nullable=True),
        sa.Column("ends_at", sa.BigInteger(), nullable=True),
        sa.Column("refresh", sa.LargeBinary(), nullable=True),
        sa.Column("signed_in_at", sa.BigInteger(), nullable=True),
        sa.Column("renewed_at", sa.BigInteger(), nullable=True),
        sa.Column("not_before", sa.BigInteger(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.Column("remedy", sa.Text(), nullable=True),
        sa.Column("sign_in_again", sa.Boolean(), nullable=False),
        sa.Column("wrong_settings", sa.Boolean(), nullable=False),
        sa.Column("failed_with", sa.Text(), nullable=True),
        sa.Column("lease_holder", sa.Text(), nullable=True),
        sa.Column("lease_until", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_token")),
    )
    op.create_table(
        "token_use",
        sa.Column("mailbox_id", ROW_ID, autoincrement=False, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["mailbox_id"], ["mailbox.id"], name=op.f("fk_token_use_mailbox_id")
        ),
        sa.PrimaryKeyConstraint("mailbox_id", name=op.f("pk_token_use")),
    )
    op.create_table(
        "proof",
        sa.Column("mailbox_id", ROW_ID, autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("proven_at", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["mailbox_id"], ["mailbox.id"], name=op.f("fk_proof_mailbox_id")),
        sa.PrimaryKeyConstraint("mailbox_id", "kind", name=op.f("pk_proof")),
    )
    op.add_column("mailbox", sa.Column("client_secret_expires", sa.Text(), nullable=True))
