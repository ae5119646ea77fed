"""What the suites need that run against a started app."""

import os

import pytest
import requests


@pytest.fixture(scope="session")
def base_url() -> str:
    return os.environ["BASE_URL"]


@pytest.fixture(scope="session")
def admin(base_url: str) -> requests.Session:
    session = requests.Session()
    session.headers["X-API-Key"] = os.environ.get("API_KEY", "")
    given = {"username": os.environ["ADMIN_USERNAME"], "password": os.environ["ADMIN_PASSWORD"]}
    session.post(f"{base_url}/api/v1/setup", json=given, timeout=10)  # 409 if it is there
    answer = session.post(f"{base_url}/api/v1/auth/login", json=given, timeout=10)
    answer.raise_for_status()
    session.headers["Authorization"] = "Bearer " + answer.json()["access_token"]
    return session
