"""Runs that dial, an agent that tells and webhooks that come in, each as a process of its own."""

import json
import signal
import socket
import urllib.error
from contextlib import contextmanager
from datetime import UTC, datetime
from urllib.request import Request, urlopen

import pytest

from tests.acceptance.books import attempts_in, contacts_in, rows_of
from tests.acceptance.terminal import is_running, kill_group, wait_until
from tests.signed_webhooks import KEY, call_event, headers_for
from tests.trial_campaigns import numbers

TOKEN = "agent-token"
NEVER_POLLED = {"INKBATCH_POLL_SECONDS": "3600"}
"""A run that had to wait for its next poll would outlast every limit of these tests."""

SECRETS = {"INKBATCH_AGENT_TOKEN": TOKEN, "INKBATCH_WEBHOOK_SIGNING_KEYS": f"whsec_old,{KEY}"}
SHORT_TALK = '[callees]\n"{}" = [{{outcome = "answer", ring_seconds = 0.5, talk_seconds = 1}}]\n'
AREAS = ("312", "303", "602")


@pytest.fixture
def person():
    """The one person on the list."""
    return numbers(1, areas=AREAS)[0]


@pytest.fixture
def sandbox(sandbox_at, tmp_path, person):
    """Who is called talks for a second."""
    script = tmp_path / "callees.toml"
    script.write_text(SHORT_TALK.format(person), "utf-8")
    with sandbox_at("--script", script) as running:
        yield running


class Receiver:
    """`inkbatch webhooks` on this machine."""

    def __init__(self, port, process):
        self.url = f"http://127.0.0.1:{port}"
        self.process = process

    def tell(self, call, event_id="evt_1"):
        """Send the event of a call's end, as the platform does; return the answer."""
        body = call_event(call["call_id"], event_id=event_id)
        return self.send("/webhooks/inkbox", body, headers_for(body, at=datetime.now(UTC)))

    def ask(self, path, posted=None):
        """Ask or tell as the agent does."""
        body = None if posted is None else json.dumps(posted).encode()
        return self.send(path, body, {"Authorization": f"Bearer {TOKEN}"})

    def send(self, path, body, headers):
        """Send a request and return its JSON."""
        request = Request(self.url + path, body, headers)  # noqa: S310 (loopback)
        with urlopen(request, timeout=30) as answer:  # noqa: S310 (loopback)
            return json.load(answer)


@contextmanager
def receiving(terminal, port, **environment):
    """Run `inkbatch webhooks` for as long as the block lasts."""
    with terminal.started("webhooks", "--port", port, **SECRETS, **environment) as process:
        receiver = Receiver(port, process)

        def refuses_the_unknown():
            assert is_running(process)
            try:
                receiver.ask("/api/v1/attempts/none")
            except urllib.error.HTTPError as error:
                return error.code == 404
            except urllib.error.URLError:
                return False  # it does not listen yet

        wait_until(refuses_the_unknown)
        yield receiver


def ended_call(sandbox, process):
    """Wait for the first call of a run to end, and return it."""
    sandbox.wait_for_calls(1, process=process)
    wait_until(lambda: is_running(process) and sandbox.ledger()[0]["ended_at"])
    return sandbox.ledger()[0]


def test_a_webhook_ends_a_call_that_polling_would_find_an_hour_later(
    terminal, sandbox, campaign, database_url, free_port
):
    """The run is over as soon as the event is in, and says what it says after polling."""
    port = free_port()
    folder = campaign(1, webhook_url=f"http://127.0.0.1:{port}/webhooks/inkbox")
    there = {"INKBATCH_DATABASE_URL": database_url, **NEVER_POLLED}
    with (
        terminal.started("run", folder, "--json", **there) as process,
        receiving(terminal, port, INKBATCH_DATABASE_URL=database_url) as receiver,
    ):
        call = ended_call(sandbox, process)
        assert receiver.tell(call)["stored"]
        ended = terminal.end_of(process)
        assert not receiver.tell(call)["stored"]
    assert ended.code == 0, ended.err
    assert ended.json["counts"]["contacts"] == {"reached": 1}
    (attempt,) = attempts_in(database_url)
    assert attempt["talk_minutes"] == pytest.approx(1 / 60, abs=1e-3)


def test_an_event_survives_both_processes_being_killed(
    terminal, sandbox, campaign, database_url, free_port
):
    """Stored when it was answered: the next run collects the call in its first pass."""
    port = free_port()
    folder = campaign(1, webhook_url=f"http://127.0.0.1:{port}/webhooks/inkbox")
    there = {"INKBATCH_DATABASE_URL": database_url, **NEVER_POLLED}
    with terminal.started("run", folder, **there) as process:
        call = ended_call(sandbox, process)
        wait_until(lambda: attempts_in(database_url)[0]["state"] == "placed")
        kill_group(process)
    with receiving(terminal, port, INKBATCH_DATABASE_URL=database_url) as receiver:
        assert receiver.tell(call)["stored"]
        kill_group(receiver.process)
    last = terminal.run("run", folder, "--json", **there)
    assert last.code == 0, last.err
    assert last.json["counts"]["contacts"] == {"reached": 1}
    assert len(sandbox.ledger()) == 1


@pytest.mark.usefixtures("sandbox")
def test_an_agent_asks_whom_it_talks_to_and_tells_what_came_of_it(
    terminal, campaign, sqlite_url, free_port, tmp_path, person
):
    """An opt-out is on the list at once, shown in report and export, and read from no output."""
    port = free_port()
    folder = campaign(1)
    there = {"INKBATCH_DATABASE_URL": sqlite_url}
    with (
        terminal.started("run", folder, "--json", **there) as process,
        receiving(terminal, port, **there) as receiver,
    ):
        wait_until(lambda: len(attempts_in(sqlite_url)) == 1)
        path = f"/api/v1/attempts/{attempts_in(sqlite_url)[0]['id']}"
        card = receiver.ask(path)
        assert card["contact"]["number"] == person
        told = receiver.ask(
            f"{path}/result",
            {
                "result": "asked to stop",
                "effect": "do_not_call",
                "fields": {"note": "=1+1"},
                "transcript": [{"party": "remote", "text": "Never call me again", "ts_ms": 10}],
            },
        )
        assert told["effective"]
        assert [row["number"] for row in rows_of(sqlite_url, SUPPRESSED)] == [person]
        ended = terminal.end_of(process)
        receiver.process.terminate()
        said = terminal.end_of(receiver.process)
    assert ended.json["counts"]["contacts"] == {"suppressed": 1}
    assert contacts_in(sqlite_url)[0]["why"] == "on the suppression list: opted out on a call"
    for private in (person, "Never call", "asked to stop", TOKEN, "Dagny"):
        assert private not in said.out + said.err
    export = tmp_path / "talk.csv"
    assert terminal.run("export", "trial", export, "--what", "transcripts", **there).code == 0
    assert "Never call me again" in export.read_text("utf-8-sig")
    figures = terminal.run("report", "trial", "--json", **there).json
    result = {"word": "asked to stop", "effect": "do_not_call", "count": 1}
    a_second = pytest.approx(1 / 60)
    lengths = {"minutes": a_second, "median_minutes": a_second}
    assert figures["results"] == [{**result, **lengths}]


SUPPRESSED = "SELECT number FROM suppressed_number"


def test_webhooks_without_any_secret_does_not_start(terminal, free_port):
    """Nobody could be let in, so it says what to set and ends."""
    said = terminal.run("webhooks", "--port", free_port())
    assert said.code == 2
    assert "INKBATCH_AGENT_TOKEN" in said.err
    assert "INKBATCH_WEBHOOK_SIGNING_KEYS" in said.err
    assert "Traceback" not in said.err


def test_senders_that_go_away_or_never_finish_are_dropped_without_a_word(terminal, free_port):
    """A head that stays half, first or second, is closed; a body that breaks off is not logged."""
    port = free_port()
    body = call_event("6af5690b-bee6-4d57-95ee-e09c1cf9a26e")
    head = "".join(
        f"{key}: {value}\r\n" for key, value in headers_for(body, at=datetime.now(UTC)).items()
    )
    request = f"POST /webhooks/inkbox HTTP/1.1\r\nHost: x\r\nContent-Length: 9999\r\n{head}\r\n"
    with receiving(terminal, port) as receiver:
        with socket.create_connection(("127.0.0.1", port)) as gone:
            gone.sendall(request.encode() + body)
        with (
            socket.create_connection(("127.0.0.1", port), timeout=60) as first,
            socket.create_connection(("127.0.0.1", port), timeout=60) as second,
        ):
            first.sendall(request.encode()[:40])
            second.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\nGET")
            assert first.recv(1) == b""
            assert second.makefile("rb").read().startswith(b"HTTP/1.1 404")
        receiver.process.send_signal(signal.SIGINT)
        said = terminal.end_of(receiver.process)
    assert said.err == ""
