"""The application."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi.routing import APIRoute

from app import health, printers
from app.database import Database
from app.frontend import serve_frontend
from app.settings import Settings
from app.version import VERSION


def create_app(settings: Settings | None = None) -> FastAPI:
    """Build the application. The database is first touched by the first request."""
    settings = settings or Settings.from_environment()
    database = Database(settings.database_url)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        database.close()

    app = FastAPI(
        title="O.D.I.N.",
        description="An eye on a farm of 3D printers.",
        version=VERSION,
        docs_url="/api/docs",
        openapi_url="/api/openapi.json",
        redoc_url=None,
        generate_unique_id_function=_operation_id,
        lifespan=lifespan,
    )
    app.state.database = database
    app.include_router(health.router, prefix="/api/v1")
    app.include_router(printers.router, prefix="/api/v1")
    serve_frontend(app, settings.frontend_dir)
    return app


def _operation_id(route: APIRoute) -> str:
    """Name an operation after its function: clients generated from the spec read well."""
    return route.name
