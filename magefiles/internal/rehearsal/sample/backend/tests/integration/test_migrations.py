"""The migrations, on PostgreSQL."""

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

from app.database import Database
from app.migrate import downgrade, upgrade
from app.models import Base
from app.version import BACKEND


@pytest.fixture
def empty(database: Database, url: str) -> Iterator[Database]:
    """Take the database down to nothing, and bring it up again afterwards."""
    downgrade(url, "base")
    yield database
    upgrade(url)


def test_the_models_are_what_the_migrations_make(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, Base.metadata) == []


def test_migrations_lead_down_and_up_again(empty: Database, url: str) -> None:
    assert set(inspect(empty.engine).get_table_names()) <= {"alembic_version"}

    upgrade(url)

    assert inspect(empty.engine).has_table("printers")


def test_containers_that_start_together_migrate_once(empty: Database, url: str) -> None:
    command = [sys.executable, "-m", "alembic", "upgrade", "head"]
    processes = [
        subprocess.Popen(command, env=os.environ | {"DATABASE_URL": url}, cwd=BACKEND)  # noqa: S603
        for _ in range(3)
    ]

    assert [process.wait(timeout=60) for process in processes] == [0, 0, 0]
    assert inspect(empty.engine).has_table("printers")


def test_names_that_differ_only_in_case_are_told_apart(empty: Database, url: str) -> None:
    upgrade(url, "0002")
    with empty.engine.begin() as connection:
        for name in ("Prusa", "PRUSA", "Voron"):
            connection.execute(
                text("INSERT INTO printers (name, model) VALUES (:name, 'MK4S')"), {"name": name}
            )

    upgrade(url)

    with empty.engine.connect() as connection:
        names = list(connection.execute(text("SELECT name FROM printers ORDER BY id")).scalars())
    assert names == ["Prusa", "PRUSA (2)", "Voron"]
