import os

import pytest
from core import auth
from fastapi import HTTPException


def test_secret_comes_from_the_environment():
    assert auth.SECRET == os.environ["JWT_SECRET_KEY"]


def test_a_forged_token_is_refused():
    with pytest.raises(HTTPException):
        auth.user("Bearer admin.9999999999.forged")
