"""Printers."""

import json
import sqlite3
from typing import List

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel

from core.auth import User
from core.db import connect

router = APIRouter(tags=["printers"])


class Printer(BaseModel):
    name: str
    model: str = ""


@router.get("/printers")
def list_printers(user: User) -> List[Printer]:
    with connect() as database:
        return [dict(row) for row in database.execute("SELECT name, model FROM printers ORDER BY name")]


@router.post("/printers", status_code=201)
def add_printer(printer: Printer, user: User) -> Printer:
    with connect() as database:
        try:
            database.execute("INSERT INTO printers (name, model) VALUES (?, ?)", (printer.name, printer.model))
        except sqlite3.IntegrityError:
            raise HTTPException(409, f"{printer.name} is taken")
    return printer
