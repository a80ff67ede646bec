"""Is the program alive, and can it serve?"""

from __future__ import annotations

from fastapi import APIRouter, Response, status

from app.services.operations.health import ready_now

router = APIRouter()


@router.get("/health")
async def health() -> dict[str, str]:
    """Answer as long as the process runs."""
    return {"status": "alive"}


@router.get("/ready")
async def ready(response: Response) -> dict[str, object]:
    """Answer 200 when everything this process needs is there, else 503; each check by name."""
    found = await ready_now()
    if not found.ready:
        response.status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    response.headers["Cache-Control"] = "no-store"
    return {
        "status": "ready" if found.ready else "not ready",
        "checks": {
            check.name: {
                "ok": check.ok,
                "sentence": check.sentence,
                "milliseconds": round(check.seconds * 1000),
            }
            for check in found.checks
        },
    }
