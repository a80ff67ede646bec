"""The mail that a snapshot is not what was stored, to everybody who looks after snapshots."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import any_, literal, or_, select
from sqlmodel import col

from app.config import settings
from app.models.accounts import PEOPLE_ROLES, ROLE_PERMISSIONS, Permission, Person
from app.models.columns import new_id, stored
from app.models.snapshots import MailDamage, Snapshot
from app.services.correspondence import Draft, Fact, Letter, written
from app.services.ordering import ledger
from app.services.snapshots.links import address_of
from app.services.snapshots.queries import title_of
from app.views.formatting import moment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.services.ordering.ledger import Intent, Outcome
    from app.work import Work

_KEEPERS: Final = [
    role.value for role in PEOPLE_ROLES if Permission.SNAPSHOT_VERIFY in ROLE_PERMISSIONS[role]
]


def raise_alarm(work: Work, snapshot: Snapshot) -> None:
    """Queue the mails that a snapshot is damaged: one for each who looks after snapshots."""
    keepers = work.session.scalars(
        select(col(Person.id)).where(
            col(Person.blocked_at).is_(None),
            or_(*(literal(role) == any_(col(Person.roles)) for role in _KEEPERS)),
        )
    )
    alarm_id = new_id()
    work.enqueue_all(
        [
            MailDamage(
                alarm_id=alarm_id,
                snapshot_id=stored(snapshot.id),
                person_id=stored(keeper),
                damage=snapshot.damage or "",
            )
            for keeper in keepers
        ]
    )


def intend_mails(work: Work, calls: Sequence[MailDamage]) -> list[Intent | None]:
    """Begin to mail that snapshots are damaged; an answer for each, None where that is done."""
    keys = [f"damage:{call.alarm_id}:{call.person_id}" for call in calls]
    earlier = ledger.mails_of(work, keys=keys)

    def intend(call: MailDamage, key: str) -> Intent | None:
        if key in earlier:
            return ledger.intend_again(earlier[key])
        snapshot = work.session.get(Snapshot, call.snapshot_id)
        person = work.session.get(Person, call.person_id)
        if snapshot is None or person is None or person.blocked_at is not None:
            return None
        return ledger.intend(work, key=key, draft=_draft(snapshot, person, call.damage))

    return [intend(call, key) for call, key in zip(calls, keys, strict=True)]


def conclude_mails(work: Work, outcomes: Sequence[Outcome]) -> None:
    """Record how mails fared."""
    ledger.conclude(work, outcomes)


def _draft(snapshot: Snapshot, person: Person, damage: str) -> Draft:
    title, locale = title_of(snapshot.filter), person.locale
    letter = Letter(
        subject=f"A snapshot is damaged: {title}",
        preview=damage,
        kind="Alert",
        title="A snapshot is not what was stored",
        intro="It was read again and held against its hashes. Until this is cleared up, what it "
        "says proves nothing. docs/operations.md says what to do.",
        facts=(
            Fact("What", (title,)),
            Fact("Taken", (moment(stored(snapshot.taken_at), locale),)),
            Fact("Found", (damage,)),
            Fact("Root hash", (stored(snapshot.root_hash),)),
        ),
        link=f"{settings().public_url}{address_of(stored(snapshot.id))}",
        link_text="Open the snapshot",
        footer="You get this mail because you look after snapshots on AnythingYouWantt. It comes "
        "once for each damage.",
    )
    return written(letter, recipient=person.email, reply_to="")
