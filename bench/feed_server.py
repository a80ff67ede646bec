"""A supplier's system for the bench: pages made beforehand, served from a file as fast as can be.

`python -m bench.feed_server FOLDER` prints its port. Rows are plausible and about 700 bytes each;
`GET /N?skip=&limit=` answers from the listing of N rows. `GET /variant/5` gives 5 % of them another
price from then on, as a supplier does overnight, and `GET /variant/0` takes it back.
"""

from __future__ import annotations

import asyncio
import random
import sys
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson

PAGE = 1_000
QUALITIES = (
    "cordless", "steel", "foldable", "insulated", "compact", "wooden", "stainless", "magnetic",
    "adjustable", "portable", "silent", "universal", "flexible", "waterproof", "lightweight",
    "reinforced",
)  # fmt: skip
THINGS = (
    "screwdriver", "bottle", "desk", "lamp", "ladder", "bucket", "chair", "drill", "hammer",
    "notebook", "glove", "kettle", "shelf", "battery", "tape", "marker", "wrench", "trolley",
    "pan", "knife", "helmet", "printer", "cable", "hose", "pump", "saw", "clamp", "mirror",
    "filter", "brush",
)  # fmt: skip
TEXT = (
    "For daily work in workshops, offices and on site; delivered with manual and guarantee. "
    "Tested one by one, packed in recycled board, and spare parts are kept for ten years."
)


def record(number: int) -> dict[str, Any]:
    """Return row `number`; always the same one."""
    luck = random.Random(number)
    quality, thing = luck.choice(QUALITIES), luck.choice(THINGS)
    brand = f"Brand{int(400 * luck.random() ** 2)}"
    group = THINGS.index(thing) % 8
    return {
        "id": f"A{number:08d}",
        "sku": f"{brand[:3].upper()}-{number:07d}",
        "title": f"{quality.capitalize()} {thing} {brand} series {luck.randrange(2000)}",
        "description": f"{quality.capitalize()} {thing}, size {luck.randrange(90)}. {TEXT}",
        "brand": brand,
        "category": ["Supplies", f"Group {group}", f"Shelf {luck.randrange(24)}"],
        "price": luck.randrange(200, 90_000) / 100,
        "currency": "EUR",
        "stock": luck.randrange(300),
        "images": [
            f"https://cdn.supplier.example/pictures/{number}-{view}.webp" for view in (1, 2)
        ],
        "properties": {
            "Colour": luck.choice(("red", "blue", "black")),
            "Size": f"{number % 90} cm",
        },
        "updatedAt": "2026-01-01T00:00:00Z",
        "rating": round(luck.uniform(1, 5), 2),
    }


def is_changed(number: int) -> bool:
    """Tell whether row `number` is one of the 5 % that change."""
    return number % 20 == 7


def _listings(numbers: range, rows: int) -> tuple[bytes, bytes]:
    """Return one page of the listing as it was, and as it is with the changed prices."""
    page: dict[str, Any] = {
        "products": [record(number) for number in numbers],
        "total": rows,
        "skip": numbers.start,
        "limit": len(numbers),
    }
    before = orjson.dumps(page, option=orjson.OPT_APPEND_NEWLINE)
    for number, product in zip(numbers, page["products"], strict=True):
        if is_changed(number):
            product["price"] = (round(product["price"] * 100) + 50) / 100
    return before, orjson.dumps(page, option=orjson.OPT_APPEND_NEWLINE)


def path_of(folder: Path, rows: int, variant: int) -> Path:
    """Return where the file of a listing lies: one page of JSON per line."""
    return folder / f"feed-{rows}-{variant}.jsonl"


def make_listings(folder: Path, rows: int) -> dict[int, Path]:
    """Write the listing of that many rows on all cores, where it is not there; both variants."""
    paths = {variant: path_of(folder, rows, variant) for variant in (0, 5)}
    if all(path.exists() for path in paths.values()):
        return paths
    pages = [range(start, min(start + PAGE, rows)) for start in range(0, rows, PAGE)]
    with (
        paths[0].open("wb") as before,
        paths[5].open("wb") as after,
        ProcessPoolExecutor(mp_context=get_context("spawn")) as makers,
    ):
        for was, became in makers.map(partial(_listings, rows=rows), pages, chunksize=10):
            before.write(was)
            after.write(became)
    return paths


class _Listing:
    """The places of the pages in a file."""

    def __init__(self, path: Path) -> None:
        self.content = path.open("rb")
        self.places: list[tuple[int, int]] = []
        place = 0
        for line in self.content:
            self.places.append((place, len(line)))
            place += len(line)

    def page(self, number: int) -> bytes:
        """Return one page, an empty one behind the last."""
        if number >= len(self.places):
            return b'{"products":[]}'
        place, size = self.places[number]
        self.content.seek(place)
        return self.content.read(size)


async def serve(folder: Path) -> None:
    """Serve until the process is stopped."""
    listings: dict[tuple[int, int], _Listing] = {}
    variant = 0

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal variant
        while head := await reader.readuntil(b"\r\n\r\n"):
            url = urlsplit(head.split(b" ", 2)[1].decode())
            number = int(url.path.rpartition("/")[2])
            if url.path.startswith("/variant/"):
                variant = number
                body = b"{}"
            else:
                if (number, variant) not in listings:
                    listings[number, variant] = _Listing(path_of(folder, number, variant))
                skip = int(parse_qs(url.query).get("skip", ["0"])[0])
                body = listings[number, variant].page(skip // PAGE)
            writer.write(
                b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                b"Content-Length: %d\r\n\r\n" % len(body)
            )
            writer.write(body)
            await writer.drain()

    async def guarded(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await answer(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    server = await asyncio.start_server(guarded, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1])))
