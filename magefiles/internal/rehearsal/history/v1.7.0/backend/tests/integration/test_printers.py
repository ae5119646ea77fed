"""The printers, on PostgreSQL."""

from datetime import datetime, timedelta, timezone

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text
from sqlalchemy.exc import DataError, IntegrityError

from app.database import Database
from app.models import Printer


def create(client: TestClient, name: str) -> int:
    """Add a printer and return its id."""
    response = client.post("/api/v1/printers", json={"name": name, "model": "MK4S"})
    assert response.status_code == 201, response.text
    return int(response.json()["id"])


def test_health_names_the_database(client: TestClient) -> None:
    response = client.get("/api/v1/health")

    assert response.status_code == 200
    assert response.json()["database"] == "postgresql"


def test_a_printer_is_created_and_deleted(client: TestClient) -> None:
    path = f"/api/v1/printers/{create(client, 'Prusa 1')}"

    assert client.get(path).json()["name"] == "Prusa 1"
    assert client.delete(path).status_code == 204
    assert client.get(path).status_code == 404


def test_a_moment_keeps_its_time_zone(database: Database) -> None:
    moment = datetime(2026, 3, 2, 12, 0, tzinfo=timezone(timedelta(hours=2)))
    with database.session.begin() as session:
        session.add(Printer(name="Prusa 1", model="MK4S", last_seen_at=moment))

    with database.engine.connect() as connection:
        # Another session, in another time zone, means the same moment.
        connection.execute(text("SET TIME ZONE 'America/New_York'"))
        seen = connection.execute(text("SELECT last_seen_at FROM printers")).scalar_one()
        shown = connection.scalar(text("SELECT last_seen_at::text FROM printers"))
    assert seen == moment
    assert shown == "2026-03-02 05:00:00-05"


@pytest.mark.parametrize("column", ["name", "model"])
def test_the_columns_have_limits(database: Database, column: str) -> None:
    # SQLite would take all of these.
    properties = {"name": "Prusa 1", "model": "MK4S", column: "x" * 81}

    with pytest.raises(DataError), database.session.begin() as session:
        session.add(Printer(**properties))


def test_the_database_itself_refuses_an_unknown_status(database: Database) -> None:
    with (
        pytest.raises(IntegrityError, match="ck_printers_status"),
        database.engine.begin() as connection,
    ):
        connection.execute(
            text("INSERT INTO printers (name, model, status) VALUES ('a', 'b', 'on fire')")
        )
