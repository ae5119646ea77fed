"""The database: SQLite, and its migrations."""

import os
import sqlite3
from pathlib import Path

DATABASE_PATH = os.environ.get("DATABASE_PATH", str(Path(__file__).resolve().parents[1] / "odin.db"))


def connect() -> sqlite3.Connection:
    connection = sqlite3.connect(DATABASE_PATH, timeout=10)
    connection.row_factory = sqlite3.Row
    return connection


def migrations(root: Path) -> list[Path]:
    files = [*root.glob("core/migrations/*.sql"), *root.glob("modules/*/migrations/*.sql")]
    return sorted(files, key=lambda file: (not file.is_relative_to(root / "core"), file.name, str(file)))


def migrate(root: Path):
    connection = connect()
    connection.execute("CREATE TABLE IF NOT EXISTS applied (file TEXT PRIMARY KEY)")
    done = {row["file"] for row in connection.execute("SELECT file FROM applied")}
    for file in migrations(root):
        name = str(file.relative_to(root))
        if name not in done:
            connection.executescript(file.read_text())
            connection.execute("INSERT INTO applied VALUES (?)", (name,))
    connection.commit()
    connection.close()
