"""The printers, on PostgreSQL."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text
from sqlalchemy.exc import DataError, IntegrityError

from app.database import Database
from app.models import Printer, PrinterStatus
from app.monitor import sweep


def create(client: TestClient, name: str, **properties: object) -> int:
    """Add a printer and return its id."""
    new = {"name": name, "model": "MK4S"} | properties
    response = client.post("/api/v1/printers", json=new)
    assert response.status_code == 201, response.text
    return int(response.json()["id"])


def names(client: TestClient, **query: str) -> list[str]:
    """List the printers' names."""
    response = client.get("/api/v1/printers", params=query)
    assert response.status_code == 200, response.text
    return [printer["name"] for printer in response.json()]


def test_health_names_the_database(client: TestClient) -> None:
    response = client.get("/api/v1/health")

    assert response.status_code == 200
    assert response.json()["database"] == "postgresql"


def test_a_printer_is_created_and_deleted(client: TestClient) -> None:
    path = f"/api/v1/printers/{create(client, 'Prusa 1')}"

    assert client.get(path).json()["name"] == "Prusa 1"
    assert client.delete(path).status_code == 204
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("printer_id", [2**31, 2**63, 10**30])
def test_an_id_beyond_the_column_is_not_found(client: TestClient, printer_id: int) -> None:
    assert client.get(f"/api/v1/printers/{printer_id}").status_code == 404


def test_materials_are_found_by_containment(client: TestClient, database: Database) -> None:
    create(client, "both", materials=["pla", "PETG"])
    create(client, "PLA only", materials=["PLA"])
    create(client, "none")

    assert names(client, material="petg") == ["both"]
    assert names(client, material="PLA") == ["both", "PLA only"]
    assert names(client, material="PL") == []
    with database.engine.connect() as connection:
        column = connection.scalar(text("SELECT pg_typeof(materials)::text FROM printers LIMIT 1"))
    assert column == "jsonb"


def test_of_many_at_once_only_one_gets_the_name(client: TestClient) -> None:
    def attempt(_: int) -> int:
        new = {"name": "Prusa", "model": "MK4S"}
        return int(client.post("/api/v1/printers", json=new).status_code)

    with ThreadPoolExecutor(8) as pool:
        codes = list(pool.map(attempt, range(8)))

    assert sorted(codes) == [201] + [409] * 7
    assert len(names(client)) == 1


def test_the_monitor_leaves_a_printer_that_is_just_reporting(database: Database) -> None:
    now = datetime.now(UTC)
    with database.session.begin() as session:
        for name in ("reporting", "silent"):
            session.add(
                Printer(
                    name=name,
                    model="MK4S",
                    status=PrinterStatus.ONLINE,
                    last_seen_at=now - timedelta(hours=1),
                )
            )

    with database.session.begin() as heartbeat:
        printer = heartbeat.query(Printer).filter_by(name="reporting").with_for_update().one()
        # Without SKIP LOCKED this would wait for the heartbeat, and it for this: for ever.
        assert sweep(database, now, timedelta(minutes=2)) == ["silent"]
        printer.last_seen_at = now

    assert sweep(database, now, timedelta(minutes=2)) == []


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
