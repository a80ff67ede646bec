"""The jobs of the queue `mail`: intent, call, outcome. The call stands in no transaction."""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING

from app.errors import Unavailable
from app.integrations.mail import mail_service
from app.integrations.ports import MailRefused, MailUnsure, OutgoingMail
from app.models.accounts import SendInvitation, SendSignInLink
from app.models.comparisons import MailComparison
from app.models.ordering import MailState, SendConfirmation, SendDispatch
from app.models.snapshots import MailDamage, MailSnapshot
from app.services import accounts
from app.services.comparisons import mailing as comparison_mailing
from app.services.ordering import dispatching, ledger, setbacks
from app.services.ordering.ledger import Intent, Outcome
from app.services.snapshots import alarm, mailing
from app.work import within
from jobs.runner import MANY, Outside, Setback, job, job_of_many

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.work import Work

log = logging.getLogger(__name__)


def _at_once() -> int:
    """Return how many mails may be meant before the first of them is handed over.

    Whoever dies in between leaves them all cut off. That is harmless where the service knows them
    again; where it does not, each would need a person, so there it is one at a time.
    """
    return MANY if mail_service().deduplicates else 1


def _dispatch_is_tried_again(work: Work, call: SendDispatch, setback: Setback) -> None:
    setbacks.note_another_try(
        work,
        dispatch_id=call.dispatch_id,
        number=setback.attempt + 1,
        of=setback.attempts,
        problem=setback.problem,
        due_at=setback.due_at,
    )


def _dispatch_is_given_up(work: Work, call: SendDispatch, setback: Setback) -> None:
    setbacks.give_up_dispatch(
        work, dispatch_id=call.dispatch_id, number=call.round, problem=setback.problem
    )


@job_of_many(
    SendDispatch,
    conclude=dispatching.conclude_mails,
    at_once=_at_once,
    on_retry=_dispatch_is_tried_again,
    on_dead=_dispatch_is_given_up,
)
def send_dispatch(work: Work, calls: Sequence[SendDispatch]) -> Sequence[Outside | None]:
    """Mail rounds of dispatches to their suppliers."""
    rounds = [(call.dispatch_id, call.round) for call in calls]
    return _outside(dispatching.intend_dispatches(work, rounds))


def _confirmation_is_given_up(work: Work, call: SendConfirmation, setback: Setback) -> None:
    setbacks.give_up_confirmation(work, order_id=call.order_id, problem=setback.problem)


@job_of_many(
    SendConfirmation,
    conclude=dispatching.conclude_mails,
    at_once=_at_once,
    on_dead=_confirmation_is_given_up,
)
def send_confirmation(work: Work, calls: Sequence[SendConfirmation]) -> Sequence[Outside | None]:
    """Mail buyers that their orders were placed."""
    order_ids = [call.order_id for call in calls]
    return _outside(dispatching.intend_confirmations(work, order_ids))


@job(SendSignInLink)
def send_sign_in_link(work: Work, call: SendSignInLink) -> Outside | None:
    """Mail a sign-in link to whom it was asked for, if they are known."""
    return _once(accounts.sign_in_mail(work, link_id=call.link_id))


@job(SendInvitation)
def send_invitation(work: Work, call: SendInvitation) -> Outside | None:
    """Mail somebody that they may sign in."""
    return _once(accounts.invitation_mail(work, person_id=call.person_id))


def _once(mail: OutgoingMail | None) -> Outside | None:
    return partial(_hand_over_unrecorded, mail) if mail is not None else None


def _hand_over_unrecorded(mail: OutgoingMail) -> None:
    """Ask the mail service to take a mail that the ledger, which people read, must not hold.

    One that may or may not have gone out is not sent again: whoever waits for it asks anew.
    """
    try:
        mail_service().send(mail)
    except (MailRefused, MailUnsure) as problem:
        log.warning("The mail %s did not go out for certain: %s", mail.key, problem.sentence)


@job_of_many(MailSnapshot, conclude=mailing.conclude_mails, at_once=_at_once)
def mail_snapshot(work: Work, calls: Sequence[MailSnapshot]) -> Sequence[Outside | None]:
    """Mail people that the snapshots they asked for are stored."""
    return _outside(mailing.intend_mails(work, calls))


@job_of_many(MailDamage, conclude=alarm.conclude_mails, at_once=_at_once)
def mail_damage(work: Work, calls: Sequence[MailDamage]) -> Sequence[Outside | None]:
    """Mail those who look after snapshots that one is damaged."""
    return _outside(alarm.intend_mails(work, calls))


@job_of_many(MailComparison, conclude=comparison_mailing.conclude_mails, at_once=_at_once)
def mail_comparison(work: Work, calls: Sequence[MailComparison]) -> Sequence[Outside | None]:
    """Mail people the comparisons they asked for."""
    return _outside(comparison_mailing.intend_mails(work, calls))


def _outside(intents: Sequence[Intent | None]) -> Sequence[Outside | None]:
    return [partial(_hand_over, intent) if intent is not None else None for intent in intents]


def _hand_over(intent: Intent) -> Outcome:
    """Ask the mail service to take a mail; return what it said.

    A try that was cut off is repeated only where the service knows the mail by its key; elsewhere
    a person has to find out. Raises Unavailable where the mail was not taken but may be later.
    """
    service = mail_service()
    mail_id = intent.mail_id
    if intent.was_cut_off and not service.deduplicates:
        doubt = "An earlier try was cut off while the mail was sent."
        return Outcome(mail_id, MailState.UNSURE, problem=doubt)
    try:
        return Outcome(mail_id, MailState.ACCEPTED, service.send(intent.mail))
    except MailRefused as refusal:
        return Outcome(mail_id, MailState.REFUSED, problem=refusal.sentence)
    except MailUnsure as doubt:
        return Outcome(mail_id, MailState.UNSURE, problem=doubt.sentence)
    except Unavailable as setback:
        within(ledger.defer, mail_id=mail_id, problem=setback.sentence)
        raise
