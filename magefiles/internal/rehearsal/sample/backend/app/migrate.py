"""Bringing a database to this version's tables."""

from alembic import command
from alembic.config import Config

from app.database import make_folder
from app.version import BACKEND


def alembic_config(url: str) -> Config:
    """Point Alembic at a database."""
    config = Config(str(BACKEND / "alembic.ini"))
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return config


def upgrade(url: str, revision: str = "head") -> None:
    """Migrate up. Does nothing if the database is there already."""
    make_folder(url)
    command.upgrade(alembic_config(url), revision)


def downgrade(url: str, revision: str) -> None:
    """Migrate down."""
    command.downgrade(alembic_config(url), revision)
