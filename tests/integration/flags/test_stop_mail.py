"""While `stop-mail` is on no mail leaves; what was to be sent waits, and goes out afterwards."""

from __future__ import annotations

import pytest

from app.errors import Held
from app.flags import ORDER_CONFIRMATION, READ_ONLY, STOP_MAIL, Flag
from app.integrations import queue
from app.integrations.mail import mail_service
from app.integrations.ports import OutgoingMail
from app.models.operations import JobState, Queue
from jobs import runner
from jobs.relay import hand_over
from tests.integration.flags.switching import switch
from tests.integration.ordering.conftest import Drain, let_time_pass, open_jobs, work_off
from tests.integration.ordering.looking import attempts, dispatch_job, placed, seen
from tests.sendgrid_twin import Twin


@pytest.mark.parametrize("kill_switch", [STOP_MAIL, READ_ONLY])
def test_mails_wait_as_they_are_and_go_out_afterwards(
    drain: Drain, twin: Twin, kill_switch: Flag
) -> None:
    buyer, number = placed()
    switch(kill_switch, "on")
    drain()
    assert [(job.state, job.attempts, job.relayed_at) for job in open_jobs()] == [
        (JobState.QUEUED, 0, None)
    ] * 2
    assert not twin.requests
    assert seen(buyer, number).state == "pending"
    switch(kill_switch, "off")
    drain()
    assert len(twin.accepted) == 2
    assert seen(buyer, number).state == "completed"
    assert len(attempts(dispatch_job().id)) == 1


@pytest.mark.parametrize("kill_switch", [STOP_MAIL, READ_ONLY])
def test_what_a_queue_has_already_is_given_back_unsent(
    drain: Drain, twin: Twin, kill_switch: Flag
) -> None:
    buyer, number = placed()
    assert hand_over() == 2
    switch(kill_switch, "on")
    work_off(Queue.MAIL)
    assert not queue.waiting(Queue.MAIL)
    assert [(job.state, job.attempts, job.relayed_at) for job in open_jobs()] == [
        (JobState.QUEUED, 0, None)
    ] * 2
    assert not twin.requests
    switch(kill_switch, "off")
    let_time_pass()
    drain()
    assert len(twin.accepted) == 2
    assert seen(buyer, number).state == "completed"


def test_what_a_worker_has_begun_is_put_back_without_an_attempt(
    drain: Drain, twin: Twin, monkeypatch: pytest.MonkeyPatch
) -> None:
    buyer, number = placed()
    assert hand_over() == 2
    switch(STOP_MAIL, "on")
    # The switch came after the worker had asked for it.
    with monkeypatch.context() as patch:
        patch.setattr(runner, "is_held", lambda _queue: False)
        work_off(Queue.MAIL)
    assert not twin.requests
    assert [(job.state, job.attempts, job.problem) for job in open_jobs()] == [
        (JobState.QUEUED, 0, None)
    ] * 2
    assert attempts(dispatch_job().id) == []
    switch(STOP_MAIL, "off")
    let_time_pass()
    drain()
    assert len(twin.accepted) == 2
    order = seen(buyer, number)
    assert order.state == "completed"
    assert "dispatch.retrying" not in [entry.kind for entry in order.timeline]


def test_an_earlier_setback_is_kept_when_a_job_is_put_back(
    drain: Drain, twin: Twin, monkeypatch: pytest.MonkeyPatch
) -> None:
    switch(ORDER_CONFIRMATION, "off")
    buyer, number = placed()
    twin.days = [503]
    drain()
    assert dispatch_job().state is JobState.RETRYING
    let_time_pass()
    assert hand_over() == 1
    switch(STOP_MAIL, "on")
    with monkeypatch.context() as patch:
        patch.setattr(runner, "is_held", lambda _queue: False)
        work_off(Queue.MAIL)
    job = dispatch_job()
    assert (job.state, job.attempts) == (JobState.RETRYING, 1)
    assert len(attempts(job.id)) == 1
    switch(STOP_MAIL, "off")
    let_time_pass()
    drain()
    assert seen(buyer, number).state == "completed"
    assert len(twin.accepted) == 1


def test_nobody_sends_past_it(twin: Twin) -> None:
    mail = OutgoingMail("a key", "a@b.example", "c@d.example", "", "Subject", "text", "<p>html</p>")
    switch(STOP_MAIL, "on")
    with pytest.raises(Held):
        mail_service().send(mail)
    assert not twin.requests
    mail_service().check()
    switch(STOP_MAIL, "off")
    mail_service().send(mail)
    assert len(twin.accepted) == 1


def test_buyers_without_the_feature_get_no_confirmation(drain: Drain, twin: Twin) -> None:
    switch(ORDER_CONFIRMATION, "role:operator")
    buyer, number = placed()
    drain()
    assert seen(buyer, number).state == "completed"
    [mail] = twin.accepted
    assert mail["personalizations"][0]["to"] == [{"email": "orders@supplier1.example"}]
