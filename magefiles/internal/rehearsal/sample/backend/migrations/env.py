"""How Alembic reaches the database."""

from alembic import context
from sqlalchemy import create_engine, text

from app.models import Base
from app.settings import Settings

# Any number will do, as long as nothing else uses it in this database.
MIGRATION_LOCK = 0x0D14

# app.migrate names the database; the alembic command takes it from the environment.
url = context.config.get_main_option("sqlalchemy.url") or Settings.from_environment().database_url


def migrate() -> None:
    """Run the migrations in one transaction."""
    engine = create_engine(url)
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            # Several containers may start at once: the first one migrates, the others wait.
            connection.execute(
                text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION_LOCK}
            )
        context.configure(connection=connection, target_metadata=Base.metadata)
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()


migrate()
