"""Bringing a database to this version's tables."""

import logging

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from app.database import make_folder
from app.version import BACKEND

log = logging.getLogger(__name__)


def alembic_config(url: str) -> Config:
    """Point Alembic at a database."""
    config = Config(str(BACKEND / "alembic.ini"))
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return config


def upgrade(url: str, revision: str = "head") -> None:
    """Migrate up. Does nothing if the database is there already, or a newer version was."""
    make_folder(url)
    if (newer := _newer_revision(url)) is not None:
        log.warning("the database is at revision %s, of a newer version: it stays there", newer)
        return
    command.upgrade(alembic_config(url), revision)


def downgrade(url: str, revision: str) -> None:
    """Migrate down."""
    command.downgrade(alembic_config(url), revision)


def _newer_revision(url: str) -> str | None:
    """Find the database's revision, if only a newer version knows it: Alembic would refuse it."""
    engine = create_engine(url)
    with engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    engine.dispose()
    scripts = ScriptDirectory.from_config(alembic_config(url)).walk_revisions()
    known = {script.revision for script in scripts}
    return None if current is None or current in known else current
