"""Files of the bucket through us, for browsers that cannot reach it: whole, or a range of one.

An address is the key to its file, for some minutes: it was given to who may have that.
"""

from __future__ import annotations

import hashlib
import re
from typing import Annotated, Final

from fastapi import APIRouter, Header, Path
from fastapi.responses import Response

from app.api.access import open_to_all
from app.api.streaming import PiecesResponse
from app.integrations.bucket import configured_bucket
from app.services.downloads import DOWNLOADS, offered

# Nobody else's browser, and no proxy, keeps what somebody took out, and nobody is told where it is.
HEADERS: Final = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
LONGEST: Final = 1_000
_SPAN: Final = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")

router = APIRouter(prefix=DOWNLOADS, include_in_schema=False)


# A plain function: it waits for the bucket.
@router.get("/{token}", dependencies=[open_to_all])
def download(
    token: Annotated[str, Path(max_length=LONGEST)],
    range: Annotated[str, Header()] = "",  # noqa: A002 - the header's name
    if_range: Annotated[str, Header()] = "",
) -> Response:
    """Give a file, or the one range of it that is asked for; never much of it in memory."""
    asked = offered(token)
    bucket = configured_bucket()
    about = bucket.about(asked.key)
    # What lies under a key never becomes anything else.
    mark = f'"{hashlib.sha256(asked.key.encode()).hexdigest()[:16]}"'
    headers = HEADERS | {
        "Accept-Ranges": "bytes",
        "ETag": mark,
        "Content-Disposition": f'attachment; filename="{asked.file_name}"',
    }
    span = span_of(range, about.bytes) if if_range in ("", mark) else None
    if span is None:
        headers["Content-Length"] = str(about.bytes)
        pieces, status = bucket.chunks(asked.key), 200
    elif span[0] > span[1]:
        return Response(
            status_code=416, headers=HEADERS | {"Content-Range": f"bytes */{about.bytes}"}
        )
    else:
        first, last = span
        headers["Content-Length"] = str(last - first + 1)
        headers["Content-Range"] = f"bytes {first}-{last}/{about.bytes}"
        pieces, status = bucket.chunks(asked.key, first=first, last=last), 206
    return PiecesResponse(pieces, status, headers=headers, media_type=about.content_type)


def span_of(header: str, size: int) -> tuple[int, int] | None:
    """Return the first and the last byte that a Range header asks for, None for the whole.

    The first is beyond the last where there is no such range. Several at once nobody needs here.
    """
    match = _SPAN.fullmatch(header.strip())
    if match is None or match.groups() == ("", ""):
        return None
    first, last = match.groups()
    if not first:
        return (max(size - int(last), 0), size - 1) if int(last) else (1, 0)
    if last and int(last) < int(first):
        return None
    return int(first), min(int(last), size - 1) if last else size - 1
