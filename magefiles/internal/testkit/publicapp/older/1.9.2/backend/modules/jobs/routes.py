"""Jobs."""

from fastapi import APIRouter
from pydantic import BaseModel

from core.auth import User
from core.db import connect

router = APIRouter(tags=["jobs"])


class Job(BaseModel):
    file: str


@router.get("/jobs")
def list_jobs(user: User) -> list[Job]:
    with connect() as database:
        return [Job(**row) for row in database.execute("SELECT file FROM jobs ORDER BY id")]


@router.post("/jobs", status_code=201)
def add_job(job: Job, user: User) -> Job:
    with connect() as database:
        database.execute("INSERT INTO jobs (file) VALUES (?)", (job.file,))
    return job
