"""`inkbatch web` as a process: who is let in, and what lives on when it ends."""

import os
import re
import signal
from contextlib import contextmanager

import httpx
import pytest

from tests.acceptance.terminal import Terminal, free_port, sandbox_process, wait_until
from tests.trial_campaigns import numbers, write_campaign

ENDS_WITHIN_SECONDS = 30


@pytest.fixture
def terminal(tmp_path):
    return Terminal(
        tmp_path,
        {
            "HOME": str(tmp_path),
            "PATH": os.defpath,
            "INKBATCH_API_KEY": "sandbox",
            "INKBATCH_DATABASE_URL": f"sqlite:///{tmp_path / 'web.db'}",
            "INKBATCH_POLL_SECONDS": "0.3",
        },
    )


def test_beyond_this_machine_it_needs_a_password(terminal):
    """Without one it does not even listen, and says what to set."""
    said = terminal.run("web", "--host", "192.0.2.1", "--port", free_port())
    assert said.code == 2
    assert "INKBATCH_WEB_PASSWORD" in said.err


def test_a_run_goes_on_when_the_page_ends(terminal, tmp_path):
    """The page ends at once although somebody watches; the campaign it started dials on."""
    write_campaign(tmp_path / "campaigns" / "long", numbers(30))
    with sandbox_process(terminal, free_port(), "--durations", "0.02") as sandbox:
        terminal.environment["INKBATCH_BASE_URL"] = sandbox.base_url
        port, log = free_port(), tmp_path / "page.log"
        with log.open("w") as output:
            starting = terminal.started("web", "--port", port, output=output)
            with starting as process, httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
                wait_until(lambda: "Ctrl-C" in log.read_text() or process.poll() is not None)
                client.headers["Sec-Fetch-Site"] = "same-origin"
                client.get(re.search(r"http://\S+", log.read_text())[0])
                client.post("/campaigns/long/prepare", timeout=60)
                assert client.post("/campaigns/long/start", timeout=60).status_code == 303
                sandbox.wait_for_calls(1, process=process)
                with client.stream("GET", "/campaigns/long/events") as watched:
                    next(watched.iter_lines())
                    process.send_signal(signal.SIGTERM)
                    process.wait(ENDS_WITHIN_SECONDS)
        dialed = len(sandbox.ledger())
        wait_until(lambda: len(sandbox.ledger()) > dialed + 2)
        assert terminal.run("pause", "long").code == 0
        wait_until(lambda: terminal.run("why", "long", "--json").json["held_by"] is None)


def test_a_token_of_the_command_line_opens_the_api(terminal):
    """Standard output has the token alone; revoked, it opens nothing, and no list tells it."""
    made = terminal.run("token", "create", "crm-sync", "--days", "3")
    token, bearer = made.out.strip(), {}
    assert re.fullmatch(r"inkbatch_[\w-]{43}", token)
    bearer["Authorization"] = f"Bearer {token}"
    port, log = free_port(), terminal.folder / "page.log"
    with (
        log.open("w") as output,
        terminal.started("web", "--port", port, output=output) as process,
        httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=bearer, timeout=60) as client,
    ):
        wait_until(lambda: "Ctrl-C" in log.read_text() or process.poll() is not None)
        assert client.get("/api/v1/campaigns").json() == {"campaigns": []}
        assert client.get("/metrics").status_code == 200
        assert terminal.run("token", "revoke", "crm-sync").code == 0
        assert client.get("/api/v1/campaigns").status_code == 401
    assert token not in log.read_text()
    again = terminal.run("token", "create", "crm-sync")
    assert (again.code, "give another one" in again.err) == (2, True)
    listed = terminal.run("token", "list", "--json")
    assert [(each["name"], each["is_good"]) for each in listed.json] == [("crm-sync", False)]
    assert token[9:] not in listed.out


def test_why_a_run_failed_outlives_the_page(terminal, tmp_path):
    """Another page, started later, still says why the last run stopped."""
    write_campaign(tmp_path / "campaigns" / "stopped", numbers(2), from_numbers=["+14155550177"])
    with sandbox_process(terminal, free_port()) as sandbox:
        terminal.environment["INKBATCH_BASE_URL"] = sandbox.base_url
        with _operator(terminal) as client:
            client.post("/campaigns/stopped/prepare")
            client.post("/campaigns/stopped/start")
            page = "/campaigns/stopped"
            wait_until(lambda: "The last run stopped" in client.get(page).text)
        with _operator(terminal) as client:
            told = client.get("/campaigns/stopped").text
    assert "The last run stopped" in told
    assert "0177" in told


def test_with_a_password_no_log_gets_a_link_that_lets_somebody_in(terminal):
    """It says where the page is, and whoever knows the password comes in there."""
    said = {
        "INKBATCH_WEB_PASSWORD": "of the operators",
        "INKBATCH_WEB_URL": "https://calls.example.com",
    }
    port, log = free_port(), terminal.folder / "page.log"
    client = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60)
    with (
        log.open("w") as output,
        terminal.started("web", "--port", port, output=output, **said) as process,
        client,
    ):
        wait_until(lambda: "Ctrl-C" in log.read_text() or process.poll() is not None)
        client.headers.update({"Host": "calls.example.com", "Sec-Fetch-Site": "same-origin"})
        told = {"name": "Maria", "password": "of the operators"}
        came_in = client.post("/login", data=told)
    assert "token" not in log.read_text()
    assert "https://calls.example.com" in log.read_text()
    assert "password" in log.read_text()
    assert came_in.status_code == 303
    assert "; secure" in came_in.headers["set-cookie"].lower()


def test_a_terminal_gets_a_link_whether_there_is_a_password_or_not(terminal):
    """Nobody but the person before it reads what is printed there."""
    password = {"INKBATCH_WEB_PASSWORD": "of the operators"}
    reader, screen = os.openpty()
    with terminal.started("web", "--port", free_port(), output=screen, **password):
        os.close(screen)
        said = b""
        while b"Ctrl-C" not in said:
            said += os.read(reader, 4096)
    os.close(reader)
    assert re.search(rb"http://127\.0\.0\.1:\d+/enter\?token=\S+", said)


@contextmanager
def _operator(terminal):
    """Serve the page as a process, and yield a client that came in by its link."""
    port, log = free_port(), terminal.folder / "served.log"
    url = f"http://127.0.0.1:{port}"
    with (
        log.open("w") as output,
        terminal.started("web", "--port", port, output=output) as process,
        httpx.Client(base_url=url, headers={"Sec-Fetch-Site": "same-origin"}, timeout=60) as client,
    ):
        wait_until(lambda: "Ctrl-C" in log.read_text() or process.poll() is not None)
        client.get(re.search(r"http://\S+", log.read_text())[0])
        yield client
