"""A twin in front of the real bucket that does to requests what networks and services do."""

from __future__ import annotations

import re
import socket
import socketserver
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

HEAD_END = b"\r\n\r\n"
CHUNK = 65_536


class How(StrEnum):
    """What is done to a request."""

    DOWN = "the connection is closed at once"
    DROPPED = "the connection is closed in the middle of what is sent"
    ANSWER_LOST = "the request is carried out, and its answer never comes"
    ANSWERED = "the service answers with an error"
    SLOW = "what is sent trickles"


@dataclass
class Fault:
    """Does something to the next `times` requests whose first line matches `which`."""

    how: How
    which: str = ""
    times: int = 1_000
    status: int = 503
    code: str = "SlowDown"
    met: int = field(default=0, init=False)

    def meets(self, line: str) -> bool:
        """Tell whether it happens to this request; it counts then."""
        if self.met >= self.times or not re.search(self.which, line):
            return False
        self.met += 1
        return True


class FaultyBucket:
    """Listens on loopback and passes on to the bucket at `url` whatever no fault befalls."""

    def __init__(self, url: str) -> None:
        """Stand in front of the bucket at `url`."""
        parts = urlsplit(url)
        self._upstream = (parts.hostname or "", parts.port or 80)
        self.faults: list[Fault] = []
        self.lock = threading.Lock()

    @contextmanager
    def serving(self) -> Iterator[str]:
        """Serve until the block ends; yields its address."""
        twin = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                with suppress(OSError):
                    twin.pass_on(self.request)

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True
            block_on_close = False
            allow_reuse_address = True

        with Server(("127.0.0.1", 0), Handler) as server:
            thread = threading.Thread(target=server.serve_forever, args=(0.05,))
            thread.start()
            try:
                yield f"http://127.0.0.1:{server.server_address[1]}"
            finally:
                server.shutdown()
                thread.join()

    def pass_on(self, client: socket.socket) -> None:
        """Serve one request of one connection."""
        head, body = _head_of(client)
        if not head:
            return
        line = head.split(b"\r\n", 1)[0].decode()
        with self.lock:
            fault = next((each for each in self.faults if each.meets(line)), None)
        if fault is not None and fault.how is How.DOWN:
            return
        if fault is not None and fault.how is How.ANSWERED:
            _answer(client, fault)
            return
        with socket.create_connection(self._upstream) as upstream:
            # So that the end of the answer is the end of the connection.
            upstream.sendall(head.replace(b"\r\n", b"\r\nConnection: close\r\n", 1) + HEAD_END)
            if fault is not None and fault.how is How.DROPPED and b"100-continue" not in head:
                upstream.sendall(body[: len(body) // 2])
                return
            upstream.sendall(body)
            _exchange(client, upstream, fault)


def _head_of(client: socket.socket) -> tuple[bytes, bytes]:
    """Return the head of a request, and what came of its body with it."""
    got = b""
    while HEAD_END not in got:
        more = client.recv(CHUNK)
        if not more:
            return b"", b""
        got += more
    head, _, body = got.partition(HEAD_END)
    return re.sub(rb"\r\nconnection: [^\r]*", b"", head, flags=re.IGNORECASE), body


def _answer(client: socket.socket, fault: Fault) -> None:
    body = f"<Error><Code>{fault.code}</Code><Message>A test.</Message></Error>".encode()
    client.sendall(
        f"HTTP/1.1 {fault.status} Fault\r\nContent-Type: application/xml\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode()
        + body
    )
    # What is still being sent is read, or the client would see a broken pipe and not the answer.
    client.shutdown(socket.SHUT_WR)
    client.settimeout(30)
    while client.recv(CHUNK):
        pass


def _exchange(client: socket.socket, upstream: socket.socket, fault: Fault | None) -> None:
    how = fault.how if fault else None
    sending = threading.Thread(target=_send, args=(client, upstream, how), daemon=True)
    sending.start()
    while answer := upstream.recv(CHUNK):
        # That the body may come is no answer yet.
        if how is How.ANSWER_LOST and not answer.startswith(b"HTTP/1.1 100"):
            return
        client.sendall(answer)


def _send(client: socket.socket, upstream: socket.socket, how: How | None) -> None:
    size = {How.DROPPED: 1_000, How.SLOW: 2_000}.get(how, CHUNK) if how else CHUNK
    pause = threading.Event()
    with suppress(OSError):
        while body := client.recv(size):
            upstream.sendall(body)
            if how is How.DROPPED:
                for end in (upstream, client):
                    end.shutdown(socket.SHUT_RDWR)
                return
            if how is How.SLOW:
                pause.wait(0.05)
