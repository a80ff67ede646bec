"""What the administration page shows."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Answer:
    """One question about the running of the place, answered.

    `key` names the tile; `is_good` is the answer in the reader's favour; `answer` the sentence
    with its figure; `link` the page that mends it, empty where there is none yet.
    """

    key: str
    question: str
    is_good: bool
    figure: str
    answer: str
    link: str
