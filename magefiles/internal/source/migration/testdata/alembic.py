"""Rename what was printed, and merge two branches."""

from alembic import op
import sqlalchemy as sa

revision = "3"
down_revision = ("1", "2")
TABLES = ["jobs", "prints"]


def upgrade():
    op.create_table("archive", sa.Column("id", sa.Integer, primary_key=True))
    with op.batch_alter_table("printers", schema="shop") as batch_op:
        batch_op.add_column(sa.Column("nozzle", sa.Numeric(3, 2), nullable=False))
        batch_op.alter_column("name", type_=sa.String(40), existing_type=sa.String(length=80), nullable=False)
    for table in TABLES:
        op.drop_column(table, "old")
        op.create_index(f"ix_{table}", table, ["a", sa.text("lower(b)")], unique=True)
    if op.get_bind().dialect.name == "postgresql":
        _fill("archive")
    op.execute(
        "UPDATE jobs "  # side by side
        "SET a = 1"
    )
    op.execute(build())


def _fill(table):
    op.execute(sa.text("INSERT INTO " + table + """
        SELECT * FROM jobs"""))


def downgrade():
    op.drop_table("archive")
