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


def _to_hundredths(value: float) -> float:
    return round(value, 2)


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
NozzleMm = Annotated[float, Field(ge=0.1, le=2.0), AfterValidator(_to_hundredths)]


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
    nozzle_mm: NozzleMm | None = None


class PrinterChanges(BaseModel):
    """What to change on a printer; what isn't mentioned stays as it is."""

    model_config = ConfigDict(extra="forbid")

    # None isn't allowed for what every printer has. A factory's value is neither validated nor part
    # of the API's description: it only makes the property optional.
    name: Label = Field(default_factory=str)
    model: Label = Field(default_factory=str)
    materials: Materials = Field(default_factory=list)
    nozzle_mm: NozzleMm | None = None


class PrinterDetails(BaseModel):
    """A printer as O.D.I.N. knows it."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    name: str
    model: str
    status: PrinterStatus
    materials: list[str]
    nozzle_mm: float | None
    last_seen_at: datetime | None
    created_at: datetime
