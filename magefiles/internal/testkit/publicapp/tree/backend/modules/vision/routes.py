"""Finds failed prints. Only the installations that have a camera have cv2."""

import cv2
from fastapi import APIRouter

router = APIRouter(tags=["vision"])


@router.get("/vision/status")
def status() -> dict[str, str]:
    return {"opencv": cv2.__version__}
