"""The printers, through the API."""

from datetime import UTC, datetime, timedelta

import pytest
from fastapi.testclient import TestClient

PRUSA = {"name": "Prusa 1", "model": "MK4S"}


def create(client: TestClient, **properties: object) -> int:
    """Add a printer and return its id."""
    response = client.post("/api/v1/printers", json=PRUSA | properties)
    assert response.status_code == 201, response.text
    return int(response.json()["id"])


def names(client: TestClient) -> list[str]:
    """List the printers' names."""
    response = client.get("/api/v1/printers")
    assert response.status_code == 200, response.text
    return [printer["name"] for printer in response.json()]


def test_a_new_farm_has_no_printers(client: TestClient) -> None:
    assert client.get("/api/v1/printers").json() == []


def test_a_created_printer_can_be_read_back(client: TestClient) -> None:
    created = client.post("/api/v1/printers", json=PRUSA)

    assert created.status_code == 201
    printer = created.json()
    assert printer | PRUSA == printer
    assert printer["status"] == "offline"
    assert printer["last_seen_at"] is None
    assert client.get(f"/api/v1/printers/{printer['id']}").json() == printer


def test_the_moment_of_creation_is_in_utc(client: TestClient) -> None:
    printer_id = create(client)

    created_at = datetime.fromisoformat(
        client.get(f"/api/v1/printers/{printer_id}").json()["created_at"]
    )

    assert created_at.utcoffset() == timedelta(0)
    assert abs(datetime.now(UTC) - created_at) < timedelta(minutes=1)


def test_printers_are_listed_by_name_whatever_its_case(client: TestClient) -> None:
    for name in ("voron", "Bambu", "anycubic", "Prusa"):
        create(client, name=name)

    assert names(client) == ["anycubic", "Bambu", "Prusa", "voron"]


def test_spaces_around_a_name_are_dropped(client: TestClient) -> None:
    create(client, name="  Prusa 1 ")

    assert names(client) == ["Prusa 1"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": "   "},
        {"name": "x" * 81},
        {"name": "Prusa\x001"},
        {"model": None},
        {"status": "online"},
    ],
)
def test_an_invalid_printer_is_refused(client: TestClient, wrong: dict[str, object]) -> None:
    assert client.post("/api/v1/printers", json=PRUSA | wrong).status_code == 422
    assert names(client) == []


def test_a_taken_name_is_a_conflict(client: TestClient) -> None:
    create(client, name="Prusa 1")

    response = client.post("/api/v1/printers", json=PRUSA)

    assert response.status_code == 409
    assert response.json() == {"detail": "Another printer has this name already."}
    assert names(client) == ["Prusa 1"]


@pytest.mark.parametrize("printer_id", [0, -1, 1, 2**31, 10**30])
def test_an_unknown_printer_is_not_found(client: TestClient, printer_id: int) -> None:
    path = f"/api/v1/printers/{printer_id}"

    for response in (client.get(path), client.delete(path)):
        assert response.status_code == 404
        assert response.json() == {"detail": f"There is no printer {printer_id}."}


def test_a_deleted_printer_is_gone(client: TestClient) -> None:
    printer_id = create(client)

    assert client.delete(f"/api/v1/printers/{printer_id}").status_code == 204
    assert client.get(f"/api/v1/printers/{printer_id}").status_code == 404
    assert names(client) == []


def test_a_heartbeat_brings_a_printer_online(client: TestClient) -> None:
    printer_id = create(client)

    printer = client.post(f"/api/v1/printers/{printer_id}/heartbeat").json()

    assert printer["status"] == "online"
    assert printer["last_seen_at"].endswith("Z")
