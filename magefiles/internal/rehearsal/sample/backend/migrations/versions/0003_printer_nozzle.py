"""A printer's nozzle, and names that are unique whatever their case.

Revision: 0003, after 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

NAME_LENGTH = 80

printers = sa.table("printers", sa.column("id", sa.Integer), sa.column("name", sa.String))


def upgrade() -> None:
    """Add the column; replace the index."""
    op.add_column("printers", sa.Column("nozzle_mm", sa.Numeric(3, 2), nullable=True))
    _tell_namesakes_apart()
    op.drop_index("ix_printers_name", "printers")
    op.create_index("ix_printers_lower_name", "printers", [sa.text("lower(name)")], unique=True)


def downgrade() -> None:
    """Go back. Names that were told apart keep their new form."""
    op.drop_index("ix_printers_lower_name", "printers")
    op.create_index("ix_printers_name", "printers", ["name"], unique=True)
    op.drop_column("printers", "nozzle_mm")


def _tell_namesakes_apart() -> None:
    """Give printers whose names differ only in case their id as a suffix, all but the oldest."""
    connection = op.get_bind()
    # Asked of the database, because each has its own idea of lower().
    rows = connection.execute(
        sa.select(printers.c.id, printers.c.name, sa.func.lower(printers.c.name)).order_by(
            printers.c.id
        )
    ).all()
    taken: set[str] = set()
    for printer_id, name, lower in rows:
        if lower in taken:
            suffix = f" ({printer_id})"
            connection.execute(
                sa.update(printers)
                .where(printers.c.id == printer_id)
                .values(name=name[: NAME_LENGTH - len(suffix)] + suffix)
            )
        taken.add(lower)
