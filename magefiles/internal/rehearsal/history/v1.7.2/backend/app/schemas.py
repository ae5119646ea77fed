"""What goes in and out of the API."""

from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from app.models import PrinterStatus


def printable(value: str) -> str:
    """Refuse control characters: nobody can read them, and PostgreSQL can't store all of them."""
    if not value.isprintable():
        raise ValueError("must not contain control characters")
    return value


Label = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=80),
    AfterValidator(printable),
]
Material = Annotated[
    str,
    StringConstraints(strip_whitespace=True, to_upper=True, min_length=1, max_length=32),
    AfterValidator(printable),
]
Materials = Annotated[list[Material], Field(max_length=16)]


class Health(BaseModel):
    """Whether this O.D.I.N. is well."""

    status: str
    version: str
    database: str


class Problem(BaseModel):
    """Why something couldn't be done."""

    detail: str


class NewPrinter(BaseModel):
    """A printer to be added."""

    model_config = ConfigDict(extra="forbid")

    name: Label
    model: Label
    materials: Materials = []


class PrinterDetails(BaseModel):
    """A printer as O.D.I.N. knows it."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    name: str
    model: str
    status: PrinterStatus
    materials: list[str]
    last_seen_at: datetime | None
    created_at: datetime
