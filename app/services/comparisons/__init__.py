"""Comparisons of two snapshots: asking for one, reading it, taking it along.

Making one is in a module of its own, which loads DuckDB and takes a while.
"""

from __future__ import annotations

from app.services.comparisons.mailing import request_mail
from app.services.comparisons.queries import changes_of, comparison_between, topic_of
from app.services.comparisons.request import request_comparison
from app.services.comparisons.taking_along import csv_link, has_given_up, request_csv

__all__ = [
    "changes_of",
    "comparison_between",
    "csv_link",
    "has_given_up",
    "request_comparison",
    "request_csv",
    "request_mail",
    "topic_of",
]
