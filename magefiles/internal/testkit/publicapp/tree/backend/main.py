"""The API: every module of modules/ that can be imported, mounted twice."""

import importlib
import logging
import os
import sys
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from fastapi.staticfiles import StaticFiles

from core import auth, db
from core.version import VERSION

ROOT = Path(__file__).resolve().parent
log = logging.getLogger("odin")

db.migrate(ROOT)
app = FastAPI(title="O.D.I.N.", version=VERSION)


@app.middleware("http")
async def require_key(request: Request, call_next):
    key = os.environ.get("API_KEY")
    if key and request.url.path.startswith("/api") and request.headers.get("X-API-Key") != key:
        return JSONResponse({"detail": "API key required"}, status_code=401)
    return await call_next(request)


@app.get("/health")
def health():
    return {"status": "ok", "version": VERSION}


@app.get("/api/health")
@app.get("/api/v1/health")
def api_health() -> dict[str, str]:
    return health()


def mount(router):
    for prefix in ("/api", "/api/v1"):
        app.include_router(router, prefix=prefix)


mount(auth.router)
for folder in sorted(each.name for each in (ROOT / "modules").iterdir() if (each / "routes.py").exists()):
    try:
        mount(importlib.import_module(f"modules.{folder}.routes").router)
    except Exception:
        log.exception("module %s is not available", folder)

page = ROOT.parent / "frontend" / "dist"
if page.exists():
    app.mount("/", StaticFiles(directory=page, html=True))
