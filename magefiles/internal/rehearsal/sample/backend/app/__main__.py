"""Starts the API: ``python -m app`` migrates the database, then serves."""

import logging

import uvicorn

from app.main import create_app
from app.migrate import upgrade
from app.settings import Settings


def main() -> None:
    """Migrate and serve until told to stop."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    settings = Settings.from_environment()
    upgrade(settings.database_url)
    uvicorn.run(create_app(settings), host=settings.host, port=settings.port)


if __name__ == "__main__":
    main()
