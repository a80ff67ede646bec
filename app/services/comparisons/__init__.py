"""Comparisons of two snapshots: asking for one, reading it, taking it along.

Making one is in a module of its own, which loads DuckDB and takes a while.
"""

from __future__ import annotations

from app.services.comparisons.queries import changes_of, comparison_between, topic_of
from app.services.comparisons.request import request_comparison

__all__ = ["changes_of", "comparison_between", "request_comparison", "topic_of"]
