"""The health check."""

import re
from pathlib import Path

from fastapi.testclient import TestClient

from app.main import create_app
from app.settings import Settings
from app.version import BACKEND


def test_a_healthy_odin_tells_its_version_and_database(client: TestClient) -> None:
    response = client.get("/api/v1/health")

    stated = re.search(r'^version = "(.+)"$', (BACKEND / "pyproject.toml").read_text(), re.M)
    assert stated
    assert response.status_code == 200
    assert response.json() == {"status": "ok", "version": stated[1], "database": "sqlite"}


def test_without_its_database_odin_is_unavailable(tmp_path: Path) -> None:
    settings = Settings(database_url=f"sqlite:///{tmp_path}/missing/odin.db")

    with TestClient(create_app(settings)) as client:
        response = client.get("/api/v1/health")

    assert response.status_code == 503
    assert response.json()["status"] == "unavailable"
