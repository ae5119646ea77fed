"""How to ask whether O.D.I.N. is well."""

from fastapi import APIRouter, Response, status

from app.database import DatabaseOfApp
from app.schemas import Health
from app.version import VERSION

router = APIRouter(tags=["health"])


@router.get(
    "/health",
    responses={status.HTTP_503_SERVICE_UNAVAILABLE: {"model": Health}},
)
def health(database: DatabaseOfApp, response: Response) -> Health:
    """Tell the version and whether the database answers."""
    reachable = database.is_reachable()
    if not reachable:
        response.status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    return Health(
        status="ok" if reachable else "unavailable", version=VERSION, database=database.kind
    )
