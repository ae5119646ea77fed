"""The printers of the farm."""

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, status
from sqlalchemy import ColumnElement, String, func, select, type_coerce
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.database import SessionOfRequest
from app.models import Printer, PrinterStatus
from app.schemas import Material, NewPrinter, PrinterChanges, PrinterDetails, Problem

# The largest id that either database can hold; SQLite's driver fails on larger ones.
MAX_ID = 2**31 - 1

NOT_FOUND: dict[int | str, dict[str, Any]] = {status.HTTP_404_NOT_FOUND: {"model": Problem}}
NAME_TAKEN: dict[int | str, dict[str, Any]] = {status.HTTP_409_CONFLICT: {"model": Problem}}

router = APIRouter(prefix="/printers", tags=["printers"])


@router.get("")
def list_printers(
    session: SessionOfRequest,
    status: Annotated[PrinterStatus | None, Query(description="Only these")] = None,
    material: Annotated[
        Material | None, Query(description="Only printers that can print it")
    ] = None,
) -> list[PrinterDetails]:
    """List the printers by name."""
    query = select(Printer).order_by(func.lower(Printer.name))
    if status is not None:
        query = query.where(Printer.status == status)
    if material is not None:
        query = query.where(_can_print(session, material))
    return [PrinterDetails.model_validate(printer) for printer in session.scalars(query)]


@router.post("", status_code=status.HTTP_201_CREATED, responses=NAME_TAKEN)
def create_printer(session: SessionOfRequest, new: NewPrinter) -> PrinterDetails:
    """Add a printer. It counts as offline until it reports."""
    printer = Printer(**new.model_dump())
    session.add(printer)
    _flush(session)
    return PrinterDetails.model_validate(printer)


@router.get("/{printer_id}", responses=NOT_FOUND)
def get_printer(session: SessionOfRequest, printer_id: int) -> PrinterDetails:
    """Look at one printer."""
    return PrinterDetails.model_validate(_find(session, printer_id))


@router.patch("/{printer_id}", responses=NOT_FOUND | NAME_TAKEN)
def update_printer(
    session: SessionOfRequest, printer_id: int, changes: PrinterChanges
) -> PrinterDetails:
    """Change some of a printer's properties."""
    printer = _find(session, printer_id)
    for name, value in changes.model_dump(exclude_unset=True).items():
        setattr(printer, name, value)
    _flush(session)
    return PrinterDetails.model_validate(printer)


@router.delete("/{printer_id}", status_code=status.HTTP_204_NO_CONTENT, responses=NOT_FOUND)
def delete_printer(session: SessionOfRequest, printer_id: int) -> None:
    """Remove a printer from the farm."""
    session.delete(_find(session, printer_id))


@router.post("/{printer_id}/heartbeat", responses=NOT_FOUND)
def report_printer(session: SessionOfRequest, printer_id: int) -> PrinterDetails:
    """Note that a printer has reported. Its agent calls this every half minute."""
    printer = _find(session, printer_id)
    printer.status = PrinterStatus.ONLINE
    printer.last_seen_at = datetime.now(UTC)
    session.flush()
    return PrinterDetails.model_validate(printer)


def _find(session: Session, printer_id: int) -> Printer:
    printer = session.get(Printer, printer_id) if 0 < printer_id <= MAX_ID else None
    if printer is None:
        raise HTTPException(status.HTTP_404_NOT_FOUND, f"There is no printer {printer_id}.")
    return printer


def _flush(session: Session) -> None:
    """Write, and translate the one thing that can be wrong with a valid printer."""
    try:
        session.flush()
    except IntegrityError as error:
        raise HTTPException(
            status.HTTP_409_CONFLICT, "Another printer has this name already."
        ) from error


def _can_print(session: Session, material: str) -> ColumnElement[bool]:
    if session.get_bind().dialect.name == "postgresql":
        return type_coerce(Printer.materials, JSONB).contains([material])
    # SQLite has no containment operator: unfold the list and look for the material in it.
    listed = func.json_each(Printer.materials).table_valued("value")
    return select(listed.c.value).where(listed.c.value.cast(String) == material).exists()
