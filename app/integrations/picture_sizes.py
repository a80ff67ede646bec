"""A supplier's picture in the sizes that pages show: WebP, upright, and nothing but its pixels.

What leaves is always drawn anew from the pixels: where it was taken, by whom and with what stays
behind, and so does anything that hides in a file beside its picture.
"""

from __future__ import annotations

import io
import threading
from typing import TYPE_CHECKING, Final

from PIL import Image, ImageCms, ImageOps

from app.integrations.pictures import SVG, Picture, PictureRefused
from app.views.pictures import Width

if TYPE_CHECKING:
    from collections.abc import Mapping

# Of what a supplier may send (`pictures.TYPES`) all but the drawing, which has no size.
FORMATS: Final = ("AVIF", "GIF", "JPEG", "PNG", "WEBP")
# 8,000 x 5,000, four bytes each while it is read. A small file can claim to be far larger.
MOST_PIXELS: Final = 40_000_000
# So many are read at the same time in one process: each may take a good part of its memory.
AT_ONCE: Final = 2
QUALITY: Final = 80
WEBP: Final = "image/webp"

_places = threading.BoundedSemaphore(AT_ONCE)


def in_sizes(picture: Picture) -> Mapping[Width, Picture]:
    """Return a picture in every width: a drawing as it is, of an animation its first frame.

    Takes about a tenth of a second per million pixels, outside the interpreter's lock. Raises
    PictureRefused where the file cannot be read as a picture, or is too large to be.
    """
    if picture.content_type == SVG:
        return dict.fromkeys(Width, picture)
    try:
        with _places, Image.open(io.BytesIO(picture.content), formats=FORMATS) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise PictureRefused("The supplier's picture has too many pixels.")
            # Lets a JPEG be read at a fraction of its size right away.
            opened.draft("RGB", (2 * Width.LARGE, 2 * Width.LARGE))
            upright = ImageOps.exif_transpose(opened)
            pixels = _for_screens(upright)
            return {width: Picture(_drawn(pixels, width), WEBP) for width in Width}
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as problem:
        raise PictureRefused("What the supplier sends is not a picture.") from problem


def _for_screens(image: Image.Image) -> Image.Image:
    """Return the picture in the colours of screens (sRGB), with its transparency."""
    mode = "RGBA" if image.has_transparency_data else "RGB"
    profile = image.info.get("icc_profile")
    if profile and image.mode in {"RGB", "RGBA", "CMYK"}:
        try:
            converted = ImageCms.profileToProfile(
                image,
                ImageCms.ImageCmsProfile(io.BytesIO(profile)),
                ImageCms.createProfile("sRGB"),
                outputMode=mode,
            )
        except (ImageCms.PyCMSError, OSError):
            # A profile that cannot be read: the figures are taken as they are.
            converted = None
        if converted is not None:
            return converted
    return image.convert(mode)


def _drawn(pixels: Image.Image, width: Width) -> bytes:
    """Write a picture `width` wide; of one that is very tall, as tall at most as three widths."""
    sized = pixels.copy()
    sized.thumbnail((width, 3 * width), Image.Resampling.LANCZOS, reducing_gap=2.0)
    sized.info.clear()
    written = io.BytesIO()
    sized.save(written, "WEBP", quality=QUALITY, method=4)
    return written.getvalue()
