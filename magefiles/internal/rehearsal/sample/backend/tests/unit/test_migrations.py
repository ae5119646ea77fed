"""The migrations, on SQLite."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, create_engine, inspect, text

from app.database import make_folder
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


def test_a_database_of_a_newer_version_is_left_alone(url: str) -> None:
    upgrade(url)
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    upgrade(url)

    with engine.connect() as connection:
        assert MigrationContext.configure(connection).get_current_revision() == "9999"
    engine.dispose()


def test_the_models_are_what_the_migrations_make(url: str) -> None:
    upgrade(url)
    engine = create_engine(url)

    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), Base.metadata)

    assert differences == []
    engine.dispose()


def test_printers_survive_the_way_from_the_first_release(url: str) -> None:
    upgrade(url, "0001")
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO printers (name, model) VALUES ('Prusa 1', 'MK4S')"))

    upgrade(url)

    with engine.connect() as connection:
        printer = connection.execute(text("SELECT * FROM printers")).mappings().one()
    assert printer["name"] == "Prusa 1"
    assert printer["status"] == "offline"
    assert printer["materials"] == "[]"
    assert printer["nozzle_mm"] is None
    engine.dispose()


def test_names_that_differ_only_in_case_are_told_apart(url: str) -> None:
    make_folder(url)
    upgrade(url, "0002")
    engine = create_engine(url)
    long = "x" * 80
    with engine.begin() as connection:
        for name in ("Prusa", "prusa", "PRUSA", "Voron", long, long.upper()):
            connection.execute(
                text("INSERT INTO printers (name, model) VALUES (:name, 'MK4S')"), {"name": name}
            )

    upgrade(url)

    with engine.connect() as connection:
        names = list(connection.execute(text("SELECT name FROM printers ORDER BY id")).scalars())
    assert names == ["Prusa", "prusa (2)", "PRUSA (3)", "Voron", long, "X" * 76 + " (6)"]
    engine.dispose()
