"""A supplier's system for tests: a real HTTP server on loopback that answers as it is told to."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson

JSON = {"Content-Type": "application/json"}


@dataclass(frozen=True)
class Asked:
    """One request as it came in."""

    path: str
    query: dict[str, str]
    headers: dict[str, str]


@dataclass(frozen=True)
class Reply:
    """One answer; with `promised` more bytes are announced than come."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=lambda: dict(JSON))
    promised: int = 0


def json_reply(content: Any, *, status: int = 200, **headers: str) -> Reply:
    """Return `content` as JSON."""
    return Reply(orjson.dumps(content), status, {**JSON, **headers})


class Supplier:
    """Answers through `answer`; what `first` holds is answered before it, once each."""

    def __init__(self, answer: Callable[[Asked], Reply]) -> None:
        """Listen on a free port."""
        self.answer = answer
        self.first: list[Reply] = []
        self.asked: list[Asked] = []
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        supplier = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                url = urlsplit(self.path)
                query = {name: values[0] for name, values in parse_qs(url.query).items()}
                reply = supplier.reply(Asked(url.path, query, dict(self.headers.items())))
                self.send_response(reply.status)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(reply.body) + reply.promised))
                self.end_headers()
                self.wfile.write(reply.body)
                self.close_connection = reply.promised > 0

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - as it is inherited
                """Say nothing."""

        return Handler

    def reply(self, asked: Asked) -> Reply:
        """Return the answer to a request and remember that it came."""
        with self._lock:
            self.asked.append(asked)
            if self.first:
                return self.first.pop(0)
        return self.answer(asked)

    @contextmanager
    def serving(self) -> Iterator[Supplier]:
        """Serve until the end of the block."""
        thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()
            thread.join()


def offset_pages(products: list[Any], **extra: Any) -> Callable[[Asked], Reply]:
    """Return an answer that hands out `products` by `skip` and `limit`, as DummyJSON does.

    The list is read at each request, so that a test may change it between two syncs.
    """

    def answer(asked: Asked) -> Reply:
        skip, limit = int(asked.query.get("skip", "0")), int(asked.query.get("limit", "30"))
        part = products[skip : skip + limit]
        return json_reply(
            {"products": part, "total": len(products), "skip": skip, "limit": len(part), **extra}
        )

    return answer
