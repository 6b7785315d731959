"""What an operator did last, and orders that set it back.

Revision ID: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("command", sa.Column("undoes", ROW_ID, nullable=True))
    op.create_index("ix_audit_operator", "audit", ["operator", "id"], unique=False)
