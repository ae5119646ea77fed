"""Jobs."""

from fastapi import APIRouter
from pydantic import BaseModel

from core.auth import User
from core.db import connect

router = APIRouter(tags=["jobs"])


class Job(BaseModel):
    file: str
    priority: int = 0


@router.get("/jobs")
def list_jobs(user: User) -> list[Job]:
    with connect() as database:
        rows = database.execute("SELECT file, priority FROM jobs ORDER BY priority DESC, id")
        return [Job(**row) for row in rows]


@router.post("/jobs", status_code=201)
def add_job(job: Job, user: User) -> Job:
    with connect() as database:
        database.execute("INSERT INTO jobs (file, priority) VALUES (?, ?)", (job.file, job.priority))
    return job
