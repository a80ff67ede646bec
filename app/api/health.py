"""Is the program alive, and can it serve?"""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter()


@router.get("/health")
async def health() -> dict[str, str]:
    """Answer as long as the process runs."""
    return {"status": "alive"}
