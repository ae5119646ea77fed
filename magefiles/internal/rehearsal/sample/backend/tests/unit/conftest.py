"""A fresh application on a fresh SQLite file for every test."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from app.database import Database
from app.main import create_app
from app.migrate import upgrade
from app.settings import Settings


@pytest.fixture
def url(tmp_path: Path) -> str:
    """Name a database that doesn't exist yet, in a folder that doesn't either."""
    return f"sqlite:///{tmp_path}/data/odin.db"


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    """Migrate the database and open it."""
    upgrade(url)
    database = Database(url)
    yield database
    database.close()


@pytest.fixture
def client(database: Database, url: str, tmp_path: Path) -> Iterator[TestClient]:
    """Talk to the application, without a frontend."""
    assert database.is_reachable()
    app = create_app(Settings(database_url=url, frontend_dir=tmp_path / "none"))
    with TestClient(app) as client:
        yield client
