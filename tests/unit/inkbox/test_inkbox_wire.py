"""What the wire models make of complete, partial and odd JSON."""

import json
from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from inkbatch.adapters.inkbox.wire import (
    Calls,
    Numbers,
    WireCall,
    WirePlaced,
    WireRateLimit,
    complaint_in,
)
from inkbatch.domain.call import Call, OwnNumber, RateLimit

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
CALL = {
    "id": "3f0e6b9a-0000-4000-8000-000000000001",
    "local_phone_number": "+14155550100",
    "remote_phone_number": "+14155550132",
    "direction": "outbound",
    "status": "completed",
    "client_websocket_url": "wss://agent.example/talk?inkbatch_attempt=a1",
    "use_inkbox_tts": True,
    "use_inkbox_stt": None,
    "hangup_reason": "remote",
    "created_at": "2026-11-20T09:00:00Z",
    "started_at": "2026-11-20T09:00:10.5+00:00",
    "ended_at": "2026-11-20T11:01:10+02:00",
    "updated_at": None,
    "is_blocked": False,
}


def as_call(wire):
    return WireCall.model_validate(wire).as_call(phone_number_id="n1", now=NOW)


def test_reads_a_whole_call_object_into_utc():
    """Every field of the page that matters to us arrives, in whatever zone it was told."""
    assert as_call(CALL) == Call(
        id=CALL["id"],
        phone_number_id="n1",
        local_number="+14155550100",
        remote_number="+14155550132",
        direction="outbound",
        status="completed",
        hangup_reason="remote",
        client_websocket_url="wss://agent.example/talk?inkbatch_attempt=a1",
        created_at=datetime(2026, 11, 20, 9, 0, tzinfo=UTC),
        started_at=datetime(2026, 11, 20, 9, 0, 10, 500000, tzinfo=UTC),
        ended_at=datetime(2026, 11, 20, 9, 1, 10, tzinfo=UTC),
        agent_reached=True,
    )


@pytest.mark.parametrize(
    ("told", "reached"),
    [
        ({"use_inkbox_tts": None, "use_inkbox_stt": None}, False),
        ({"use_inkbox_tts": None, "use_inkbox_stt": False}, True),
        ({"use_inkbox_tts": False, "use_inkbox_stt": False}, True),
        ({"use_inkbox_tts": None}, None),
        ({}, None),
        ({"use_inkbox_tts": None, "use_inkbox_stt": None, "started_at": None}, None),
    ],
)
def test_the_pipelines_tell_whether_the_agent_took_the_call(told, reached):
    """Null until its handshake chose them; not told at all by an older server, or before."""
    rest = {key: value for key, value in CALL.items() if not key.startswith("use_inkbox")}
    assert as_call({**rest, **told}).agent_reached is reached


def test_a_call_needs_nothing_but_its_id():
    """A call that was placed is not lost because optional keys are missing."""
    call = as_call({"id": "c1"})
    assert (call.id, call.status, call.created_at, call.has_ended) == ("c1", "unknown", NOW, False)


@pytest.mark.parametrize("wire", [{}, {"id": None}, {"id": ""}, {"id": {}}, [], "c1", None])
def test_a_call_without_an_id_is_no_call(wire):
    """Without its id a call can never be looked at again."""
    with pytest.raises(ValidationError):
        WireCall.model_validate(wire)


@pytest.mark.parametrize("value", ["later", "", {}, [], True, "0001-01-01T00:00:00+23:59", 1e300])
def test_an_unreadable_time_counts_as_absent(value):
    """A time stamp of a new form costs the time, not the call."""
    call = as_call({**CALL, "started_at": value, "created_at": value})
    assert call.started_at is None
    assert call.created_at == call.ended_at


def test_a_time_without_a_zone_is_utc():
    """A server that leaves out the zone means UTC."""
    call = as_call({**CALL, "created_at": "2026-11-20T09:00:00"})
    assert call.created_at == datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize("status", ["queued", "busy", "COMPLETED", "", None, 7])
def test_an_unknown_status_means_not_ended_until_an_end_is_told(status):
    """A status that we do not know never ends a call by mistake, nor keeps it for ever."""
    assert not as_call({**CALL, "status": status, "ended_at": None}).has_ended
    assert as_call({**CALL, "status": status}).has_ended


def test_a_call_without_created_at_dates_from_its_first_known_time():
    """Reconciling orders calls by time, so the best known one stands in."""
    call = as_call({**CALL, "created_at": None})
    assert call.created_at == call.started_at


def test_unknown_keys_are_ignored():
    """A newer server may say more than we know."""
    assert as_call({**CALL, "origin": "api", "transcript": {"entries": []}}) == as_call(CALL)


@pytest.mark.parametrize(
    ("wire", "expected"),
    [
        (
            {"calls_used": 3, "calls_limit": 100, "minutes_used": 1.25, "minutes_limit": 100},
            RateLimit(calls_used=3, calls_limit=100, minutes_used=1.25, minutes_limit=100.0),
        ),
        (
            {
                "calls_remaining": 97,
                "calls_limit": 100,
                "minutes_remaining": 98.75,
                "minutes_limit": 100,
            },
            RateLimit(calls_used=3, calls_limit=100, minutes_used=1.25, minutes_limit=100.0),
        ),
        ({"calls_used": 3, "calls_limit": 100}, None),
        ({"calls_used": 3, "minutes_used": 1}, None),
        ({"calls_used": "x", "calls_limit": 1, "minutes_used": 0, "minutes_limit": 1}, None),
        ({}, None),
    ],
)
def test_reads_the_limits_or_none_at_all(wire, expected):
    """Half a snapshot of the limits would be worse than none."""
    assert WireRateLimit.model_validate(wire).as_rate_limit() == expected


@pytest.mark.parametrize("odd", [None, "none", [], 5, {"calls_used": []}])
def test_odd_limits_do_not_lose_the_call(odd):
    """A 200 with an id is a placed call, whatever stands beside it."""
    placed = WirePlaced.model_validate({**CALL, "rate_limit": odd})
    assert placed.id == CALL["id"]
    assert placed.rate_limit is None or placed.rate_limit.as_rate_limit() is None


def test_reads_numbers_and_takes_none_for_active_unless_told():
    """A number without a status is not dialed from."""
    whole = {"id": "n1", "number": "+14155550100", "status": "active", "type": "local"}
    bare = {"id": "n2", "number": "+14155550101"}
    first, second = (n.as_own_number() for n in Numbers.validate_json(json.dumps([whole, bare])))
    assert first == OwnNumber(
        id="n1", number="+14155550100", status="active", client_websocket_url=None
    )
    assert (first.is_active, second.is_active) == (True, False)


def test_a_page_with_one_bad_call_is_refused_whole():
    """A page with a call left out would look like the last one, and a call would be missed."""
    with pytest.raises(ValidationError):
        Calls.validate_python([CALL, {"status": "ringing"}])


@pytest.mark.parametrize(
    ("body", "code", "text"),
    [
        (b'{"detail": "from_number is not active"}', None, "from_number is not active"),
        (b'{"detail": {"error": "recipient_blocked"}}', "recipient_blocked", "recipient_blocked"),
        (b'{"detail": {"error": "x", "message": "said better"}}', "x", "said better"),
        (b'{"detail": {"error": "x", "reason": "no rule allows it"}}', "x", "no rule allows it"),
        (
            b'{"detail": [{"loc": ["body", "to_number"], "msg": "bad", "input": "+14155550132"}]}',
            None,
            "to_number: bad",
        ),
        (b'{"detail": [{"loc": []}, 7]}', None, "body: not valid"),
        (b'{"detail": {"error": 5}}', None, ""),
        (b'{"detail": 5}', None, ""),
        (b"{}", None, ""),
        (b"<html>Bad Gateway</html>", None, ""),
        (b"\xff\xfe", None, ""),
        (b"", None, ""),
    ],
)
def test_reads_every_form_of_detail(body, code, text):
    """An error's body is a text, an object, FastAPI's list, or not Inkbox's at all."""
    complaint = complaint_in(body)
    assert (complaint.code, complaint.text) == (code, text)


def test_a_message_about_a_bad_body_does_not_show_it():
    """What could not be read may hold a phone number and ends up in a traceback."""
    with pytest.raises(ValidationError) as caught:
        WirePlaced.model_validate_json(
            '{"status": "ringing", "remote_phone_number": "+14155550132"}'
        )
    assert "4155550132" not in str(caught.value)
