"""What can be set from outside. Nothing but this module reads the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from app.version import BACKEND

DEFAULT_DATABASE_URL = "sqlite:///data/odin.db"
DEFAULT_FRONTEND_DIR = BACKEND.parent / "frontend" / "dist"


@dataclass(frozen=True)
class Settings:
    """The settings of one process."""

    database_url: str = DEFAULT_DATABASE_URL
    frontend_dir: Path = DEFAULT_FRONTEND_DIR
    host: str = "127.0.0.1"
    port: int = 8000
    # How often the monitor looks, and how long a printer may be silent before it counts as offline.
    monitor_interval: timedelta = timedelta(seconds=15)
    offline_after: timedelta = timedelta(minutes=2)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Settings":
        """Take the settings from the environment; what it doesn't hold keeps its default."""
        default = cls()

        def seconds(name: str, otherwise: timedelta) -> timedelta:
            value = environment.get(name)
            return timedelta(seconds=float(value)) if value else otherwise

        return cls(
            database_url=sqlalchemy_url(environment.get("DATABASE_URL") or DEFAULT_DATABASE_URL),
            frontend_dir=Path(environment.get("FRONTEND_DIR") or DEFAULT_FRONTEND_DIR),
            host=environment.get("HOST") or default.host,
            port=int(environment.get("PORT") or default.port),
            monitor_interval=seconds("MONITOR_INTERVAL", default.monitor_interval),
            offline_after=seconds("OFFLINE_AFTER", default.offline_after),
        )


def sqlalchemy_url(url: str) -> str:
    """Name the driver in a PostgreSQL address.

    Everybody writes ``postgresql://``, and some hosters still ``postgres://``; SQLAlchemy would
    look for psycopg 2 there.
    """
    scheme, separator, rest = url.partition("://")
    if scheme in {"postgres", "postgresql"}:
        scheme = "postgresql+psycopg"
    return f"{scheme}{separator}{rest}"
