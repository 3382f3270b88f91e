"""`POST /webhooks/inkbox`: nothing is stored that is not signed, whole, fresh and of a call."""

import asyncio
import json
import socket
import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import httpx
import pytest
import uvicorn
from pydantic import SecretStr

from inkbatch.adapters.clock import VirtualClock
from inkbatch.adapters.store import tables
from inkbatch.web import create_app
from inkbatch.web.body import BODY_BYTES_MAX
from tests.signed_webhooks import KEY, call_event, headers_for

NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
CALL = "6af5690b-bee6-4d57-95ee-e09c1cf9a26e"
PATH = "/webhooks/inkbox"
OLD_KEY = "whsec_old"


@pytest.fixture
def app_with(store):
    """Make the app over a real store, at a time that stands still."""

    def make(*keys, tokens=("token",)):
        return create_app(
            store=store,
            clock=VirtualClock(NOW),
            signing_keys=[SecretStr(key) for key in keys],
            agent_tokens=[SecretStr(token) for token in tokens],
        )

    return make


@pytest.fixture
def client_of():
    """Speak to an app in this process; an error inside of it is a 500, as a server makes it."""

    def connect(app):
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1")

    return connect


@pytest.fixture
async def client(app_with, client_of):
    async with client_of(app_with(KEY)) as opened:
        yield opened


@pytest.fixture
def stored(store):
    """Return the rows of the inbox."""

    def rows():
        table = tables.event_inbox
        with store.engine.connect() as connection:
            return connection.execute(table.select().order_by(table.c.received_at)).all()

    return rows


async def post(client, body, *, at=NOW, key=KEY, **headers):
    signed = headers_for(body, at=at, key=key)
    return await client.post(PATH, content=body, headers={**signed, **headers})


async def test_a_signed_event_is_stored_as_it_came(client, stored):
    """Before anything is made of it: its id, its call, when it came, and every byte of it."""
    body = call_event(CALL)
    answer = await post(client, body)
    assert (answer.status_code, answer.json()["stored"]) == (200, True)
    (row,) = stored()
    assert (row.event_id, row.call_id, row.received_at) == ("evt_1", CALL, NOW)
    assert row.body == body.decode()
    assert row.applied_at is None


async def test_a_duplicate_and_a_replay_are_stored_once_and_answered_with_200(client, stored):
    """The sender need not send it again, whether its request is new or the very same."""
    body = call_event(CALL)
    headers = headers_for(body, at=NOW)
    answers = [await client.post(PATH, content=body, headers=headers) for _ in range(2)]
    answers.append(await post(client, body))
    assert [answer.json()["stored"] for answer in answers] == [True, False, False]
    assert len(stored()) == 1


@pytest.mark.parametrize(
    "body",
    [
        {"id": "evt_1", "event_type": "call.ringing", "data": {"call": {"id": CALL}}},
        {"id": "evt_1", "event_type": "call.anything_new", "data": {"id": CALL}},
        {"id": "evt_1", "data": {"id": CALL, "status": "answered"}, "more": [1]},
        {"id": CALL, "status": "ringing", "direction": "inbound"},
        {"id": CALL.upper(), "status": "ringing"},
        {"id": CALL.replace("-", ""), "status": "ringing"},
        {"id": 7, "event_type": "call.ended", "data": {"call": {"id": CALL}}},
    ],
)
async def test_every_known_form_of_an_event_is_taken(client, stored, body):
    """An envelope around `call` or around the call itself, or the bare call."""
    answer = await post(client, json.dumps(body).encode())
    assert answer.json() == {"stored": True, "why": "new"}
    assert [row.call_id for row in stored()] == [CALL]


async def test_two_states_of_a_bare_call_are_two_events(client, stored):
    """It has no id but the call's, so its content tells them apart, and a repeat is one."""
    for status in ("ringing", "answered", "ringing"):
        await post(client, json.dumps({"id": CALL, "status": status}).encode())
    assert len(stored()) == 2


async def test_an_event_of_something_else_is_of_no_use_and_not_sent_again(client, stored):
    """A message's event is signed and good: 200, and nothing is stored."""
    body = json.dumps({"id": "evt_1", "event_type": "message.received", "data": {"id": CALL}})
    answer = await post(client, body.encode())
    assert (answer.status_code, answer.json()["stored"], stored()) == (200, False, [])


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no json",
        b"[]",
        b'"text"',
        b"\xff\xfe{}",
        b'{"id": NaN}',
        b"[" * 100_000,
        b'{"id": "6af5690b-bee6-4d57-95ee-e09c1cf9a26e\x00"}',
        json.dumps({"id": "evt_1", "data": {"call": {"id": "../../numbers"}}}).encode(),
        json.dumps({"id": "evt_1", "data": {"call": {"id": f"{{{CALL}}}"}}}).encode(),
        json.dumps({"id": "evt_1", "data": {"call": [CALL]}}).encode(),
        json.dumps({"id": "evt_1", "data": None}).encode(),
        json.dumps({"event_type": "call.ended"}).encode(),
    ],
)
async def test_what_names_no_call_by_a_uuid_is_refused(client, stored, body):
    """Only a UUID ever becomes part of a URL that we fetch."""
    answer = await post(client, body)
    assert (answer.status_code, stored()) == (400, [])


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("X-Inkbox-Signature", None),
        ("X-Inkbox-Signature", ""),
        ("X-Inkbox-Signature", "sha256=" + "0" * 64),
        ("X-Inkbox-Signature", "sha1=" + "0" * 64),
        ("X-Inkbox-Signature", "sha256=" + "0" * 63),
        ("X-Inkbox-Signature", "sha256=" + "0" * 64 + "é"),
        ("X-Inkbox-Signature", "sha256=" + "\u0660" * 64),
        ("X-Inkbox-Timestamp", None),
        ("X-Inkbox-Timestamp", "soon"),
        ("X-Inkbox-Timestamp", "9" * 400),
        ("X-Inkbox-Timestamp", "-1"),
        ("X-Inkbox-Timestamp", "\u0661" * 10),
        ("X-Inkbox-Request-ID", None),
        ("X-Inkbox-Request-ID", "x" * 201),
        ("X-Inkbox-Request-ID", "a b"),
        ("X-Inkbox-Request-ID", "ü"),
    ],
)
async def test_a_header_of_a_wrong_form_is_401_and_never_a_500(client, stored, header, value):
    """Each is checked before anything is computed with it; what is not ASCII too."""
    body = call_event(CALL)
    headers = {name: text.encode() for name, text in headers_for(body, at=NOW).items()}
    headers.pop(header)
    if value is not None:
        headers[header] = value.encode()
    answer = await client.post(PATH, content=body, headers=headers)
    assert (answer.status_code, stored()) == (401, [])


async def test_a_header_that_comes_twice_is_401(client, stored):
    """Nobody can say which of the two was signed."""
    body = call_event(CALL)
    headers = [*headers_for(body, at=NOW).items(), ("X-Inkbox-Timestamp", "1772463600")]
    answer = await client.post(PATH, content=body, headers=headers)
    assert (answer.status_code, stored()) == (401, [])


@pytest.mark.parametrize(
    ("seconds", "status"), [(0, 200), (-300, 200), (300, 200), (-301, 401), (301, 401)]
)
async def test_an_event_signed_more_than_five_minutes_away_is_refused(client, seconds, status):
    """Before or after our time: a replay of yesterday is no news."""
    answer = await post(client, call_event(CALL), at=NOW + timedelta(seconds=seconds))
    assert answer.status_code == status


async def test_a_body_that_was_changed_by_one_byte_is_refused(client, stored):
    """The signature is over the raw bytes, blanks included."""
    body = call_event(CALL)
    answer = await client.post(PATH, content=body + b" ", headers=headers_for(body, at=NOW))
    assert (answer.status_code, stored()) == (401, [])


@pytest.mark.parametrize(
    ("key", "status"),
    [(KEY, 200), (OLD_KEY, 200), (KEY.removeprefix("whsec_"), 200), ("whsec_other", 401)],
)
async def test_the_old_and_the_new_key_hold_while_they_change(app_with, client_of, key, status):
    """Either may sign, with or without its prefix; any other may not."""
    async with client_of(app_with(OLD_KEY, KEY)) as client:
        assert (await post(client, call_event(CALL), key=key)).status_code == status


@pytest.mark.parametrize("keys", [(), ("",), (" ",), ("whsec_",), ("", "whsec_")])
async def test_without_a_usable_key_nothing_is_believed(app_with, client_of, stored, keys):
    """Not even what was signed with the empty key; the sentence says what to set."""
    async with client_of(app_with(*keys)) as client:
        answer = await post(client, call_event(CALL), key="")
    assert answer.status_code == 503
    assert "INKBATCH_WEBHOOK_SIGNING_KEYS" in answer.json()["detail"]
    assert stored() == []


async def test_an_empty_key_beside_a_good_one_signs_nothing(app_with, client_of):
    """A comma too many in the settings opens no door."""
    async with client_of(app_with("", KEY)) as client:
        assert (await post(client, call_event(CALL), key="")).status_code == 401
        assert (await post(client, call_event(CALL))).status_code == 200


@pytest.mark.parametrize("path", ["/", "/docs", "/openapi.json", "/webhooks", PATH + "/"])
async def test_a_stranger_finds_nothing_else(client, path):
    """No page, no description of the API, and no other spelling of the path."""
    assert (await client.get(path)).status_code == 404


# ---------------------------------------------------------------- over a real socket


@contextmanager
def served(app):
    """Serve the app on a free port for as long as the block lasts."""
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(app, http="h11", log_level="critical", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join()
        listening.close()


def headed(body_headers, length):
    lines = [f"POST {PATH} HTTP/1.1", "Host: 127.0.0.1", length]
    lines += [f"{name}: {value}" for name, value in body_headers.items()]
    return "\r\n".join([*lines, "", ""]).encode()


def status_of(connection):
    return int(connection.recv(4096).split(b" ", 2)[1])


def test_a_body_that_says_it_is_too_long_is_refused_before_it_is_sent(app_with, stored):
    """413 comes while not one byte of the body has been."""
    with served(app_with(KEY)) as port, socket.create_connection(("127.0.0.1", port)) as connection:
        length = f"Content-Length: {BODY_BYTES_MAX + 1}"
        connection.sendall(headed(headers_for(b"", at=NOW), length))
        assert status_of(connection) == 413
    assert stored() == []


def test_a_body_that_does_not_say_its_length_is_cut_off_at_the_limit(app_with, stored):
    """413 comes while the sender still goes on and would for ever."""
    chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    with served(app_with(KEY)) as port, socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(headed(headers_for(b"", at=NOW), "Transfer-Encoding: chunked"))
        for _ in range(BODY_BYTES_MAX // 0x10000 + 1):
            connection.sendall(chunk)
        assert status_of(connection) == 413
    assert stored() == []


def test_the_longest_body_is_taken(app_with, stored):
    """One MiB to the byte; hidden in it is an ordinary event."""
    body = call_event(CALL)
    body = body[:-1] + b" " * (BODY_BYTES_MAX - len(body)) + b"}"
    with served(app_with(KEY)) as port:
        url = f"http://127.0.0.1:{port}{PATH}"
        answer = httpx.post(url, content=body, headers=headers_for(body, at=NOW))
    assert (answer.status_code, len(stored())) == (200, 1)


def test_the_same_event_many_times_at_once_is_stored_once(app_with, stored):
    """Whichever is first: the database forbids a second one."""
    body = call_event(CALL)

    async def send_all(port):
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
            return await asyncio.gather(*(post(client, body) for _ in range(12)))

    with served(app_with(KEY)) as port:
        answers = asyncio.run(send_all(port))
    assert [answer.status_code for answer in answers] == [200] * 12
    assert sum(answer.json()["stored"] for answer in answers) == 1
    assert len(stored()) == 1
