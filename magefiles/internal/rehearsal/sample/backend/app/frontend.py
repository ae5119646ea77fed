"""The built frontend, served beside the API."""

from pathlib import Path

from fastapi import FastAPI, status
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope


class SinglePageApp(StaticFiles):
    """Static files, and the app's page wherever there is no file: it has a router of its own."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Answer with the file, or with the app."""
        try:
            response = await super().get_response(path, scope)
        except HTTPException as error:
            if error.status_code != status.HTTP_404_NOT_FOUND or not _is_page(path):
                raise
            path = "index.html"
            response = await super().get_response(path, scope)
        if path in {".", "index.html"}:
            # The page names the assets of its release, so that it is asked for each time.
            response.headers["Cache-Control"] = "no-cache"
        return response


def serve_frontend(app: FastAPI, folder: Path) -> None:
    """Serve the frontend from the folder, if it has been built."""
    if (folder / "index.html").is_file():
        app.mount("/", SinglePageApp(directory=folder, html=True), name="frontend")


def _is_page(path: str) -> bool:
    # A wrong API path must not look like a success, and a missing asset not like a page.
    return Path(path).parts[:1] not in {("api",), ("assets",)}
