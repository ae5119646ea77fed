"""What a printer can print, and an index for the filter on its status.

Revision: 0002, after 0001
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column and the index."""
    op.add_column(
        "printers",
        sa.Column(
            "materials",
            sa.JSON().with_variant(JSONB(), "postgresql"),
            nullable=False,
            server_default="[]",
        ),
    )
    op.create_index("ix_printers_status", "printers", ["status"])


def downgrade() -> None:
    """Drop them."""
    op.drop_index("ix_printers_status", "printers")
    op.drop_column("printers", "materials")
