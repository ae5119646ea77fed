"""The application."""

from packaging.version import Version


def newer(a: str, b: str) -> bool:
    """Tell whether version a is newer than b."""
    return Version(a) > Version(b)
