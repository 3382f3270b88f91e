"""The JSON API over a real socket: who gets in, and that it does what the page does."""

import time
from datetime import timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.routing import Mount

from inkbatch.web.access import Role
from inkbatch.web.access.tokens import Tokens, create_token, revoke_token
from inkbatch.web.desk_app import page_routes
from tests.integration.web.test_access import UNSAFE, all_routes, filled

API = "/api/v1"
LIST = "phone,name\n+14155550101,Ada\n+14155550102,Ben\n12,Cy\n"


def token(page, role=Role.OPERATOR, *, name="crm", days=1):
    now = page.office.now()
    lasts = timedelta(days=days)
    return create_token(page.office.store, name, role=role, lasts=lasts, by="test", now=now)


def bearer(told):
    return {"Authorization": f"Bearer {told}"}


@pytest.fixture
def script(enrolled):
    """Yield a client with an operator's token, as a script is: no cookie, nothing of a browser."""
    with enrolled.stranger(**bearer(token(enrolled))) as client:
        del client.headers["Sec-Fetch-Site"]
        yield client


@pytest.fixture
def viewer(enrolled):
    with enrolled.stranger(**bearer(token(enrolled, Role.VIEWER, name="board"))) as client:
        yield client


def api_routes(page, *, fill=filled):
    """Return method and path of every route of the API, its description and the metrics too."""
    mounts = [
        route
        for route in page_routes(page.office).routes
        if isinstance(route, Mount) and route.path == API
    ]
    found = [
        (method, fill(f"{API}{route.path}"))
        for mount in mounts
        for route in all_routes(mount.app.routes)
        for method in sorted(route.methods - {"HEAD"})
    ]
    return [*found, ("GET", "/metrics")]


def test_every_route_refuses_whoever_has_no_token(page):
    """Neither no token nor a wrong, expired or revoked one gets past any route of the table."""
    revoked = token(page, name="gone")
    revoke_token(page.office.store, "gone", by="test", now=page.office.now())
    asked = api_routes(page)
    assert len(asked) > 25
    for headers in ({}, bearer("inkbatch_" + "a" * 43), bearer("x"), bearer(revoked)):
        with page.stranger(**headers) as client:
            answers = {each: client.request(*each) for each in asked}
        assert {answer.status_code for answer in answers.values()} == {401}
        kinds = {answer.headers["content-type"] for answer in answers.values()}
        assert kinds == {"application/problem+json"}


def test_no_cookie_counts(page):
    """The session of a browser opens nothing here, so that no other site can use it."""
    asked = api_routes(page)
    with page.visitor() as client:
        answers = {each: client.request(*each).status_code for each in asked}
    assert set(answers.values()) == {401}, answers


def test_a_token_opens_no_page(page):
    """What a script carries is for the API and the metrics alone."""
    with page.stranger(**bearer(token(page))) as client:
        assert client.get("/").status_code == 401
        assert client.post("/campaigns/reminders/pause").status_code == 401


def test_every_route_that_changes_something_refuses_a_viewers_token(page):
    """A viewer's token reads, and changes nothing."""
    unsafe = [each for each in api_routes(page) if each[0] in UNSAFE]
    assert len(unsafe) > 8
    with page.stranger(**bearer(token(page, Role.VIEWER))) as client:
        answers = {each: client.request(*each).status_code for each in unsafe}
    assert set(answers.values()) == {403}, answers


def test_a_token_is_good_until_its_end(enrolled):
    """One second before it lets in, from then on it does not."""
    made = token(enrolled)
    asked, now = Tokens(store=enrolled.office.store), enrolled.office.now()
    assert asked.person(made, now=now + timedelta(hours=23)).name == "crm (token)"
    assert asked.person(made, now=now + timedelta(hours=25)) is None


def test_two_tokens_are_no_token(enrolled):
    """A request with two tokens is refused rather than judged by one of them."""
    sent = [("Authorization", f"Bearer {token(enrolled)}"), ("Authorization", "Bearer x")]
    with enrolled.stranger() as client:
        assert client.get(f"{API}/campaigns", headers=sent).status_code == 401


def test_what_a_script_does_stands_in_the_log_by_the_tokens_name(enrolled, script):
    """Who paused a campaign is known, and the token itself stands nowhere."""
    answer = script.post(f"{API}/campaigns/reminders/pause")
    assert (answer.status_code, answer.json()) == (200, {"slug": "reminders", "state": "paused"})
    with enrolled.office.store.reading() as tx:
        latest = tx.audit_entries(limit=1)[0]
        record = tx.campaign("reminders")
    assert (latest.who, latest.role, latest.action) == ("crm (token)", "operator", "paused")
    assert record.state_reason == "paused by crm (token)"


def test_a_campaign_from_upload_to_plan(script):
    """A list is checked, becomes a campaign, gets its settings, and nobody is dialed."""
    took = script.post(f"{API}/uploads", params={"name": "people.csv"}, content=LIST)
    assert took.status_code == 201
    found = took.json()
    until = time.monotonic() + 30
    while not found["is_checked"]:
        assert time.monotonic() < until
        found = script.get(took.headers["location"]).json()
    assert found["by_status"]["rejected"] == 1
    assert found["callable_rows"] == 2
    assert found["findings"][0]["row_numbers"] == [4]
    corrected = script.get(f"{took.headers['location']}/corrected.csv")
    assert "Ada" in corrected.text
    made = script.post(f"{API}/campaigns", json={"name": "new one", "upload": found["id"]})
    assert made.status_code == 201, made.text
    again = script.post(f"{API}/campaigns", json={"name": "new one", "upload": found["id"]})
    assert again.status_code == 404
    here = made.headers["location"]
    assert script.get(here).json()["state"] == "draft"
    patch = {"from_numbers": ["+14155550199"], "default_region": "US", "attempts": {"max": 2}}
    changed = script.patch(f"{here}/settings", json=patch)
    assert changed.status_code == 200, changed.text
    assert changed.json()["settings"]["attempts"]["max"] == 2
    assert "#" in changed.json()["toml"]  # its comments stayed
    assert script.get(f"{here}/plan").status_code == 404
    assert script.post(f"{here}/prepare").status_code == 200
    assert script.get(f"{here}/plan").json()["counts"]["contacts"] == {"due": 2}
    assert script.get(here).json()["people"] == 2


def test_settings_that_the_files_rules_forbid_change_nothing(script):
    """All or nothing, and no key that names a file."""
    here = f"{API}/campaigns/reminders/settings"
    before = script.get(here).json()
    for patch in (
        {"attempts": {"max": 0}},
        {"pacing": {"calls_at_once": 3, "speed": 1}},
        {"call_list": "/etc/passwd"},
        {"rules": ["../elsewhere.toml"]},
        {"attempts": {"retry": {"no_answer": {"after": {"a": {"b": {"c": {"d": {"e": 1}}}}}}}}},
    ):
        refused = script.patch(here, json=patch)
        assert refused.status_code == 422, refused.text
        assert refused.json()["detail"].startswith("Nothing was changed")
    assert script.get(here).json() == before


def test_people_are_searched_and_paged_by_a_cursor(script):
    """Pages follow one another without gap or repetition; numbers are masked."""
    path, cursor, seen = f"{API}/campaigns/reminders/people", "", []
    while cursor is not None:
        told = script.get(path, params={"limit": 4, "cursor": cursor}).json()
        seen += told["people"]
        cursor = told["next_cursor"]
    assert len(seen) == 10
    assert len({each["id"] for each in seen}) == 10
    assert all("•" in each["number"] for each in seen)
    assert len(script.get(path, params={"q": "5550103"}).json()["people"]) == 1
    assert script.get(path, params={"cursor": "x"}).status_code == 404
    assert script.get(path, params={"state": "asleep"}).status_code == 422


def test_only_an_operator_has_whole_numbers(script, viewer):
    """A story is masked unless an operator asks otherwise; exports are for operators."""
    person = f"{API}/campaigns/reminders/people/1"
    assert "•" in script.get(person).json()["number"]
    assert script.get(person, params={"whole_number": True}).json()["number"].startswith("+1")
    assert viewer.get(person, params={"whole_number": True}).status_code == 403
    assert viewer.get(person).json()["fields"] is None
    assert viewer.get(f"{API}/campaigns/reminders/settings").status_code == 403
    export = f"{API}/campaigns/reminders/export/contacts.csv"
    assert viewer.get(export).status_code == 403
    assert "+1" in script.get(export).text


def test_the_suppression_list_by_script(script):
    """Added, found, exported, taken off again; a number stands in no address."""
    here = f"{API}/suppressions"
    added = script.post(here, json={"number": "+14155550101", "reason": "asked"})
    assert (added.status_code, added.json()["number"]) == (201, "+1•••••••0101")
    assert script.post(here, json={"number": "12"}).status_code == 422
    listed = script.get(here, params={"q": "5550101"}).json()
    assert [each["reason"] for each in listed["suppressions"]] == ["asked"]
    assert "+14155550101" in script.get(f"{here}/export.csv").text
    brought = script.post(
        f"{here}/import", params={"name": "dnc.csv"}, content="phone\n+14155550102\n"
    )
    assert brought.json() == {"added": 1}
    assert script.post(f"{here}/remove", json={"number": "+14155550101"}).status_code == 204
    assert script.post(f"{here}/remove", json={"number": "+14155550101"}).status_code == 404


def test_why_forecast_report_and_budget(script):
    """What the command line says as JSON is here too."""
    here = f"{API}/campaigns/reminders"
    assert script.get(f"{here}/why").json()["campaign"] == "reminders"
    assert script.get(f"{here}/forecast").json()["contacts"] == 10
    assert sum(script.get(f"{here}/report").json()["contacts"].values()) == 10
    assert script.get(f"{here}/report.html").text.startswith("<!doctype html>")
    assert script.get(f"{API}/budget").json()["limits"] == {"calls": 100, "minutes": 100.0}
    assert script.get(f"{here}/review").json() == []
    assert script.post(f"{here}/review/1/reached").status_code == 409


def test_canceling_withdraws_whoever_waits(script):
    """Nobody is left as if still to be called, as with `inkbatch cancel`."""
    here = f"{API}/campaigns/reminders"
    assert script.post(f"{here}/cancel").json()["state"] == "canceled"
    told = script.get(here).json()
    assert (told["left"], told["counts"]["contacts"]) == (0, {"withdrawn": 10})
    assert script.post(f"{here}/resume").status_code == 409
    assert script.post(f"{here}/start").status_code == 409


def test_a_body_beyond_its_limit_is_refused(script):
    """No JSON is read without end."""
    huge = script.post(f"{API}/suppressions", content=b" " * (1024 * 1024 + 1))
    assert (huge.status_code, huge.json()["status"]) == (413, 413)


def test_trouble_is_told_as_a_problem(script):
    """Whatever is wrong, the answer has the members of RFC 9457, and quotes no value."""
    answers = [
        script.get(f"{API}/campaigns/none"),
        script.get(f"{API}/nothing"),
        script.delete(f"{API}/campaigns"),
        script.post(f"{API}/suppressions", json={"number": 14155550101, "secret": "x"}),
        script.get(f"{API}/campaigns/reminders/people/99999999999999999999"),
    ]
    assert [answer.status_code for answer in answers] == [404, 404, 405, 422, 422]
    for answer in answers:
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json().keys() == {"type", "title", "status", "detail"}
    assert "14155550101" not in answers[3].text


def test_health_is_open_and_says_nothing_more(page, tmp_path):
    """A probe without a name or token is answered; a database that is gone is told as such."""
    with page.stranger(Host="10.0.0.7:8780") as client:
        assert (client.get("/healthz").status_code, client.get("/healthz").text) == (200, "ok")
        assert client.get("/readyz").status_code == 200
        (tmp_path / "page.db").rename(tmp_path / "gone.db")
        until = time.monotonic() + 30
        while (told := client.get("/readyz")).status_code == 200:
            assert time.monotonic() < until
        assert (told.status_code, told.text) == (503, "not ready")
        assert client.get("/healthz").status_code == 200


def test_metrics_tell_where_campaigns_stand(viewer):
    """Prometheus reads them with a viewer's token."""
    told = viewer.get("/metrics")
    assert told.headers["content-type"].startswith("text/plain; version=0.0.4")
    families = {each.name: each for each in text_string_to_metric_families(told.text)}
    due = {sample.labels["state"]: sample.value for sample in families["inkbatch_contacts"].samples}
    assert due["due"] == 10
    assert sum(due.values()) == 10
    assert families["inkbatch_budget_limit_seconds"].samples[0].value == 6000
    assert all(family.documentation for family in families.values())
    assert "+1" not in told.text
