"""What an ended call came to, over all that the wire can say."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from inkbatch.domain.call import Call
from inkbatch.domain.disposition import NEVER_RANG, Disposition, disposition_of
from inkbatch.domain.retry_policy import uses_up_a_try

AT = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)


def call(status, hangup_reason=None, *, answered=False, ended=True):
    return Call(
        id="c1",
        phone_number_id=None,
        local_number="+14155550100",
        remote_number="+14155550132",
        direction="outbound",
        status=status,
        hangup_reason=hangup_reason,
        client_websocket_url=None,
        created_at=AT,
        started_at=AT if answered else None,
        ended_at=AT + timedelta(minutes=2) if ended else None,
    )


ENDED = ("completed", "failed", "canceled")
TABLE = [
    # a machine or a refusal outranks status and answer
    *((s, "voicemail", a, Disposition.VOICEMAIL) for s, a in product(ENDED, (True, False))),
    *((s, "rejected", a, Disposition.REJECTED) for s, a in product(ENDED, (True, False))),
    # an answer outranks how it ended
    *(
        (s, reason, True, Disposition.ANSWERED)
        for s, reason in product(ENDED, ("local", "remote", "max_duration", None, "new_reason"))
    ),
    # never answered: failed by the carrier, or nobody picked up
    *(("failed", r, False, Disposition.FAILED) for r in ("local", "remote", None, "new_reason")),
    *(
        (s, r, False, Disposition.NO_ANSWER)
        for s, r in product(("completed", "canceled"), ("local", "remote", None, "new_reason"))
    ),
]


@pytest.mark.parametrize(("status", "hangup_reason", "answered", "expected"), TABLE)
def test_an_ended_call_comes_to_one_disposition(status, hangup_reason, answered, expected):
    """Status, hang-up reason and answer together decide, known reasons or not."""
    assert disposition_of(call(status, hangup_reason, answered=answered)) is expected


@pytest.mark.parametrize("status", ["initiated", "ringing", "answered", "busy", ""])
@pytest.mark.parametrize("hangup_reason", [None, "voicemail"])
def test_a_call_that_lasts_has_none(status, hangup_reason):
    """Nothing is decided before the status says that it is over, unknown statuses included."""
    lasting = call(status, hangup_reason, answered=True, ended=False)
    assert disposition_of(lasting) is None
    assert not lasting.has_ended


@pytest.mark.parametrize(
    ("answered", "ended", "minutes"),
    [(True, True, 2.0), (True, False, 0.0), (False, True, 0.0), (False, False, 0.0)],
)
def test_talk_minutes_run_from_the_answer_to_the_end(answered, ended, minutes):
    """Ringing is not talking."""
    assert call("completed", answered=answered, ended=ended).talk_minutes == minutes


def test_a_call_that_ends_before_it_starts_has_no_minutes():
    """Clocks that disagree never give minutes back to the budget."""
    odd = Call(
        **{
            **{name: getattr(call("completed"), name) for name in Call.__slots__},
            "started_at": AT + timedelta(hours=1),
        }
    )
    assert odd.talk_minutes == 0.0


def test_only_what_never_rang_keeps_the_try():
    """A refused from_number is not the contact's fault; everything else uses up a try."""
    assert [d for d in Disposition if not uses_up_a_try(d)] == [Disposition.REFUSED]
    assert frozenset({Disposition.REFUSED}) == NEVER_RANG


@pytest.mark.parametrize(
    ("reached", "reason", "seconds", "outcome"),
    [
        (False, "local", 0, Disposition.FAILED),
        (False, None, 1, Disposition.FAILED),
        (False, "remote", 6, Disposition.FAILED),
        (False, "remote", 4, Disposition.ANSWERED),  # faster than the agent can connect
        (False, "voicemail", 30, Disposition.VOICEMAIL),
        (True, "local", 0, Disposition.ANSWERED),
        (None, "local", 0, Disposition.ANSWERED),  # the server does not tell
    ],
)
def test_who_answered_and_had_nobody_to_talk_to_was_not_reached(reached, reason, seconds, outcome):
    """Their call is no success, and may be tried again."""
    ended = replace(
        call("completed", reason, answered=True),
        ended_at=AT + timedelta(seconds=seconds),
        agent_reached=reached,
    )
    assert disposition_of(ended) is outcome
