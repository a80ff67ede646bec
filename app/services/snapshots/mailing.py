"""The mail that a snapshot is stored, by the ledger of mails: intent, call, outcome.

Those who read the ledger may follow the link in it: operators, who see all snapshots anyway.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from uuid import UUID

from app.models.accounts import Person
from app.models.columns import stored
from app.models.ordering import MailState
from app.models.snapshots import STORED_STATES, Snapshot, SnapshotState
from app.services.correspondence import Draft, Fact, Letter, written
from app.services.ordering import ledger
from app.services.snapshots.links import LINK_LASTS, signed_link
from app.services.snapshots.queries import title_of
from app.services.snapshots.states import locked_snapshot, move
from app.views.formatting import moment, number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.models.snapshots import MailSnapshot
    from app.services.ordering.ledger import Intent, Outcome
    from app.work import Work

_KIND: Final = "snapshot"
_MEGABYTE: Final = 1_000_000


def key_of(call: MailSnapshot) -> str:
    """Return the key of the mail to one person of one snapshot."""
    return f"{_KIND}:{call.snapshot_id}:{call.person_id}"


def intend_mails(work: Work, calls: Sequence[MailSnapshot]) -> list[Intent | None]:
    """Begin to mail people that their snapshots are stored; an answer for each, None where done."""
    earlier = ledger.mails_of(work, keys=[key_of(call) for call in calls])

    def intend(call: MailSnapshot) -> Intent | None:
        key = key_of(call)
        if key in earlier:
            return ledger.intend_again(earlier[key])
        snapshot = work.session.get(Snapshot, call.snapshot_id)
        person = work.session.get(Person, call.person_id)
        if snapshot is None or snapshot.deleted_at is not None:
            return None
        if person is None or person.blocked_at is not None:
            return None
        return ledger.intend(work, key=key, draft=_draft(snapshot, person))

    return [intend(call) for call in calls]


def conclude_mails(work: Work, outcomes: Sequence[Outcome]) -> None:
    """Record how mails fared; a snapshot that somebody was told of is `notified`."""
    settled = ledger.conclude(work, outcomes)
    told = {UUID(mail.key.split(":")[1]) for mail in settled if mail.state is MailState.ACCEPTED}
    for snapshot_id in sorted(told):
        snapshot = locked_snapshot(work, snapshot_id=snapshot_id)
        if snapshot.state is SnapshotState.STORED:
            move(work, snapshot, SnapshotState.NOTIFIED)


def _draft(snapshot: Snapshot, person: Person) -> Draft:
    if snapshot.state not in STORED_STATES:
        msg = "a snapshot is mailed once it is stored"
        raise ValueError(msg)
    title, locale = title_of(snapshot.filter), person.locale
    size = number(max(1, round(stored(snapshot.bytes) / _MEGABYTE)), locale)
    facts = (
        Fact("What", (title,)),
        Fact("Taken", (moment(stored(snapshot.taken_at), locale),)),
        Fact("Products", (number(stored(snapshot.rows), locale),)),
        Fact("Size", (f"{size} MB",)),
        Fact("SHA-256", (stored(snapshot.root_hash),)),
    )
    letter = Letter(
        subject=f"Your snapshot is ready: {title}",
        preview=f"{number(stored(snapshot.rows), locale)} products",
        kind="Product snapshot",
        title="Your snapshot is ready",
        intro="It shows what every product cost at that moment, and cannot change any more.",
        facts=facts,
        link=signed_link(snapshot_id=stored(snapshot.id), person_id=stored(person.id)),
        link_text="Open the snapshot",
        footer=f"The link works for {LINK_LASTS.days} days, for whoever has it. "
        "You get this mail because you asked for the snapshot on AnythingYouWantt.",
    )
    return written(letter, recipient=person.email, reply_to="")
