"""Webhooks of a sandbox process to a receiver on a socket of its own."""

import json
import queue
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

import httpx
import pytest

from inkbatch.sandbox.signing import signed_headers
from tests.acceptance.terminal import free_port, sandbox_in, wait_until

WHOLE_LIFE = ["call.initiated", "call.ringing", "call.answered", "call.ended"]
CALLEES = '[callees]\n"+442079460123" = ["answer"]\n"+442079460124" = ["no_answer"]\n'
SECONDS_MAX = 60
"""A limit, never an expectation."""


class Receiver(ThreadingHTTPServer):
    """Takes webhooks; its answers are the statuses that stand next in `answers`, else 200."""

    daemon_threads = True

    def __init__(self):
        self.taken = queue.Queue()
        self.answers = queue.SimpleQueue()
        self.may_answer_slow = Event()
        super().__init__(("127.0.0.1", 0), Hook)

    def url(self, path):
        """Return where a path of it is."""
        return f"http://127.0.0.1:{self.server_port}{path}"

    def take(self, count):
        """Return so many (path, headers, body), in the order in which they came."""
        return [self.taken.get(timeout=SECONDS_MAX) for _ in range(count)]


class Hook(BaseHTTPRequestHandler):
    """Writes a webhook down before it answers; `/slow` answers only when it may."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        """Take one webhook."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.taken.put((self.path, self.headers, body))
        if self.path == "/slow":
            self.server.may_answer_slow.wait(SECONDS_MAX)
        status = 200 if self.server.answers.empty() else self.server.answers.get()
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture
def receiver():
    with Receiver() as receiver:
        thread = Thread(target=receiver.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield receiver
        receiver.may_answer_slow.set()
        receiver.shutdown()
        thread.join()


@pytest.fixture
def sandbox(tmp_path):
    """Run a sandbox whose calls take a fraction of a second, with further options."""
    script = tmp_path / "callees.toml"
    script.write_text(CALLEES, "utf-8")

    @contextmanager
    def run(*options):
        quick = ("--durations", 0.005, "--script", script)
        with sandbox_in(tmp_path, *quick, *options) as running:
            yield f"http://127.0.0.1:{running.port}"

    return run


def place(url, webhook_url, to_number="+442079460123"):
    """Place a call and return its id."""
    answer = httpx.post(
        f"{url}/api/v1/phone/place-call",
        headers={"X-API-Key": "sandbox"},
        json={"from_number": "+14155550100", "to_number": to_number, "webhook_url": webhook_url},
    )
    assert answer.status_code == 200
    return answer.json()["id"]


def delivered(url):
    """Return how many events were delivered in all."""
    return httpx.get(f"{url}/sandbox/webhooks").json()["events"].get("delivered", 0)


def types(taken):
    return [json.loads(body)["event_type"] for _, _, body in taken]


def test_a_served_sandbox_posts_each_status_signed_and_in_order(sandbox, receiver):
    """Nobody asks it anything meanwhile: the events come as the call goes on."""
    with sandbox() as url:
        call_id = place(url, receiver.url("/hook"))
        taken = receiver.take(4)
        wait_until(lambda: delivered(url) == 4)
    assert types(taken) == WHOLE_LIFE
    for _, headers, body in taken:
        assert json.loads(body)["data"]["call"]["id"] == call_id
        stamp = datetime.fromtimestamp(int(headers["X-Inkbox-Timestamp"]), UTC)
        proof = signed_headers(
            "whsec_sandbox", body, now=stamp, request_id=headers["X-Inkbox-Request-ID"]
        )
        assert headers["X-Inkbox-Signature"] == proof["X-Inkbox-Signature"]


def test_a_slow_receiver_delays_no_other(sandbox, receiver):
    """One URL does not answer at all; the events of another come all the same."""
    with sandbox() as url:
        place(url, receiver.url("/slow"))
        assert receiver.take(1)[0][0] == "/slow"
        place(url, receiver.url("/quick"), "+442079460124")
        taken = receiver.take(3)
        assert [path for path, _, _ in taken] == ["/quick"] * 3
        assert types(taken) == ["call.initiated", "call.ringing", "call.ended"]
        receiver.may_answer_slow.set()
        assert types(receiver.take(3)) == WHOLE_LIFE[1:]


def test_a_refused_event_comes_again_by_the_clock_of_the_sandbox(sandbox, receiver):
    """The second try waits a second of a clock that goes a hundred times as fast."""
    for _ in range(2):
        receiver.answers.put(503)
    with sandbox("--speed", 100) as url:
        place(url, receiver.url("/hook"))
        taken = receiver.take(6)
        wait_until(lambda: delivered(url) == 4)
        told = httpx.get(f"{url}/sandbox/webhooks").json()
    assert sorted(set(types(taken))) == sorted(WHOLE_LIFE)
    assert told["pending"] == 0
    assert told["events"] == {"tried_again": 2, "delivered": 4}
    assert told["by_url"][receiver.url("/hook")]["last_trouble"] == "answered with 503"


def test_a_receiver_that_is_not_there_costs_the_sandbox_nothing(sandbox, receiver):
    """Events to a closed port wait for their next try; calls and other URLs go on."""
    nobody = f"http://127.0.0.1:{free_port()}/hook"
    with sandbox() as url:
        place(url, nobody)
        place(url, receiver.url("/hook"))
        assert types(receiver.take(4)) == WHOLE_LIFE
        wait_until(lambda: httpx.get(f"{url}/sandbox/webhooks").json()["pending"] == 4)
        trouble = httpx.get(f"{url}/sandbox/webhooks").json()["by_url"][nobody]["last_trouble"]
    assert trouble == "no answer: ConnectError"


def test_a_url_beyond_this_machine_is_told_in_the_ledger(sandbox):
    """Nothing is sent there, and whoever looks for the webhooks finds out why."""
    with sandbox() as url:
        place(url, "https://agent.example.com/hook")

        def call():
            return httpx.get(f"{url}/sandbox/ledger").json()["calls"][0]

        wait_until(lambda: call()["webhooks"] == {"undeliverable": 4})
