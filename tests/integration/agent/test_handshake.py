"""Who may open an agent's media stream: each way to be refused, and what is let in."""

import json

import httpx
import pytest

from inkbatch.agent import agent_app
from inkbatch.domain.errors import SettingsError
from tests.as_inkbox import CONTEXT, NOW_SECONDS, connect, handshake, refusal, signature

OTHER_KEY = "whsec_b3RoZXI"


async def greet(call):
    """Do nothing but stay for the whole call."""
    async for _ in call.events():
        pass


def without(name):
    return {header: value for header, value in handshake().items() if header != name}


def twice(name):
    headers = handshake()
    return [*headers.items(), (name, headers[name])]


def changed(name, value):
    return {**handshake(), name: value}


def signed_anew(context):
    return handshake(context)


REFUSED = {
    "no context": (without("X-Call-Context"), 401, "X-Call-Context is missing"),
    "no request id": (without("X-Inkbox-Request-ID"), 401, "X-Inkbox-Request-Id is missing"),
    "no timestamp": (without("X-Inkbox-Timestamp"), 401, "X-Inkbox-Timestamp is missing"),
    "no signature": (without("X-Inkbox-Signature"), 401, "X-Inkbox-Signature is missing"),
    "two contexts": (twice("X-Call-Context"), 400, "stands twice"),
    "two signatures": (twice("X-Inkbox-Signature"), 400, "stands twice"),
    "signature without scheme": (
        changed("X-Inkbox-Signature", signature().removeprefix("sha256=")), 400, "its form"),
    "signature too short": (changed("X-Inkbox-Signature", signature()[:-1]), 400, "its form"),
    "signature not hexadecimal": (
        changed("X-Inkbox-Signature", "sha256=" + "g" * 64), 400, "its form"),
    "signature not ASCII": (changed("X-Inkbox-Signature", "sha256=" + "é" * 64), 400, "its form"),
    "signature of zeros": (changed("X-Inkbox-Signature", "sha256=" + "0" * 64), 401, "none of"),
    "timestamp not a number": (changed("X-Inkbox-Timestamp", "now"), 400, "its form"),
    "timestamp negative": (changed("X-Inkbox-Timestamp", "-1"), 400, "its form"),
    "timestamp of other digits": (changed("X-Inkbox-Timestamp", "¹²"), 400, "its form"),
    "timestamp endless": (changed("X-Inkbox-Timestamp", "1" * 4000), 400, "its form"),
    "too old": (handshake(timestamp=NOW_SECONDS - 301), 401, "300 seconds"),
    "from the future": (handshake(timestamp=NOW_SECONDS + 301), 401, "300 seconds"),
    "other timestamp than signed": (
        changed("X-Inkbox-Timestamp", str(NOW_SECONDS - 1)), 401, "none of"),
    "other request id than signed": (changed("X-Inkbox-Request-ID", "req-2"), 401, "none of"),
    "request id with a blank": (changed("X-Inkbox-Request-ID", "a b"), 400, "its form"),
    "other context than signed": (
        changed("X-Call-Context", CONTEXT.replace("out", "in")), 401, "none of"),
    "context too long": (signed_anew('{"call_id": "' + "x" * 8000 + '"}'), 400, "its form"),
    "context no JSON": (signed_anew("call 1"), 400, "is not JSON"),
    "context no object": (signed_anew("[1]"), 400, "no JSON object"),
    "context nested deeply": (signed_anew("[" * 4000), 400, "is not JSON"),
    "call id no text": (signed_anew('{"call_id": {"a": 1}}'), 400, "call_id"),
    "call id with a line break": (signed_anew('{"call_id": "a\\nb"}'), 400, "call_id"),
    "another key": (handshake(key=OTHER_KEY), 401, "none of"),
}  # fmt: skip


@pytest.mark.parametrize(("headers", "status", "words"), REFUSED.values(), ids=REFUSED)
async def test_whoever_cannot_prove_to_be_inkbox_is_refused(serve, headers, status, words):
    """Each with the status that fits and the header that is wrong, never with an error of ours."""
    port = await serve(greet)
    told = await refusal(port, headers)
    assert told is not None
    assert told[0] == status
    assert words in told[1]


@pytest.mark.parametrize("skew_seconds", [-300, 0, 300])
async def test_the_clocks_may_differ_by_300_seconds(serve, skew_seconds):
    """Inkbox's and ours need not agree to the second."""
    port = await serve(greet)
    assert await refusal(port, handshake(timestamp=NOW_SECONDS + skew_seconds)) is None


async def test_old_and_new_key_are_taken_during_a_rotation(serve):
    """Whichever of the two Inkbox signs with; with or without the prefix of the key."""
    port = await serve(greet, signing_keys=["whsec_old", "new"])
    assert await refusal(port, handshake(key="old")) is None
    assert await refusal(port, handshake(key="whsec_new")) is None
    assert await refusal(port, handshake(key="whsec_older")) is not None


async def test_the_context_reaches_the_handler(serve):
    """With all that the header said, also what this version does not know."""
    seen = []

    async def note(call):
        seen.append(call.context)

    port = await serve(note)
    context = '{"call_id": "c9", "phone_number": "+14155550100", "direction": "outbound", "x": 1}'
    async with connect(port, headers=handshake(context)) as socket:
        await socket.wait_closed()
    assert (seen[0].call_id, seen[0].local_number) == ("c9", "+14155550100")
    assert seen[0].told["x"] == 1


async def test_a_context_that_is_the_whole_call_object_is_read_too(serve):
    """As public agents expect it: `id` and `local_phone_number`, with contacts of any length."""
    seen = []

    async def note(call):
        seen.append(call.context)

    port = await serve(note)
    contacts = [{"id": "c1", "name": "Zoë", "memories": ["likes mornings"] * 250}]
    told = {"id": "c9", "local_phone_number": "+14155550100", "direction": "inbound"}
    context = json.dumps({**told, "contacts": contacts})
    assert len(context) > 4096
    async with connect(port, headers=handshake(context)) as socket:
        await socket.wait_closed()
    assert (seen[0].call_id, seen[0].local_number) == ("c9", "+14155550100")
    assert seen[0].told["contacts"] == contacts


async def test_without_a_check_whoever_connects_is_let_in(serve):
    """For development alone, and only when it is asked for."""
    port = await serve(greet, signing_keys=[], verify=False)
    assert await refusal(port, {}) is None
    assert await refusal(port, handshake(key=OTHER_KEY)) is None


@pytest.mark.parametrize("keys", [[], [""], ["whsec_"], ["whsec_good", " "]])
def test_an_agent_without_a_key_is_not_made(keys):
    """An empty list or an empty key never means that everybody may come in."""
    with pytest.raises(SettingsError, match="signing key"):
        agent_app(greet, signing_keys=keys)


async def test_a_plain_request_is_told_to_upgrade(serve):
    """A person who opens the address in a browser sees what is there."""
    port = await serve(greet)
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.get(f"http://127.0.0.1:{port}/")
    assert answer.status_code == 426
    assert "WebSocket" in answer.text
