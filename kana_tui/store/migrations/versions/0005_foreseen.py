"""What an order is to make of config.xml, from before it is written until it is recorded.

Revision ID: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column("command", sa.Column("foreseen", sa.Text(), nullable=True))
    op.add_column(
        "command",
        sa.Column("recorded", sa.Boolean(), server_default=sa.text("0"), nullable=False),
    )
