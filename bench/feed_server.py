"""A supplier's system for the bench: pages made beforehand, served from a file as fast as can be.

`python -m bench.feed_server FOLDER` prints its port. Rows are plausible and about 700 bytes each;
`GET /N?skip=&limit=` answers from the listing of N rows. `GET /variant/5` gives 5 % of them another
price from then on, as a supplier does overnight, and `GET /variant/0` takes it back.
"""

from __future__ import annotations

import asyncio
import random
import sys
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


def record(number: int, *, changed: bool) -> dict[str, Any]:
    """Return row `number`; always the same one."""
    luck = random.Random(number)
    quality, thing = luck.choice(QUALITIES), luck.choice(THINGS)
    brand = f"Brand{int(400 * luck.random() ** 2)}"
    cents = luck.randrange(200, 90_000) + (50 if changed else 0)
    group = THINGS.index(thing) % 8
    return {
        "id": f"A{number:08d}",
        "sku": f"{brand[:3].upper()}-{number:07d}",
        "title": f"{quality.capitalize()} {thing} {brand} series {luck.randrange(2000)}",
        "description": f"{quality.capitalize()} {thing}, size {luck.randrange(90)}. {TEXT}",
        "brand": brand,
        "category": ["Supplies", f"Group {group}", f"Shelf {luck.randrange(24)}"],
        "price": cents / 100,
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


def pages_file(folder: Path, rows: int, variant: int) -> Path:
    """Return the file of a listing, one page of JSON per line; made where it is not there."""
    path = folder / f"feed-{rows}-{variant}.jsonl"
    if path.exists():
        return path
    partial = path.with_suffix(".partial")
    with partial.open("wb") as file:
        for start in range(0, rows, PAGE):
            numbers = range(start, min(start + PAGE, rows))
            products = [
                record(number, changed=variant == 5 and number % 20 == 7) for number in numbers
            ]
            page = {"products": products, "total": rows, "skip": start, "limit": len(products)}
            file.write(orjson.dumps(page) + b"\n")
    partial.rename(path)
    return path


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
                    listings[number, variant] = _Listing(pages_file(folder, number, variant))
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
