"""Pages that ask at the same time ask together: in turn, and the same thing once.

One commit can wake every open page. If each asked by itself, hundreds of reads would stand in line
for the few threads of the process before what a visitor has just clicked.
"""

from __future__ import annotations

import asyncio
from contextvars import Context
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar, cast

from state.base import in_reading

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence

Question = TypeVar("Question")
Answer = TypeVar("Answer")

# Looks that run side by side: the other threads of the process are for what visitors do.
LOOKS_AT_ONCE: Final = 2


class Together(Generic[Question, Answer]):
    """Hands on what many ask, and each answer to all who asked for it before it was looked for.

    Nobody is answered from a look that had begun before they asked: whoever is woken by a commit
    sees what it has changed.
    """

    def __init__(
        self,
        look: Callable[[Sequence[Question]], Awaitable[Mapping[Question, Answer]]],
        *,
        at_most: int,
        at_once: int,
    ) -> None:
        """Give `look` up to `at_most` different questions each time, `at_once` times side by side.

        `look` answers all it is given; what it raises is raised to all who asked that time.
        """
        self._look = look
        self._at_most = at_most
        self._at_once = at_once
        self._loop: asyncio.AbstractEventLoop | None = None
        self._waiting: dict[Question, asyncio.Future[Answer]] = {}
        self._at_work: set[asyncio.Task[None]] = set()

    @property
    def is_idle(self) -> bool:
        """Whether nobody waits for an answer and nothing is looked for."""
        return not self._waiting and not self._at_work

    async def ask(self, question: Question) -> Answer:
        """Return the answer, as it is now or later. Raises what looking for it raises."""
        loop = asyncio.get_running_loop()
        if self._loop is not loop:
            # The program was ended and started anew in this process: nobody ends what it left.
            self._loop, self._waiting, self._at_work = loop, {}, set()
        answer = self._waiting.get(question)
        if answer is None:
            answer = self._waiting[question] = loop.create_future()
            if len(self._at_work) < self._at_once:
                # In a context of its own: that of the event which happens to be first would be
                # kept alive for as long as others ask.
                self._at_work.add(asyncio.create_task(self._work(), context=Context()))
        # Whoever leaves must not take the answer from the others.
        return await asyncio.shield(answer)

    async def _work(self) -> None:
        at_work = self._at_work
        try:
            while self._waiting:
                await self._answer(
                    {
                        question: self._waiting.pop(question)
                        for question in list(islice(self._waiting, self._at_most))
                    }
                )
        finally:
            # Here and not when the task is found to have ended: whoever asks in between would wait
            # for one who does not look any more.
            at_work.discard(cast("asyncio.Task[None]", asyncio.current_task()))

    async def _answer(self, asked: Mapping[Question, asyncio.Future[Answer]]) -> None:
        try:
            found = await self._look(list(asked))
            for question, answer in asked.items():
                answer.set_result(found[question])
        except Exception as problem:  # noqa: BLE001 - raised to those who asked
            for answer in asked.values():
                if not answer.done():
                    answer.set_exception(problem)
                    # Where everybody has left by now, nobody else would look at it.
                    answer.exception()
        except BaseException:
            for answer in asked.values():
                answer.cancel()
            raise


# A query, and what it is asked: those who ask the same may see the same.
_Look = tuple["Callable[..., Any]", "frozenset[tuple[str, Hashable]]"]


async def _read(looks: Sequence[_Look]) -> dict[_Look, Any]:
    return {one: await in_reading(one[0], **dict(one[1])) for one in looks}


_looks: Together[_Look, Any] = Together(_read, at_most=1, at_once=LOOKS_AT_ONCE)


async def look(query: Callable[..., Answer], /, **asked: Hashable) -> Answer:
    """Run a query for pages that wait for changes: once for all that ask the same of it.

    They share what it returns, so that has to be frozen.
    """
    return await _looks.ask((query, frozenset(asked.items())))
