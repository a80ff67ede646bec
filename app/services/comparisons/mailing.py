"""The mail of a comparison to whoever wants it, by the ledger of mails: intent, call, outcome."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.config import settings
from app.errors import AppError, NotFound
from app.models.accounts import Person
from app.models.columns import new_id
from app.models.comparisons import MailComparison
from app.services.accounts import service_viewer
from app.services.comparisons.queries import comparison_between
from app.services.correspondence import Draft, Fact, Letter, written
from app.services.ordering import ledger
from app.views.comparison_query import ComparisonQuery
from app.views.comparison_text import counted, named, price_sentence
from app.views.formatting import number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.services.ordering.ledger import Intent, Outcome
    from app.views.accounts import Viewer
    from app.views.comparisons import ComparisonView
    from app.work import Work


def request_mail(work: Work, *, viewer: Viewer, query: ComparisonQuery) -> None:
    """Have the summary of a comparison mailed to `viewer`.

    Raises NotFound where they may not see both snapshots, or these were not compared.
    """
    if query.before is None or query.after is None:
        raise NotFound("Choose two snapshots to compare.")
    comparison_between(work, viewer=viewer, before_id=query.before, after_id=query.after)
    work.enqueue(
        MailComparison(
            before_id=query.before,
            after_id=query.after,
            person_id=viewer.person_id,
            wish_id=new_id(),
        )
    )


def intend_mails(work: Work, calls: Sequence[MailComparison]) -> list[Intent | None]:
    """Begin to mail comparisons; an answer for each, None where there is nothing to mail."""
    keys = [f"comparison:{call.wish_id}" for call in calls]
    earlier = ledger.mails_of(work, keys=keys)

    def intend(call: MailComparison, key: str) -> Intent | None:
        if key in earlier:
            return ledger.intend_again(earlier[key])
        person = work.session.get(Person, call.person_id)
        if person is None or person.blocked_at is not None:
            return None
        try:
            found = comparison_between(
                work,
                viewer=service_viewer("worker"),
                before_id=call.before_id,
                after_id=call.after_id,
            )
        except AppError:
            # A snapshot was deleted meanwhile: there is nothing to tell of.
            return None
        return ledger.intend(work, key=key, draft=_draft(found, person))

    return [intend(call, key) for call, key in zip(calls, keys, strict=True)]


def conclude_mails(work: Work, outcomes: Sequence[Outcome]) -> None:
    """Record how mails fared."""
    ledger.conclude(work, outcomes)


def _draft(found: ComparisonView, person: Person) -> Draft:
    locale = person.locale
    counts = tuple(f"{word}: {number(figure, locale)}" for word, figure in counted(found) if figure)
    prices = tuple(price_sentence(each, locale) for each in found.prices)
    facts = [
        Fact("First", (named(found.before, locale),)),
        Fact("Second", (named(found.after, locale),)),
        Fact("Products", counts or ("Nothing changed.",)),
        *([Fact("Prices", prices)] if prices else []),
        *([Fact("To know", found.notes)] if found.notes else []),
    ]
    both = ComparisonQuery(found.before.id, found.after.id)
    letter = Letter(
        subject=f"Snapshots compared: {number(found.rows, locale)} products differ",
        preview=", ".join(counts[:3]),
        kind="Comparison of snapshots",
        title="Two snapshots compared",
        intro="What came, what went, and what prices did between the two.",
        facts=tuple(facts),
        link=f"{settings().public_url}{both.address()}",
        link_text="Open the comparison",
        footer="Sign in to follow the link. "
        "You get this mail because you asked for it on AnythingYouWantt.",
    )
    return written(letter, recipient=person.email, reply_to="")
