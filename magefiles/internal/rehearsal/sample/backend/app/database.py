"""The connection to the database."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker


class Database:
    """An engine and the sessions on it. Connects when first asked, not before."""

    def __init__(self, url: str) -> None:
        """Prepare the engine for the address."""
        # A pooled connection that PostgreSQL has dropped meanwhile is replaced, not handed out.
        self.engine = create_engine(url, pool_pre_ping=True)
        self.session = sessionmaker(self.engine, expire_on_commit=False)

    @property
    def kind(self) -> str:
        """Say which database it is: ``sqlite`` or ``postgresql``."""
        return self.engine.dialect.name

    def is_reachable(self) -> bool:
        """Tell whether the database answers."""
        try:
            with self.engine.connect() as connection:
                connection.execute(text("SELECT 1"))
        except SQLAlchemyError:
            return False
        return True

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()


def make_folder(url: str) -> None:
    """Create the folder of an SQLite file: SQLite makes the file, but not the way to it."""
    address = make_url(url)
    if address.get_backend_name() == "sqlite" and address.database:
        Path(address.database).parent.mkdir(parents=True, exist_ok=True)


def database_of(request: Request) -> Database:
    """Find the application's database."""
    database: Database = request.app.state.database
    return database


def session_of(database: Annotated[Database, Depends(database_of)]) -> Iterator[Session]:
    """Open a session for one request: committed if the request succeeds, else rolled back."""
    with database.session.begin() as session:
        yield session


DatabaseOfApp = Annotated[Database, Depends(database_of)]
# "function": commit before the answer is sent, so that a client never reads behind its own write.
SessionOfRequest = Annotated[Session, Depends(session_of, scope="function")]
