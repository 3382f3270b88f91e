"""What inkbatch itself receives, built from the types of the official client as it is on PyPI.

Each payload is made twice: as full as its type allows, and as empty.
"""

import json
from datetime import UTC, datetime
from itertools import product
from types import NoneType, UnionType
from typing import Literal, Union, get_args, get_origin, get_type_hints, is_typeddict

import httpx
import pytest
from inkbox.exceptions import RecipientBlockedError
from inkbox.webhooks import (
    CallEndedWebhookPayload,
    CallStatusWire,
    HangupReasonWire,
    PhoneIncomingCallWebhookPayload,
    WebhookPhoneCall,
)
from pydantic import SecretStr

from inkbatch.adapters.clock import VirtualClock
from inkbatch.adapters.inkbox.wire import WireCall, complaint_in
from inkbatch.adapters.store import tables
from inkbatch.agent import agent_app
from inkbatch.domain.disposition import Disposition, disposition_of
from inkbatch.web import create_app
from tests.as_inkbox import NOW_SECONDS, connect, handshake, served
from tests.signed_webhooks import KEY, headers_for

NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
CALL = "6af5690b-bee6-4d57-95ee-e09c1cf9a26e"
MOMENT = "2026-03-02T14:59:00.123456+00:00"
PLAIN = {str: "Zoë said so", int: 90, float: 1.5, bool: True, NoneType: None}


def built(form, *, full):
    """Build a value of a type: with every optional part, or with none of them."""
    if is_typeddict(form):
        hints = get_type_hints(form)
        return {key: built(hint, full=full) for key, hint in hints.items()}
    options = get_args(form)
    if get_origin(form) in {Union, UnionType}:
        some = [option for option in options if option is not NoneType]
        return built(some[0], full=full) if full or NoneType not in options else None
    if get_origin(form) is Literal:
        return options[0]
    if get_origin(form) is list:
        return [built(options[0], full=full)] * 3 if full else []
    return PLAIN[form]


def call_of(form, *, full):
    """Build a call of a type, with an id, numbers and moments that can be."""
    call = built(form, full=full)
    told = {"id": CALL, "remote_phone_number": "+442079460123", "created_at": MOMENT}
    if full:
        told |= {"local_phone_number": "+14155550100", "started_at": MOMENT, "ended_at": MOMENT}
    return {**call, **told}


@pytest.mark.parametrize("full", [True, False])
async def test_the_end_of_a_call_is_stored_as_the_platform_sends_it(store, full):
    """Whatever rides on it, it is taken, and it names its call."""
    payload = built(CallEndedWebhookPayload, full=full)
    payload |= {"id": "evt_1", "timestamp": MOMENT}
    payload["data"]["call"] = call_of(WebhookPhoneCall, full=full)
    assert await taken(store, payload) == (200, [CALL])


@pytest.mark.parametrize("full", [True, False])
async def test_a_call_that_comes_in_is_taken_too(store, full):
    """The flat form without an envelope: its sender need not send it again."""
    payload = call_of(PhoneIncomingCallWebhookPayload, full=full)
    assert await taken(store, payload) == (200, [CALL])


async def taken(store, payload):
    """Post a payload as the platform does; returns the status, and which calls the inbox names."""
    app = create_app(
        store=store, clock=VirtualClock(NOW), signing_keys=[SecretStr(KEY)], agent_tokens=[]
    )
    body = json.dumps(payload, ensure_ascii=False).encode()
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
        headers = headers_for(body, at=NOW)
        answer = await client.post("/webhooks/inkbox", content=body, headers=headers)
    with store.engine.connect() as connection:
        rows = connection.execute(tables.event_inbox.select()).all()
    return answer.status_code, [row.call_id for row in rows]


@pytest.mark.parametrize("form", [WebhookPhoneCall, PhoneIncomingCallWebhookPayload])
@pytest.mark.parametrize("full", [True, False])
def test_a_call_object_is_read(form, full):
    """Numbers and moments as far as they are told; a shared line tells no number of ours."""
    call = WireCall.model_validate_json(json.dumps(call_of(form, full=full))).as_call(
        phone_number_id=None, now=NOW
    )
    moment = datetime.fromisoformat(MOMENT)
    assert (call.id, call.remote_number, call.created_at) == (CALL, "+442079460123", moment)
    assert call.ended_at == (moment if full else None)
    assert call.status in get_args(CallStatusWire)


def test_every_end_that_the_client_knows_comes_to_something():
    """No status and reason together that inkbatch could not name."""
    ends = product(("completed", "failed", "canceled"), (*get_args(HangupReasonWire), None))
    for status, reason in ends:
        wire = {"id": CALL, "status": status, "hangup_reason": reason, "ended_at": MOMENT}
        call = WireCall.model_validate(wire).as_call(phone_number_id=None, now=NOW)
        assert call.has_ended
        assert isinstance(disposition_of(call), Disposition)


def test_the_reason_of_a_blocked_recipient_is_told():
    """What the client's own error reads: a code, and the words beside it."""
    detail = {
        "error": "recipient_blocked",
        "matched_rule_id": None,
        "address": "+442079460123",
        "reason": "not on the whitelist",
    }
    assert RecipientBlockedError(403, detail).reason == "not on the whitelist"
    complaint = complaint_in(json.dumps({"detail": detail, "agent_support": "ask us"}).encode())
    assert (complaint.code, complaint.text) == ("recipient_blocked", "not on the whitelist")


@pytest.mark.parametrize("full", [True, False])
async def test_an_agent_takes_a_context_that_is_the_clients_call(full):
    """The media stream's handshake may tell as much as an incoming call does."""
    seen = []

    async def note(call):
        seen.append(call.context)

    clock = VirtualClock(datetime.fromtimestamp(NOW_SECONDS, UTC))
    context = json.dumps(call_of(PhoneIncomingCallWebhookPayload, full=full))
    async with (
        served(agent_app(note, signing_keys=[KEY], clock=clock)) as port,
        connect(port, headers=handshake(context, key=KEY)) as socket,
    ):
        await socket.wait_closed()
    assert (seen[0].call_id, seen[0].direction) == (CALL, "inbound")
    assert seen[0].told["remote_phone_number"] == "+442079460123"
