"""Every state of an attempt with every event: what is allowed, and that nothing else is."""

from datetime import UTC, datetime, timedelta
from itertools import product
from uuid import UUID, uuid4

import pytest

from inkbatch.domain.attempt import (
    LOOKUP_DELAYS,
    OPEN_STATES,
    Attempt,
    AttemptState,
    Loss,
    is_of_database,
    marked,
    next_lookup,
)
from inkbatch.domain.call import Call
from inkbatch.domain.disposition import Disposition
from inkbatch.domain.errors import InvalidTransition

AT = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
LATER = AT + timedelta(minutes=5)
CALL = Call(
    id="c1",
    phone_number_id="n1",
    local_number="+14155550100",
    remote_number="+14155550132",
    direction="outbound",
    status="completed",
    hangup_reason="remote",
    client_websocket_url=None,
    created_at=AT,
    started_at=AT + timedelta(seconds=10),
    ended_at=AT + timedelta(seconds=100),
)


def attempt(state=AttemptState.PLANNED, **changes):
    told = {
        "id": "a1",
        "campaign_id": 1,
        "contact_id": 2,
        "number": "+14155550132",
        "from_number": "+14155550100",
        "ordinal": 1,
        "shift_id": "s1",
        "predicted_minutes": 1.0,
        "created_at": AT,
    }
    return Attempt(state=state, **{**told, **changes})


EVENTS = {
    "reserve": lambda a: a.reserve(at=AT, shift_id="s2", from_number="+14155550101"),
    "withdraw": lambda a: a.withdraw(at=AT, reason="taken back"),
    "accept": lambda a: a.accept(CALL, at=AT, look_at=LATER),
    "not_sent": lambda a: a.not_sent(reason="connection refused"),
    "refuse": lambda a: a.refuse(Disposition.INVALID, at=AT, reason="422"),
    "lose_reply": lambda a: a.lose_reply(Loss.REPLY_LOST, at=AT, reason="reset"),
    "find": lambda a: a.find(CALL, at=AT, look_at=LATER),
    "find_nothing": lambda a: a.find_nothing(at=AT),
    "hang_up": lambda a: a.hang_up(CALL, at=LATER),
    "lose_sight": lambda a: a.lose_sight(at=AT, reason="never ended"),
}

# Written out by hand from design.md, so that a slip in the machine's own table shows.
ALLOWED = {
    ("planned", "reserve"): "reserved",
    ("planned", "withdraw"): "withdrawn",
    ("reserved", "accept"): "placed",
    ("reserved", "not_sent"): "planned",
    ("reserved", "refuse"): "ended",
    ("reserved", "lose_reply"): "unconfirmed",
    ("unconfirmed", "find"): "placed",
    ("unconfirmed", "find_nothing"): "ended",
    ("placed", "hang_up"): "ended",
    ("placed", "lose_sight"): "ended",
}
FORBIDDEN = [pair for pair in product(AttemptState, EVENTS) if pair not in ALLOWED]


@pytest.mark.parametrize(("state", "event"), sorted(ALLOWED))
def test_each_allowed_event_leads_to_its_state(state, event):
    """The machine goes where its drawing says, and the attempt before stays as it was."""
    before = attempt(AttemptState(state))
    after = EVENTS[event](before)
    assert after.state == ALLOWED[state, event]
    assert before == attempt(AttemptState(state))
    assert (after.id, after.contact_id, after.ordinal) == ("a1", 2, 1)


@pytest.mark.parametrize(("state", "event"), FORBIDDEN)
def test_every_other_event_is_refused(state, event):
    """No way leads around the drawing; the message names the attempt without its number."""
    with pytest.raises(InvalidTransition, match=event) as caught:
        EVENTS[event](attempt(state))
    assert "4155550132" not in str(caught.value)


def test_the_table_covers_every_state_and_event():
    """States and events are counted, so that a new one cannot slip past this file."""
    assert len(ALLOWED) + len(FORBIDDEN) == len(AttemptState) * len(EVENTS) == 60


def test_open_are_exactly_the_states_in_which_a_phone_may_ring():
    """At most one attempt per number may be in these."""
    assert {"reserved", "placed", "unconfirmed"} == OPEN_STATES


def test_not_sent_leaves_no_trace_of_a_dial():
    """A try that never left counts as not made."""
    back = attempt().reserve(at=AT, shift_id="s2", from_number="+14155550101")
    back = back.not_sent(reason="connection refused")
    assert (back.reserved_at, back.reason) == (None, "connection refused")


def test_reserving_again_takes_the_new_shift_and_number():
    """The next shift dials the same attempt as its own."""
    reserved = attempt(reason="connection refused").reserve(
        at=LATER, shift_id="s9", from_number="+14155550101"
    )
    assert (reserved.shift_id, reserved.from_number, reserved.reserved_at, reserved.reason) == (
        "s9", "+14155550101", LATER, None,
    )  # fmt: skip


def test_a_lost_reply_is_first_looked_up_after_two_seconds():
    """Reconciling starts soon, since most lost replies are found at once."""
    lost = attempt(AttemptState.RESERVED).lose_reply(Loss.SHIFT_DEAD, at=AT, reason="killed")
    assert (lost.look_at, lost.lost_at, lost.loss, lost.looks) == (
        AT + timedelta(seconds=2), AT, Loss.SHIFT_DEAD, 0,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("loss", "disposition"),
    [
        (Loss.REPLY_LOST, Disposition.UNKNOWN),
        (Loss.SHIFT_DEAD, Disposition.UNKNOWN),
        (Loss.DIAL_FAILED, Disposition.DIAL_FAILED),
    ],
)
def test_finding_nothing_means_review_unless_the_carrier_said_no(loss, disposition):
    """Inkbatch never redials on absence; only after the documented 502 is absence an answer."""
    ended = attempt(AttemptState.UNCONFIRMED, loss=loss, lost_at=AT).find_nothing(at=LATER)
    assert (ended.disposition, ended.ended_at) == (disposition, LATER)


def test_a_found_call_is_collected_like_an_accepted_one():
    """What reconciling binds is watched to its end."""
    found = attempt(AttemptState.UNCONFIRMED, looks=3).find(CALL, at=AT, look_at=LATER)
    assert (found.call_id, found.look_at, found.looks) == ("c1", LATER, 0)


def test_hanging_up_takes_time_minutes_and_disposition_from_the_call():
    """The call's own end counts, not when we saw it."""
    ended = attempt(AttemptState.PLACED).hang_up(CALL, at=LATER)
    assert (ended.ended_at, ended.talk_minutes, ended.disposition, ended.reason) == (
        CALL.ended_at, 1.5, Disposition.ANSWERED, "remote",
    )  # fmt: skip


def test_a_call_that_does_not_tell_its_end_counts_until_it_was_seen_ended():
    """Minutes that were talked are never settled as none, or the budget would be passed."""
    call = Call(**{field: getattr(CALL, field) for field in CALL.__slots__ if field != "ended_at"},
                ended_at=None)  # fmt: skip
    ended = attempt(AttemptState.PLACED).hang_up(call, at=call.started_at + timedelta(minutes=4))
    assert (ended.ended_at, ended.talk_minutes) == (call.started_at + timedelta(minutes=4), 4.0)


def test_a_call_that_lasts_cannot_hang_up():
    """An attempt ends only with its call."""
    call = Call(
        **{
            **{field: getattr(CALL, field) for field in CALL.__slots__},
            "status": "ringing",
            "ended_at": None,
        }
    )
    with pytest.raises(InvalidTransition, match="not ended"):
        attempt(AttemptState.PLACED).hang_up(call, at=LATER)


def test_losing_sight_keeps_the_minutes_unknown():
    """What was reserved for a call that never ended stays counted."""
    gone = attempt(AttemptState.PLACED).lose_sight(at=LATER, reason="no end in 2 h")
    assert (gone.disposition, gone.talk_minutes) == (Disposition.UNKNOWN, None)


@pytest.mark.parametrize("quiet_seconds", [1, 2, 45, 900, 3600])
def test_the_lookups_come_at_their_times_and_end_with_the_quiet_time(quiet_seconds):
    """2, 10, 30, 60, 300 and 900 s, cut off at the quiet time, which is always the last look."""
    quiet = timedelta(seconds=quiet_seconds)
    lost = attempt(AttemptState.RESERVED).lose_reply(Loss.REPLY_LOST, at=AT, reason="reset")
    looked, following = [], lost.look_at
    while following is not None:
        looked.append(following - AT)
        following = next_lookup(lost, quiet_time=quiet)
        lost = lost.look_again(at=following or LATER)
    planned = [*(delay for delay in LOOKUP_DELAYS if delay < quiet), quiet]
    assert looked[1:] == planned[1:]
    assert looked[0] == LOOKUP_DELAYS[0]


def test_what_was_never_lost_has_no_lookup():
    """Only unconfirmed attempts are looked up."""
    with pytest.raises(InvalidTransition):
        next_lookup(attempt(AttemptState.PLACED), quiet_time=timedelta(seconds=900))


def test_the_label_masks_the_number():
    """What stands in logs and in Prefect's page shows four digits at most."""
    assert attempt(ordinal=2).label == "attempt 2 to +1•••••••0132"


def test_the_id_of_an_attempt_tells_its_database():
    """A copy of the database knows the calls of the original again, and no others."""
    here, there = (f"00000000-0000-4000-8000-00000000{end}" for end in ("abcd", "dcba"))
    first, second = (marked(str(uuid4()), database_id=here) for _ in range(2))
    assert first != second
    assert UUID(first).version == 4
    assert is_of_database(first, [there, here])
    assert not is_of_database(first, [there])
    assert not is_of_database(first, [])
    assert marked(first, database_id="") == first
