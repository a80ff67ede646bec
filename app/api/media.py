"""Pictures of products, from our own origin: the pages allow no other one."""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Header, Path, Response

from app.api.access import open_as_the_catalogue
from app.config import settings
from app.errors import NotFound
from app.integrations.bucket import configured_bucket
from app.integrations.pictures import SVG
from app.services.catalogue import load_picture, picture_source
from app.views.pictures import Width
from app.work import reading

YEAR_SECONDS: Final = 31_536_000
# A picture asked for without its mark, or with an old one, may change under its address.
SHORT_SECONDS: Final = 300
MISSING_SECONDS: Final = 60
MOST_PICTURES: Final = 1000
# A drawing that is opened by itself must not act in our name.
SVG_POLICY: Final = "sandbox; default-src 'none'; style-src 'unsafe-inline'"
PLACEHOLDER: Final = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 300" width="400" height="300">'
    b'<g fill="none" stroke="#96958d" stroke-width="4" stroke-linecap="round"'
    b' stroke-linejoin="round"><rect x="158" y="112" width="84" height="76" rx="10"/>'
    b'<circle cx="184" cy="138" r="8"/><path d="m242 166-18-18-50 40"/></g></svg>'
)

router = APIRouter(prefix="/media", dependencies=[open_as_the_catalogue])


# A plain function: it waits for the database, the bucket and at times a supplier.
@router.get("/product/{product_id}/{place}")
def product_picture(
    product_id: Annotated[int, Path(ge=1, le=2**63 - 1)],
    place: Annotated[int, Path(ge=0, lt=MOST_PICTURES)],
    v: str = "",
    w: Width = Width.LARGE,
    if_none_match: Annotated[str, Header()] = "",
) -> Response:
    """Return a picture of a product, counted from 0, at most `w` pixels wide.

    A drawn stand-in where there is none. `v` is the mark of its address, under which browsers keep
    it for good.
    """
    try:
        source = reading(picture_source, product_id=product_id, place=place)
        headers = _keeping(YEAR_SECONDS if v == source.mark else SHORT_SECONDS, v == source.mark)
        headers["ETag"] = f'"{source.mark}-{w}"'
        if headers["ETag"] in if_none_match:
            return Response(status_code=304, headers=headers)
        picture = load_picture(configured_bucket(), source, w)
    except NotFound:
        return _drawing(PLACEHOLDER, _keeping(MISSING_SECONDS))
    if picture.content_type == SVG:
        return _drawing(picture.content, headers)
    return Response(picture.content, media_type=picture.content_type, headers=headers)


def _drawing(content: bytes, headers: dict[str, str]) -> Response:
    safe = {**headers, "Content-Security-Policy": SVG_POLICY, "X-Content-Type-Options": "nosniff"}
    return Response(content, media_type=SVG, headers=safe)


def _keeping(seconds: int, immutable: bool = False) -> dict[str, str]:  # noqa: FBT001, FBT002 - a flag of the header
    scope = "public" if settings().public_catalogue else "private"
    end = ", immutable" if immutable else ""
    return {"Cache-Control": f"{scope}, max-age={seconds}{end}"}
