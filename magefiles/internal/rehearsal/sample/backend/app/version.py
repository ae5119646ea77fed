"""The version of O.D.I.N., as ``pyproject.toml`` states it.

The file travels with the package, into the image too, so that there is nothing to keep in step.
"""

import tomllib
from pathlib import Path

BACKEND = Path(__file__).resolve().parent.parent


def read_version(pyproject: Path = BACKEND / "pyproject.toml") -> str:
    """Read the version from the project's metadata."""
    version = tomllib.loads(pyproject.read_text(encoding="utf-8"))["project"]["version"]
    return str(version)


VERSION = read_version()
