from pathlib import Path

from core.version import VERSION


def test_version_is_that_of_the_file():
    assert VERSION == (Path(__file__).parents[2] / "VERSION").read_text().strip()
