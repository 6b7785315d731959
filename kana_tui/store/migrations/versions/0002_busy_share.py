"""How busy a receiver is.

Revision ID: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column(
        "receiver", sa.Column("busy_share", sa.Float(), server_default=sa.text("0"), nullable=False)
    )
