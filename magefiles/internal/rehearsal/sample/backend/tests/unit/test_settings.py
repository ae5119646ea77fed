"""The settings."""

from datetime import timedelta
from pathlib import Path

import pytest

from app.settings import Settings, sqlalchemy_url


def test_an_empty_environment_means_the_defaults() -> None:
    assert Settings.from_environment({}) == Settings()


def test_the_environment_wins() -> None:
    settings = Settings.from_environment(
        {
            "DATABASE_URL": "postgresql://odin@db/odin",
            "FRONTEND_DIR": "/srv/frontend",
            "HOST": "0.0.0.0",  # noqa: S104
            "PORT": "9000",
            "MONITOR_INTERVAL": "0.5",
            "OFFLINE_AFTER": "60",
        }
    )

    assert settings == Settings(
        database_url="postgresql+psycopg://odin@db/odin",
        frontend_dir=Path("/srv/frontend"),
        host="0.0.0.0",  # noqa: S104
        port=9000,
        monitor_interval=timedelta(seconds=0.5),
        offline_after=timedelta(minutes=1),
    )


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("postgresql://odin:pw@db:5432/odin", "postgresql+psycopg://odin:pw@db:5432/odin"),
        ("postgres://odin@db/odin", "postgresql+psycopg://odin@db/odin"),
        ("postgresql+psycopg://odin@db/odin", "postgresql+psycopg://odin@db/odin"),
        ("sqlite:////data/odin.db", "sqlite:////data/odin.db"),
    ],
)
def test_the_driver_for_postgresql_is_named(given: str, expected: str) -> None:
    assert sqlalchemy_url(given) == expected
