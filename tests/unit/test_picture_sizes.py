"""A supplier's picture in our sizes: smaller, upright, without what stood beside its pixels."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import pytest
from PIL import Image

from app.integrations.picture_sizes import MOST_PIXELS, in_sizes
from app.integrations.pictures import SVG, Picture, PictureRefused
from app.views.pictures import Width

ORIENTATION, ARTIST = 0x0112, 0x013B
TURNED_RIGHT = 6
RED, BLUE = (200, 20, 20), (20, 20, 200)


def a_file(image: Image.Image, form: str = "JPEG", **more: Any) -> Picture:
    """Return what a supplier's server would send of an image."""
    written = io.BytesIO()
    image.save(written, form, **more)
    return Picture(written.getvalue(), f"image/{form.lower()}")


def opened(picture: Picture) -> Image.Image:
    """Return the pixels of what is sent, which must be WebP."""
    assert picture.content_type == "image/webp"
    image = Image.open(io.BytesIO(picture.content))
    assert image.format == "WEBP"
    return image


def noisy(width: int, height: int) -> Image.Image:
    """Return an image that no format makes small."""
    return Image.effect_noise((width, height), 80).convert("RGB")


def colour_at(image: Image.Image, x: int, y: int) -> bytes:
    """Return red, green and blue of one pixel."""
    return image.convert("RGB").crop((x, y, x + 1, y + 1)).tobytes()


def test_every_width_is_as_wide_as_it_says_and_lighter_than_the_next() -> None:
    made = in_sizes(a_file(noisy(1600, 1200), quality=95))
    assert {width: opened(picture).size for width, picture in made.items()} == {
        Width.THUMB: (160, 120),
        Width.CARD: (400, 300),
        Width.LARGE: (800, 600),
    }
    weights = [len(made[width].content) for width in sorted(Width)]
    assert weights == sorted(weights)
    assert weights[0] * 10 < weights[-1]


def test_a_small_picture_is_not_made_larger() -> None:
    made = in_sizes(a_file(noisy(300, 100)))
    assert opened(made[Width.THUMB]).size == (160, 53)
    assert opened(made[Width.LARGE]).size == (300, 100)


def test_a_very_tall_picture_is_held_to_three_widths() -> None:
    made = in_sizes(a_file(Image.new("L", (100, 8000)), "PNG"))
    assert opened(made[Width.CARD]).size == (15, 1200)


def test_a_camera_held_sideways_gives_an_upright_picture_without_its_notes() -> None:
    image = Image.new("RGB", (200, 100), RED)
    image.paste(BLUE, (0, 0, 100, 100))
    notes = Image.Exif()
    notes[ORIENTATION], notes[ARTIST] = TURNED_RIGHT, "Somebody with a name"
    sent = a_file(image, exif=notes, comment=b"taken at home", quality=95)
    assert b"Somebody with a name" in sent.content

    large = in_sizes(sent)[Width.LARGE]

    upright = opened(large)
    assert upright.size == (100, 200)
    red, _, blue = colour_at(upright, 50, 20)
    assert blue > red, "what was left is on top after a turn to the right"
    assert not upright.getexif()
    for note in (b"Somebody", b"taken at home", b"EXIF", b"XMP", b"ICCP"):
        assert note not in large.content


def test_what_shines_through_stays_transparent() -> None:
    image = Image.new("RGBA", (40, 40), (0, 0, 0, 0))
    image.paste((*RED, 255), (0, 0, 20, 40))
    for form in ("PNG", "GIF"):
        sent = opened(in_sizes(a_file(image, form))[Width.CARD]).convert("RGBA").getchannel("A")
        assert (colour_at(sent, 5, 20)[0], colour_at(sent, 35, 20)[0]) == (255, 0), form


def test_of_an_animation_the_first_frame_is_shown() -> None:
    frames = [Image.new("RGB", (40, 40), colour) for colour in (RED, BLUE)]
    moving = a_file(frames[0], "GIF", save_all=True, append_images=frames[1:])
    still = opened(in_sizes(moving)[Width.CARD])
    assert getattr(still, "n_frames", 1) == 1
    red, _, blue = colour_at(still, 20, 20)
    assert red > blue


@pytest.mark.parametrize("mode", ["CMYK", "L", "1", "P", "I;16", "LA"])
def test_every_way_to_keep_colours_is_read(mode: str) -> None:
    form = "JPEG" if mode == "CMYK" else "PNG"
    image = Image.new(mode, (40, 30))
    assert opened(in_sizes(a_file(image, form))[Width.CARD]).size == (40, 30)


def test_a_drawing_stays_as_it_is() -> None:
    drawing = Picture(b"<svg/>", SVG)
    assert set(in_sizes(drawing).values()) == {drawing}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xd8\xff",
        b"<html>",
        # A real format, and none that a supplier may send.
        a_file(Image.new("RGB", (10, 10)), "BMP").content,
        a_file(noisy(200, 200)).content[:2000],
    ],
    ids=["nothing", "a beginning", "a page", "another format", "half of one"],
)
def test_a_file_that_is_no_picture_is_refused(content: bytes) -> None:
    with pytest.raises(PictureRefused):
        in_sizes(Picture(content, "image/jpeg"))


def test_a_small_file_that_claims_to_be_huge_is_refused_unread() -> None:
    side = int(MOST_PIXELS**0.5) + 1

    def part(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    bomb = b"\x89PNG\r\n\x1a\n" + part(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
    with pytest.raises(PictureRefused, match="too many pixels"):
        in_sizes(Picture(bomb + part(b"IDAT", zlib.compress(b"")), "image/png"))
