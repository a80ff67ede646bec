"""Asking together: how often is looked, who gets which answer, and what is left."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from app.errors import Unavailable
from state.together import Together

if TYPE_CHECKING:
    from collections.abc import Sequence


class Library:
    """Answers each question with the number of the look, when it is told to."""

    def __init__(self) -> None:
        """Be closed until `opened` is set."""
        self.looks: list[list[str]] = []
        self.opened = asyncio.Event()
        self.most_at_once = 0
        self._at_once = 0

    async def look(self, questions: Sequence[str]) -> dict[str, int]:
        """Note what is asked and answer when the library is open."""
        self.looks.append(list(questions))
        number = len(self.looks)
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        await self.opened.wait()
        self._at_once -= 1
        return dict.fromkeys(questions, number)


async def _let_run() -> None:
    """Let everything run that waits for nothing from outside."""
    for _ in range(20):
        await asyncio.sleep(0)


def _asking(together: Together[str, int], *questions: str) -> list[asyncio.Task[int]]:
    return [asyncio.create_task(together.ask(question)) for question in questions]


async def test_the_same_question_is_looked_for_once() -> None:
    library = Library()
    together = Together(library.look, at_most=10, at_once=1)
    asked = _asking(together, *["price"] * 500)
    await _let_run()
    library.opened.set()
    assert await asyncio.gather(*asked) == [1] * 500
    assert library.looks == [["price"]]


async def test_nobody_is_answered_from_a_look_that_had_begun_before() -> None:
    library = Library()
    together = Together(library.look, at_most=10, at_once=2)
    first = _asking(together, "price")
    await _let_run()
    assert library.looks == [["price"]], "the look has not begun"
    second = _asking(together, "price")
    library.opened.set()
    assert await asyncio.gather(*first, *second) == [1, 2]


async def test_questions_that_wait_are_asked_in_one_look() -> None:
    library = Library()
    together = Together(library.look, at_most=2, at_once=1)
    asked = _asking(together, "a")
    await _let_run()
    asked += _asking(together, "b", "c", "d")
    library.opened.set()
    assert await asyncio.gather(*asked) == [1, 2, 2, 3]
    assert library.looks == [["a"], ["b", "c"], ["d"]]


async def test_no_more_than_so_many_looks_run_side_by_side() -> None:
    library = Library()
    together = Together(library.look, at_most=1, at_once=2)
    asked = _asking(together, *"abcdefgh")
    await _let_run()
    library.opened.set()
    await asyncio.gather(*asked)
    assert library.most_at_once == 2
    assert len(library.looks) == 8


async def test_a_failure_is_everybodys_who_asked_and_the_next_look_is_a_new_one() -> None:
    answers: list[Exception | int] = [Unavailable("The database does not answer."), 7]

    async def look(questions: Sequence[str]) -> dict[str, int]:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return dict.fromkeys(questions, answer)

    together = Together(look, at_most=10, at_once=1)
    for failed in await asyncio.gather(*_asking(together, "a", "b"), return_exceptions=True):
        assert isinstance(failed, Unavailable)
    assert await together.ask("a") == 7
    await _let_run()
    assert together.is_idle


async def test_who_leaves_does_not_take_the_answer_from_the_others() -> None:
    library = Library()
    together = Together(library.look, at_most=10, at_once=1)
    leaving, staying = _asking(together, "price", "price")
    await _let_run()
    leaving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leaving
    library.opened.set()
    assert await staying == 1
    await _let_run()
    assert together.is_idle


def test_what_an_ended_program_was_asked_holds_up_no_other() -> None:
    library = Library()
    together = Together(library.look, at_most=1, at_once=1)

    async def leave_in_the_middle() -> None:
        asked = _asking(together, "a", "b")
        await _let_run()
        assert len(asked) == 2

    asyncio.run(leave_in_the_middle())

    async def ask_again() -> int:
        library.opened.set()
        async with asyncio.timeout(60):
            return await together.ask("b")

    assert asyncio.run(ask_again()) == 2


async def test_who_asks_in_the_moment_a_look_ends_is_answered() -> None:
    library = Library()
    together = Together(library.look, at_most=10, at_once=1)
    (first,) = _asking(together, "price")
    await _let_run()

    async def ask_in_that_moment() -> int:
        # Woken right after the look, in the same turn of the loop.
        await library.opened.wait()
        return await together.ask("stock")

    second = asyncio.create_task(ask_in_that_moment())
    await _let_run()
    library.opened.set()
    async with asyncio.timeout(60):
        assert await asyncio.gather(first, second) == [1, 2]
