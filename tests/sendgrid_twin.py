"""A strict twin of SendGrid's `POST /v3/mail/send`, written from its public API description.

It refuses what the real service refuses, and can be told to misbehave as it does on bad days:
answer with a status, close the connection, or take the mail and never answer.
"""

from __future__ import annotations

import json
import re
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from uuid import uuid4

if TYPE_CHECKING:
    from collections.abc import Iterator

KEY = "SG.twin"
LARGEST_BODY = 30 * 1024 * 1024
MOST_PERSONALIZATIONS = 1000
MOST_CUSTOM_ARGS_BYTES = 10_000
_ADDRESS = re.compile(r"[^@\s<>]+@[^@\s<>.]+(\.[^@\s<>.]+)+")


@dataclass
class Twin:
    """What a test sees of the twin; `days` are told in advance, one per request."""

    url: str
    accepted: list[dict[str, Any]] = field(default_factory=list)
    requests: int = 0
    scopes: list[str] = field(default_factory=lambda: ["mail.send"])
    days: list[str | int] = field(default_factory=list)
    asked: threading.Event = field(default_factory=threading.Event)
    released: threading.Event = field(default_factory=threading.Event)


def complaints(body: Any) -> list[str]:
    """Return what the real service would say about a body, nothing for one it takes."""
    if not isinstance(body, dict):
        return ["Bad Request"]
    return [
        *_about_personalizations(body.get("personalizations")),
        *_about_person(body.get("from"), "from"),
        *(_about_person(body["reply_to"], "reply_to") if "reply_to" in body else []),
        *([] if _text(body.get("subject")) else ["The subject is required."]),
        *_about_content(body.get("content")),
    ]


def _text(value: Any) -> bool:
    return isinstance(value, str) and bool(value)


def _about_person(person: Any, name: str) -> list[str]:
    if not isinstance(person, dict) or not _text(person.get("email")):
        return [f"The {name} object must be provided. It is an object with an email and a name."]
    if not _ADDRESS.fullmatch(person["email"]):
        return [f"The {name} email does not contain a valid address."]
    if set(person) - {"email", "name"}:
        return [f"The {name} object has properties that are not allowed."]
    return []


def _about_personalizations(given: Any) -> list[str]:
    if not isinstance(given, list) or not given:
        return ["The personalizations field is required and must have at least one."]
    if len(given) > MOST_PERSONALIZATIONS:
        return ["There are too many personalizations."]
    found: list[str] = []
    for part in given:
        recipients = [*part.get("to", []), *part.get("cc", []), *part.get("bcc", [])]
        if not part.get("to"):
            found.append("The to array is required for all personalization objects.")
        for person in recipients:
            found += _about_person(person, "to")
        emails = [str(person.get("email", "")).lower() for person in recipients]
        if len(set(emails)) < len(emails):
            found.append("Each email address in the personalization block should be unique.")
        found += _about_arguments(part.get("custom_args", {}))
    return found


def _about_arguments(arguments: dict[str, Any]) -> list[str]:
    if any(not isinstance(value, str) for value in arguments.values()):
        return ["The custom_args values must be strings."]
    if len(json.dumps(arguments)) > MOST_CUSTOM_ARGS_BYTES:
        return ["The custom_args are larger than 10000 bytes."]
    return []


def _about_content(content: Any) -> list[str]:
    if not isinstance(content, list) or not content:
        return ["Unless a valid template_id is provided, the content parameter is required."]
    if any(not _text(part.get("type")) or not _text(part.get("value")) for part in content):
        return ["The content value must be a string at least one character in length."]
    kinds = [part["type"] for part in content]
    if kinds != sorted(kinds, key=lambda kind: {"text/plain": 0, "text/html": 1}.get(kind, 2)):
        return ["If present, text/plain must be first, followed by text/html."]
    return []


class _Handler(BaseHTTPRequestHandler):
    twin: Twin

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.twin.requests += 1
        day = self.twin.days.pop(0) if self.twin.days else "good"
        if isinstance(day, int):
            self._answer(day, ["A bad day."])
        elif day == "hang":
            # The mail is taken, and the answer never comes.
            self.twin.accepted.append(json.loads(raw))
            self.twin.asked.set()
            self.twin.released.wait(30)
            self.close_connection = True
        elif day == "cut":
            self.twin.accepted.append(json.loads(raw))
            self.close_connection = True
        else:
            self._judge(raw)

    def do_GET(self) -> None:
        if self.path != "/v3/scopes":
            self._answer(404, ["not found"])
        elif self.headers.get("Authorization") != f"Bearer {KEY}":
            self._answer(401, ["The provided authorization grant is invalid, expired, or revoked"])
        else:
            self._answer(200, [], {"scopes": self.twin.scopes})

    def _judge(self, raw: bytes) -> None:
        if self.path != "/v3/mail/send":
            self._answer(404, ["not found"])
        elif self.headers.get("Authorization") != f"Bearer {KEY}":
            self._answer(401, ["The provided authorization grant is invalid, expired, or revoked"])
        elif self.headers.get("Content-Type", "").split(";")[0] != "application/json":
            self._answer(415, ["Content-Type should be application/json."])
        elif len(raw) > LARGEST_BODY:
            self._answer(413, ["The JSON payload you have included in your request is too large."])
        else:
            try:
                body = json.loads(raw)
            except ValueError:
                self._answer(400, ["Bad Request"])
                return
            problems = complaints(body)
            if problems:
                self._answer(400, problems)
                return
            self.twin.accepted.append(body)
            self._answer(202, [])

    def _answer(self, status: int, problems: list[str], body: dict[str, Any] | None = None) -> None:
        self.send_response(status)
        content = b""
        if body is not None:
            content = json.dumps(body).encode()
            self.send_header("Content-Type", "application/json")
        elif status == 202:
            self.send_header("X-Message-Id", uuid4().hex)
        else:
            errors = [{"message": text, "field": None, "help": None} for text in problems]
            content = json.dumps({"errors": errors}).encode()
            self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - named by its parent
        """Say nothing: a test's output is its own."""


@contextmanager
def sendgrid_twin() -> Iterator[Twin]:
    """Run a twin on a free port until the block ends."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    twin = Twin(url=f"http://127.0.0.1:{server.server_port}")
    server.RequestHandlerClass = type("Handler", (_Handler,), {"twin": twin})
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield twin
    finally:
        twin.released.set()
        server.shutdown()
        thread.join()
        server.server_close()
