"""What viewers see: neither whole numbers nor what was said, wherever they look."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from inkbatch.adapters.store import tables
from inkbatch.web.access import Role
from inkbatch.web.access.scripts import METRICS_PATH
from tests.integration.web.test_access import every_route
from tests.integration.web.test_api import api_routes, bearer, token
from tests.trial_campaigns import numbers, write_campaign

WHOLE = re.compile(r"\+1212555\d{4}")
SAID, TOLD = "the-key-lies-under-the-mat", "four-in-the-afternoon"
FROM, AGENT = r"\+14155550100", r"agent\.example\.com/talk"
KEPT_BACK = (WHOLE, SAID, TOLD, FROM, AGENT)
BEGAN = datetime(2026, 11, 2, 9, tzinfo=UTC)
PLACES = {
    "slug": "reminders",
    "contact_id": "1",
    "name": "contacts.csv",
    "form": ".csv",
    "id_": "0123456789abcdef01234567",
    "upload_id": "0123456789abcdef01234567",
}
STREAM = "/campaigns/reminders/events"
"""It never ends, so its first parts are read: one for each part of the live page."""

STREAM_PARTS = 6
FOR_OPERATORS = {
    "/campaigns/reminders/export/contacts.csv",
    "/campaigns/reminders/setup",
    "/campaigns/reminders/setup/address",
    "/never-call/export.csv",
    "/numbers",
    "/uploads/0123456789abcdef01234567",
    "/uploads/0123456789abcdef01234567/corrected.csv",
    "/api/v1/campaigns/reminders/export/contacts.csv",
    "/api/v1/campaigns/reminders/settings",
    "/api/v1/suppressions/export.csv",
    "/api/v1/uploads/0123456789abcdef01234567",
    "/api/v1/uploads/0123456789abcdef01234567/corrected.csv",
}
"""What holds whole numbers, cells of a list, or the agent's address."""


@pytest.fixture
def talked(enrolled):
    """The same campaign: one person was talked to, waits for somebody to decide, and is listed."""
    with enrolled.office.store.engine.begin() as connection:
        connection.execute(tables.shift.insert(), SHIFT)
        connection.execute(tables.attempt.insert(), ATTEMPT)
        connection.execute(tables.attempt_result.insert(), RESULT)
    with enrolled.visitor() as client:
        client.post("/never-call", data={"number": "+12125550101", "reason": "asked us"})
    return enrolled


SHIFT = {
    "id": "shift",
    "campaign_id": 1,
    "lock_name": "x",
    "host": "here",
    "pid": 1,
    "started_at": BEGAN,
    "ended_at": BEGAN,
}
ATTEMPT = {
    "id": "attempt-1",
    "campaign_id": 1,
    "contact_id": 1,
    "number": "+12125550100",
    "from_number": "+12125550199",
    "ordinal": 1,
    "state": "ended",
    "shift_id": "shift",
    "predicted_minutes": 1.0,
    "created_at": BEGAN,
    "reserved_at": BEGAN,
    "placed_at": BEGAN,
    "ended_at": BEGAN + timedelta(minutes=1),
    "looks": 0,
    "disposition": "answered",
}
RESULT = {
    "result_id": "result-1",
    "attempt_id": "attempt-1",
    "campaign_id": 1,
    "contact_id": 1,
    "word": "confirmed",
    "effect": "none",
    "posted_at": BEGAN,
    "fields": {"when": TOLD},
    "transcript": [{"party": "remote", "text": SAID, "ts_ms": 0}],
}


def readable(routes):
    """Return what can be read of these routes, each place filled with something that is there."""
    found = (path for method, path in routes if method == "GET")
    return sorted(re.sub(r"\{(\w+)\}", lambda place: PLACES[place[1]], path) for path in found)


def read(client, path):
    """Return what answers a visitor; of the stream what comes first."""
    if path != STREAM:
        answer = client.get(path)
        return answer.status_code, answer.text
    with client.stream("GET", path) as answer:
        lines, parts = [], 0
        for line in answer.iter_lines():
            lines.append(line)
            parts += line == ""
            if parts == STREAM_PARTS:
                return answer.status_code, "\n".join(lines)
    raise AssertionError("the stream ended")


def shown(client, paths):
    """Return what each path shows; those that are refused are those for operators."""
    answers = {path: read(client, path) for path in paths}
    refused = {path for path, (status, _) in answers.items() if status == 403}
    assert refused == FOR_OPERATORS & set(paths)
    assert {status for status, _ in answers.values()} <= {200, 403}
    return {path: text for path, (status, text) in answers.items() if status == 200}


def told(pages, what):
    """Return the paths on which a pattern stands."""
    return {path for path, text in pages.items() if re.search(what, text)}


def test_viewers_see_masked_numbers_alone(talked):
    """No page has for viewers a whole number, a talk, a result's fields, or the agent's address."""
    paths = readable(each for each in every_route(talked, fill=str) if each[1] != METRICS_PATH)
    with talked.visitor(Role.VIEWER) as viewer, talked.visitor() as operator:
        seen_by_operator = {path: read(operator, path)[1] for path in paths}
        seen = shown(viewer, paths)
    for what in KEPT_BACK:
        assert told(seen_by_operator, what)
        assert not told(seen, what)


def test_a_viewers_token_reads_no_more_than_a_viewer(talked):
    """The same of every route of the API."""
    paths = readable(api_routes(talked, fill=str))
    with (
        talked.stranger(**bearer(token(talked, Role.VIEWER, name="board"))) as viewer,
        talked.stranger(**bearer(token(talked))) as operator,
    ):
        seen_by_operator = {path: read(operator, path)[1] for path in paths}
        seen = shown(viewer, paths)
    for what in KEPT_BACK:
        assert told(seen_by_operator, what)
        assert not told(seen, what)


@pytest.mark.parametrize("first", list(Role))
def test_who_opens_the_report_first_decides_for_nobody_else(talked, first):
    """Viewers get the report without the talks and operators with them, in whatever order."""
    path = "/campaigns/reminders/report.html"
    with talked.visitor(first) as one, talked.visitor(Role.VIEWER) as viewer:
        one.get(path)
        without = viewer.get(path)
        with talked.visitor() as operator:
            with_talks = operator.get(path)
    assert "What was said" in with_talks.text
    assert SAID in with_talks.text
    assert (without.status_code, "What was said" in without.text) == (200, False)
    assert "no phone number" in without.text.lower()


SEARCHED = ("/campaigns/reminders/people", "/campaigns/reminders/attempts", "/never-call")
SEARCHED_BY_SCRIPTS = (
    "/api/v1/campaigns/reminders/people",
    "/api/v1/campaigns/reminders/attempts",
    "/api/v1/suppressions",
)
ENDS = ("0100", "0101")
HIDDEN = ("212555", "2125550", "+1 (212) 555", "12125", "5550")


def found_by(client, path, q):
    """Return the numbers that a search shows, as a set."""
    answer = client.get(path, params={"q": q}, headers={"HX-Target": "rows"})
    assert answer.status_code == 200
    return set(re.findall(r"\+1(?:•{7}|212555)\d{4}", answer.text))


def require_nothing_found_out(viewer, paths, *, operator):
    """Fail where a viewer's search tells more than the digits that a mask leaves."""
    for path in paths:
        by_hidden = {q: found_by(viewer, path, q) for q in HIDDEN}
        by_guess = [found_by(viewer, path, f"{digit}{end}") for end in ENDS for digit in range(10)]
        assert not any(by_hidden.values()), by_hidden
        assert all(found == by_guess[0] for found in by_guess[:10]), path
        assert all(found == by_guess[10] for found in by_guess[10:]), path
        assert all(found_by(operator, path, q) for q in HIDDEN)


def test_viewers_find_no_hidden_digit_by_searching(talked):
    """Ten guesses for each hidden digit tell nothing; operators search the whole number."""
    with talked.visitor(Role.VIEWER) as viewer, talked.visitor() as operator:
        require_nothing_found_out(viewer, SEARCHED, operator=operator)


def test_a_viewers_token_finds_no_hidden_digit_by_searching(talked):
    """The API answers no more than the page."""
    with (
        talked.stranger(**bearer(token(talked, Role.VIEWER, name="board"))) as viewer,
        talked.stranger(**bearer(token(talked))) as operator,
    ):
        require_nothing_found_out(viewer, SEARCHED_BY_SCRIPTS, operator=operator)


@pytest.mark.parametrize(("q", "ends"), [("0103", ["0103"]), ("10", ["0100", "0101"])])
def test_viewers_search_the_digits_that_they_see(talked, q, ends):
    """The last four, or some of them; the page says so."""
    path = "/campaigns/reminders/people"
    with talked.visitor(Role.VIEWER) as viewer, talked.visitor() as operator:
        assert {number[-4:] for number in found_by(viewer, path, q)} >= set(ends)
        for each in SEARCHED:
            assert "last four digits" in viewer.get(each).text
            assert "last four digits" not in operator.get(each).text


def test_no_page_leads_viewers_to_settings(talked):
    """Nor does a campaign whose list was not taken in, of which nobody else has a page yet."""
    write_campaign(talked.office.folder / "spring", numbers(1))
    with talked.visitor(Role.VIEWER) as viewer, talked.visitor() as operator:
        for client, leads in ((viewer, False), (operator, True)):
            pages = [client.get(path).text for path in ("/", "/campaigns/reminders")]
            assert ["/setup" in each for each in pages] == [leads, leads]
        assert viewer.get("/campaigns/spring").status_code == 404
        assert operator.get("/campaigns/spring").headers["location"] == "/campaigns/spring/setup"
