"""An application on the PostgreSQL that TEST_DATABASE_URL names: an empty database."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import inspect, text

from app.database import Database
from app.main import create_app
from app.migrate import downgrade, upgrade
from app.settings import Settings, sqlalchemy_url


@pytest.fixture(scope="session")
def url() -> str:
    """Take the address from the environment. A missing one is a failure: these tests matter."""
    url = os.environ.get("TEST_DATABASE_URL", "")
    if not url.startswith(("postgresql://", "postgresql+psycopg://")):
        pytest.fail(
            "TEST_DATABASE_URL must name an empty PostgreSQL database, like "
            "postgresql://user:password@127.0.0.1:5432/odin_test",
            pytrace=False,
        )
    return sqlalchemy_url(url)


@pytest.fixture(scope="session")
def migrated(url: str) -> Iterator[Database]:
    """Migrate the database up; at the end down again, so that it is left empty."""
    database = Database(url)
    found = inspect(database.engine).get_table_names()
    if set(found) - {"alembic_version"}:
        pytest.fail(f"The database of TEST_DATABASE_URL isn't empty: {found}", pytrace=False)
    upgrade(url)
    yield database
    database.close()
    downgrade(url, "base")


@pytest.fixture
def database(migrated: Database) -> Iterator[Database]:
    """Hand out the database without any rows."""
    yield migrated
    with migrated.engine.begin() as connection:
        connection.execute(text("TRUNCATE printers RESTART IDENTITY"))


@pytest.fixture
def client(database: Database, url: str, tmp_path: Path) -> Iterator[TestClient]:
    """Talk to the application, without a frontend."""
    assert database.kind == "postgresql"
    app = create_app(Settings(database_url=url, frontend_dir=tmp_path / "none"))
    with TestClient(app) as client:
        yield client
