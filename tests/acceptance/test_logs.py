"""The log as lines of JSON, of programs as they run: everything is found in it, and nobody."""

import json
import signal
import socket

import pytest

from tests.acceptance.books import attempts_in, contacts_in
from tests.acceptance.terminal import sandbox_process, wait_until
from tests.receiver import receiving

CONTACTS = 4
AS_JSON = {"INKBATCH_LOG_FORMAT": "json"}
UNREADABLE = b"GET /+12125550123 Dagny\r\n\r\n"
"""What no server takes for a request; uvicorn warns of it."""


def lines_of(text):
    """Return the lines of a log, each of which is one document."""
    return [json.loads(line) for line in text.splitlines()]


def send(port, request):
    """Send bytes to a port of this machine, and wait until it has closed the connection."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(request)
        while connection.recv(4096):
            pass


def end(process):
    """Tell a process to end; return what it said on standard error."""
    process.send_signal(signal.SIGTERM)
    return process.communicate(timeout=60)[1]


@pytest.fixture(scope="module")
def logged(terminal_in, campaign_in, free_port, tmp_path_factory):
    """The logs of a sandbox and of a run that dialed it, and the run's folder."""
    folder = tmp_path_factory.mktemp("logged")
    terminal = terminal_in(folder)
    terminal.environment.update(AS_JSON)
    with sandbox_process(terminal, free_port(), "--durations", 0.01) as sandbox:
        dialing = terminal_in(folder, sandbox)
        said = dialing.run("run", campaign_in(folder, CONTACTS), "--json", **AS_JSON)
        send(sandbox.port, UNREADABLE)
        return folder, said, end(sandbox.process)


def test_a_run_logs_each_attempt_from_its_dial_to_its_end(logged):
    """By ids alone; what it prints for scripts stays on standard output."""
    folder, said, _ = logged
    assert said.code == 0
    assert said.json["counts"]
    lines = lines_of(said.err)
    attempts = {attempt["id"] for attempt in attempts_in(f"sqlite:///{folder}/inkbatch.db")}
    for event in ("call_dialed", "attempt_ended"):
        assert {line["attempt"] for line in lines if line["event"] == event} == attempts
    events = [line["event"] for line in lines]
    assert (events[0], events[-1]) == ("shift_started", "shift_ended")


def test_a_complaint_is_a_line_too(terminal_in, tmp_path):
    """A collector gets why a run did not begin."""
    said = terminal_in(tmp_path).run("run", "nowhere", **AS_JSON)
    (line,) = lines_of(said.err)
    assert (said.code, line["level"], line["event"]) == (2, "error", "complaint")
    assert "nowhere" in line["message"]


def test_a_notice_that_nobody_takes_is_warned_of_and_stops_no_call(
    terminal_in, campaign_in, sandbox, tmp_path
):
    """The address is not told: it may be as good as a password."""
    folder = campaign_in(tmp_path, CONTACTS)
    with receiving(404) as receiver:
        url = {"INKBATCH_NOTICE_URL": f"{receiver.url}/canary"}
        said = terminal_in(tmp_path, sandbox).run("run", folder, **url)
    assert said.code == 0
    assert said.err == "notice_not_told campaign=trial notice=night_report why=answered 404\n"
    (document,) = receiver.documents
    assert document["figures"]["calls"] == len(sandbox.ledger())


def test_servers_warn_by_lines_of_json(logged, terminal_in, free_port, tmp_path):
    """Those of the library that serves them, too."""
    port = free_port()
    secret = {"INKBATCH_AGENT_TOKEN": "canary-token"}
    with terminal_in(tmp_path).started("webhooks", "--port", port, **AS_JSON, **secret) as process:
        wait_until(lambda: is_listening(port))
        send(port, UNREADABLE)
        webhooks = end(process)
    for text in (logged[2], webhooks):
        (line,) = [each for each in lines_of(text) if each["logger"] == "uvicorn.error"]
        assert line["level"] == "warning"


def is_listening(port):
    """Whether somebody takes connections there."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_nobody_is_in_the_logs(logged):
    """No number, no name, and no key."""
    folder, said, sandbox = logged
    numbers = [
        each["number"].lstrip("+") for each in contacts_in(f"sqlite:///{folder}/inkbatch.db")
    ]
    assert len(numbers) == CONTACTS
    secrets = [*numbers, "Dagny", "2125550123"]
    assert [secret for secret in secrets if secret in said.err + sandbox] == []
