"""The migrations, on SQLite."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, create_engine, inspect

from app.migrate import downgrade, upgrade
from app.models import Base


def tables(engine: Engine) -> set[str]:
    """Name the tables."""
    return set(inspect(engine).get_table_names()) - {"alembic_version"}


def test_migrations_lead_up_and_down_again(url: str) -> None:
    engine = create_engine(url)

    upgrade(url)
    assert tables(engine) == {"printers"}

    downgrade(url, "base")
    assert tables(engine) == set()

    upgrade(url)
    assert tables(engine) == {"printers"}
    engine.dispose()


def test_migrating_twice_changes_nothing(url: str) -> None:
    upgrade(url)
    upgrade(url)


def test_the_models_are_what_the_migrations_make(url: str) -> None:
    upgrade(url)
    engine = create_engine(url)

    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), Base.metadata)

    assert differences == []
    engine.dispose()
