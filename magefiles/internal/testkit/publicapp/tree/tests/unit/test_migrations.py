from pathlib import Path

from core.db import migrations

BACKEND = Path(__file__).parents[2] / "backend"


def test_core_comes_first():
    names = [str(file.relative_to(BACKEND)) for file in migrations(BACKEND)]
    assert names[0] == "core/migrations/001_users.sql"
    assert names == list(dict.fromkeys(names))
