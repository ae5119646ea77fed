"""Tests of what only PostgreSQL does. They need one: see conftest.py."""
