"""Tests on SQLite: nothing is needed but Python."""
