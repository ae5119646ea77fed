"""The frontend, served by the backend."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from app.database import Database
from app.main import create_app
from app.settings import Settings


@pytest.fixture
def browser(database: Database, url: str, tmp_path: Path) -> Iterator[TestClient]:
    """Talk to an application with a frontend."""
    assert database.is_reachable()
    assets = tmp_path / "frontend" / "assets"
    assets.mkdir(parents=True)
    (assets.parent / "index.html").write_text("<title>O.D.I.N.</title>")
    (assets / "index-1234.js").write_text("'app'")
    with TestClient(create_app(Settings(database_url=url, frontend_dir=assets.parent))) as client:
        yield client


@pytest.mark.parametrize("path", ["/", "/index.html", "/printers/7", "/apiary"])
def test_every_page_is_the_app(browser: TestClient, path: str) -> None:
    response = browser.get(path)

    assert response.status_code == 200
    assert response.text == "<title>O.D.I.N.</title>"
    assert response.headers["cache-control"] == "no-cache"


def test_an_asset_is_itself(browser: TestClient) -> None:
    response = browser.get("/assets/index-1234.js")

    assert response.text == "'app'"
    assert "cache-control" not in response.headers


@pytest.mark.parametrize("path", ["/assets/index-0000.js", "/api", "/api/v1/nothing"])
def test_what_is_missing_is_not_found(browser: TestClient, path: str) -> None:
    response = browser.get(path)

    assert response.status_code == 404
    assert response.json() == {"detail": "Not Found"}


def test_the_api_is_reached_beside_the_frontend(browser: TestClient) -> None:
    assert browser.get("/api/v1/health").json()["status"] == "ok"


def test_without_a_built_frontend_there_is_only_the_api(client: TestClient) -> None:
    assert client.get("/").status_code == 404
