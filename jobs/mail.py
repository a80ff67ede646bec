"""The jobs of the queue `mail`: intent, call, outcome. The call stands in no transaction."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from app.errors import Unavailable
from app.integrations.mail import mail_service
from app.integrations.ports import MailRefused, MailUnsure
from app.models.ordering import MailState, SendConfirmation, SendDispatch
from app.services.ordering import dispatching, ledger
from app.services.ordering.ledger import Intent
from app.work import within
from jobs.runner import LastStep, Outside, Setback, job

if TYPE_CHECKING:
    from app.work import Work


def _dispatch_is_tried_again(work: Work, call: SendDispatch, setback: Setback) -> None:
    dispatching.note_another_try(
        work,
        dispatch_id=call.dispatch_id,
        number=setback.attempt + 1,
        of=setback.attempts,
        problem=setback.problem,
        due_at=setback.due_at,
    )


def _dispatch_is_given_up(work: Work, call: SendDispatch, setback: Setback) -> None:
    dispatching.give_up_dispatch(
        work, dispatch_id=call.dispatch_id, number=call.round, problem=setback.problem
    )


@job(SendDispatch, on_retry=_dispatch_is_tried_again, on_dead=_dispatch_is_given_up)
def send_dispatch(work: Work, call: SendDispatch) -> Outside | None:
    """Mail one round of a dispatch to its supplier."""
    intent = dispatching.intend_dispatch(work, dispatch_id=call.dispatch_id, number=call.round)
    return partial(_hand_over, intent) if intent is not None else None


def _confirmation_is_given_up(work: Work, call: SendConfirmation, setback: Setback) -> None:
    dispatching.give_up_confirmation(work, order_id=call.order_id, problem=setback.problem)


@job(SendConfirmation, on_dead=_confirmation_is_given_up)
def send_confirmation(work: Work, call: SendConfirmation) -> Outside | None:
    """Mail the buyer that the order was placed."""
    intent = dispatching.intend_confirmation(work, order_id=call.order_id)
    return partial(_hand_over, intent) if intent is not None else None


def _hand_over(intent: Intent) -> LastStep:
    """Ask the mail service to take a mail; the last step writes down what it said.

    A try that was cut off is repeated only where the service knows the mail by its key; elsewhere
    a person has to find out. Raises Unavailable where the mail was not taken but may be later.
    """
    service = mail_service()
    state, provider_id, problem = MailState.ACCEPTED, "", ""
    if intent.was_cut_off and not service.deduplicates:
        state, problem = MailState.UNSURE, "An earlier try was cut off while the mail was sent."
    else:
        try:
            provider_id = service.send(intent.mail)
        except MailRefused as refusal:
            state, problem = MailState.REFUSED, refusal.sentence
        except MailUnsure as doubt:
            state, problem = MailState.UNSURE, doubt.sentence
        except Unavailable as setback:
            within(ledger.defer, mail_id=intent.mail_id, problem=setback.sentence)
            raise
    return partial(
        dispatching.conclude_mail,
        mail_id=intent.mail_id,
        state=state,
        provider_id=provider_id,
        problem=problem,
    )
