import os

from backend.main import newer


def test_newer():
    assert newer("1.10.0", "1.9.3")


def test_environment():
    assert os.environ["ADMIN_USERNAME"] == "admin"
