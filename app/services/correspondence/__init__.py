"""Mails as they are written: one layout for all of them.

The layout is in MJML so that mail programs of every age show it alike, and as plain text beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, StrictUndefined, Template
from mjml import mjml2html

TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True, slots=True)
class Draft:
    """A mail, written but not yet meant: who gets it and what it says."""

    recipient: str
    reply_to: str
    subject: str
    html: str
    text: str


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing to know, with its label."""

    label: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One product of a group, every part as it is shown."""

    name: str
    codes: str
    quantity: str
    price: str
    total: str


@dataclass(frozen=True, slots=True)
class Group:
    """Products under one title, and what they come to."""

    title: str
    lines: tuple[Line, ...]
    subtotals: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Letter:
    """Everything the layout shows; with a `link` there is a button in place of the `closing`."""

    subject: str
    preview: str
    kind: str
    title: str
    intro: str
    footer: str
    facts: tuple[Fact, ...] = ()
    groups: tuple[Group, ...] = ()
    note: str = ""
    warning: str = ""
    closing: str = ""
    link: str = ""
    link_text: str = ""


def written(letter: Letter, *, recipient: str, reply_to: str) -> Draft:
    """Return the mail that says `letter`; `reply_to` may be empty."""
    html, text = _layouts()
    return Draft(
        recipient=recipient,
        reply_to=reply_to,
        subject=letter.subject,
        html=html.render(mail=letter),
        text=text.render(mail=letter),
    )


@lru_cache(maxsize=1)
def _layouts() -> tuple[Template, Template]:
    """Compile the layouts: MJML to HTML first, so that only the layout itself is ever MJML."""
    # Without web fonts: a mail fetches nothing from anywhere.
    html = mjml2html((TEMPLATES / "letter.mjml").read_text(encoding="utf-8"), fonts={})
    text = (TEMPLATES / "letter.txt").read_text(encoding="utf-8")
    for_html = Environment(autoescape=True, undefined=StrictUndefined)
    for_text = Environment(
        autoescape=False,  # noqa: S701 - plain text has nothing to escape
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return for_html.from_string(html), for_text.from_string(text)
