"""`inkbatch sandbox` as a person runs it: whose accounts, whose callees, which clock."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from tests.acceptance.terminal import wait_until

CALLEE = "+442079460123"
START = datetime(2026, 3, 2, 14, 0, tzinfo=UTC)
CLINICS = """
[[organisation]]
name = "clinic"
api_key = "clinic-key"
calls_limit = 1
[[organisation.number]]
number = "+14155550110"
"""
SCRIPT = f"""
[callees]
"{CALLEE}" = [{{outcome = "answer", ring_seconds = 20, talk_seconds = 300}}]
[population]
max_duration_seconds = 120
"""


@pytest.fixture(scope="module")
def sandbox(sandbox_at, tmp_path_factory):
    """An hour of it is a second, and one organisation may call once a day."""
    folder = tmp_path_factory.mktemp("files")
    (folder / "clinics.toml").write_text(CLINICS, "utf-8")
    (folder / "script.toml").write_text(SCRIPT, "utf-8")
    options = ("--organisations", folder / "clinics.toml", "--script", folder / "script.toml")
    with sandbox_at("--speed", 3600, "--start", "2026-03-02T09:00-05:00", *options) as running:
        yield running


@pytest.fixture(scope="module")
def client(sandbox):
    """Speak to it by plain httpx as the organisation of the file."""
    with httpx.Client(base_url=sandbox.base_url, headers={"X-API-Key": "clinic-key"}) as client:
        yield client


@pytest.fixture(scope="module")
def placed(client):
    """The first call of the day."""
    return client.post("/place-call", json={"from_number": "+14155550110", "to_number": CALLEE})


def test_its_clock_starts_where_it_was_told(placed):
    """The Date of its answers and its time stamps are of that day."""
    created_at = datetime.fromisoformat(placed.json()["created_at"])
    assert START <= created_at < START + timedelta(days=300)
    assert placed.headers["Date"].endswith("GMT")
    assert abs(told_date(placed) - created_at) <= timedelta(hours=1)


def test_a_call_lives_through_its_minutes_at_that_speed(client, placed):
    """Ring, talk and maximum duration are whole minutes by its own clock."""
    path = f"/calls/{placed.json()['id']}"
    wait_until(lambda: client.get(path).json()["status"] == "completed")
    call = client.get(path).json()
    started_at, ended_at = (datetime.fromisoformat(call[key]) for key in ("started_at", "ended_at"))
    assert ended_at - started_at == timedelta(seconds=120)
    assert call["hangup_reason"] == "max_duration"


def test_its_limits_are_those_of_the_file_and_go_by_its_clock(client, placed):
    """Retry-After leads to a day after the call, as its own Date counts days."""
    refused = client.post("/place-call", json={"from_number": "+14155550110", "to_number": CALLEE})
    again_at = told_date(refused) + timedelta(seconds=int(refused.headers["Retry-After"]))
    a_day_later = datetime.fromisoformat(placed.json()["created_at"]) + timedelta(days=1)
    assert placed.json()["rate_limit"]["calls_limit"] == 1
    assert refused.status_code == 429
    assert abs(again_at - a_day_later) <= timedelta(hours=1)


def test_keys_of_other_sandboxes_are_nobodys(client):
    """With a file of organisations, the usual two are gone."""
    assert client.get("/numbers", headers={"X-API-Key": "sandbox"}).status_code == 401


def test_it_shows_its_api_to_people(sandbox):
    """The page is served beside the API, with its own address in the example."""
    page = httpx.get(f"http://127.0.0.1:{sandbox.port}/docs").text
    assert f"http://127.0.0.1:{sandbox.port}/api/v1/phone/place-call" in page


def test_an_address_that_others_reach_is_warned_of(terminal_in, tmp_path):
    """Loopback is the default; 192.0.2.1 is nobody's, so nothing is opened in the end."""
    said = terminal_in(tmp_path).run("sandbox", "--host", "192.0.2.1", "--port", "8765")
    assert "Warning: whoever reaches 192.0.2.1 can use it" in said.out + said.err
    assert said.code != 0


def told_date(answer):
    return datetime.strptime(answer.headers["Date"], "%a, %d %b %Y %H:%M:%S GMT").replace(
        tzinfo=UTC
    )
