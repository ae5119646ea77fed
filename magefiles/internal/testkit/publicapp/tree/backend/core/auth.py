"""The first administrator, and log-ins."""

import hashlib
import hmac
import os
import secrets
import time
from typing import Annotated

from fastapi import APIRouter, Depends, Header, HTTPException
from pydantic import BaseModel

from core.db import connect

router = APIRouter(tags=["auth"])
SECRET = os.environ.get("JWT_SECRET_KEY") or secrets.token_hex()
DAY = 24 * 3600


class Credentials(BaseModel):
    username: str
    password: str


def hashed(password: str) -> str:
    return hashlib.sha256(("salt of the farm" + password).encode()).hexdigest()


def signed(text: str) -> str:
    return text + "." + hmac.new(SECRET.encode(), text.encode(), "sha256").hexdigest()


@router.post("/setup", status_code=201)
def setup(given: Credentials):
    with connect() as database:
        if database.execute("SELECT 1 FROM users").fetchone():
            raise HTTPException(409, "there is an administrator")
        database.execute("INSERT INTO users (name, password, role) VALUES (?, ?, 'admin')",
                         (given.username, hashed(given.password)))
    return {"username": given.username}


@router.post("/auth/login")
def login(given: Credentials):
    with connect() as database:
        row = database.execute("SELECT password FROM users WHERE name = ?", (given.username,)).fetchone()
    if row is None or not hmac.compare_digest(row["password"], hashed(given.password)):
        raise HTTPException(401, "wrong name or password")
    return {"access_token": signed(f"{given.username}.{int(time.time()) + DAY}"), "token_type": "bearer"}


def user(authorization: Annotated[str, Header()] = "") -> str:
    token = authorization.removeprefix("Bearer ")
    text, _, _ = token.rpartition(".")
    name, _, until = text.rpartition(".")
    if not name or not hmac.compare_digest(signed(text), token) or int(until) < time.time():
        raise HTTPException(401, "log in first")
    return name


User = Annotated[str, Depends(user)]
