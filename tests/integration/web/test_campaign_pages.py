"""Pages of a campaign: nothing starts unasked, tables are paged by key, viewers see masks."""

import asyncio
import re
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from inkbatch.adapters.store import tables
from inkbatch.domain.contact import ContactState
from inkbatch.web.access import Person, Role
from inkbatch.web.campaigns.report import ReportPages
from inkbatch.web.office import Reports

ATTEMPTS = 120


def test_nothing_is_dialed_before_start(enrolled):
    """Preparing, looking, pausing and resuming by a page without a key start no process."""
    with enrolled.visitor() as client:
        for path in ("", "/start", "/people", "/attempts", "/report", "/setup"):
            assert client.get(f"/campaigns/reminders{path}").status_code == 200, path
    assert not enrolled.office.runs.is_running(enrolled.office.folder / "reminders")
    with enrolled.office.store.reading() as tx:
        assert tx.counts(1, now=datetime.now(UTC)).attempts == {}


def test_canceled_is_for_good(enrolled):
    """A canceled campaign cannot be resumed."""
    with enrolled.visitor() as client:
        assert client.post("/campaigns/reminders/cancel").status_code == 303
        answer = client.post("/campaigns/reminders/resume")
    assert answer.status_code == 409
    assert "for good" in answer.text


@pytest.mark.parametrize(
    ("decision", "state"),
    [("call-again", "waiting"), ("reached", "reached"), ("call-no-more", "withdrawn")],
)
def test_a_person_decides_on_the_page_what_nobody_can_tell(enrolled, decision, state):
    """Once, by an operator alone; the log says who."""
    store, path = enrolled.office.store, f"/campaigns/reminders/people/1/{decision}"
    with store.transaction() as tx:
        tx.set_contact(1, ContactState.REVIEW, until=datetime.now(UTC), why="nobody can tell")
    with enrolled.visitor() as operator, enrolled.visitor(Role.VIEWER) as viewer:
        assert decision in operator.get("/campaigns/reminders/people/1").text
        assert decision not in viewer.get("/campaigns/reminders/people/1").text
        assert viewer.post(path).status_code == 403
        assert [operator.post(path).status_code for _ in range(2)] == [303, 409]
        assert "person 1" in operator.get("/activity").text
    with store.reading() as tx:
        assert tx.contact(1).state == state


def test_the_page_tells_what_to_expect(enrolled):
    """When it will be done, for viewers too; a campaign file that is broken is told instead."""
    path = "/campaigns/reminders/forecast"
    with enrolled.visitor(Role.VIEWER) as client:
        assert path in client.get("/campaigns/reminders").text
        told = client.get(path)
    assert told.status_code == 200
    assert "Done by" in told.text
    assert "of 10 people" in told.text


def test_a_broken_campaign_file_is_told_in_place_of_the_forecast(enrolled):
    """The page stands; only this part of it says what to mend."""
    (enrolled.office.folder / "reminders" / "campaign.toml").write_text("name = ", "utf-8")
    with enrolled.visitor() as client:
        told = client.get("/campaigns/reminders/forecast")
    assert (told.status_code, "cannot be told" in told.text) == (200, True)


@pytest.fixture
def called(enrolled):
    """The same campaign with many attempts, several at the very same time."""
    began = datetime(2026, 11, 2, 9, tzinfo=UTC)
    rows = [
        {
            "id": f"attempt-{place:04d}",
            "campaign_id": 1,
            "contact_id": place % 10 + 1,
            "number": f"+121255501{place % 10:02d}",
            "from_number": "+14155550100",
            "ordinal": place // 10 + 1,
            "state": "ended",
            "shift_id": "shift",
            "predicted_minutes": 1.0,
            "created_at": began,
            "reserved_at": began + timedelta(minutes=place // 7),
            "ended_at": began + timedelta(minutes=place // 7 + 1),
            "looks": 0,
            "disposition": "answered" if place % 3 else "no_answer",
        }
        for place in range(ATTEMPTS)
    ]
    with enrolled.office.store.engine.begin() as connection:
        connection.execute(
            tables.shift.insert(),
            {
                "id": "shift",
                "campaign_id": 1,
                "lock_name": "x",
                "host": "here",
                "pid": 1,
                "started_at": began,
                "ended_at": began,
            },
        )
        connection.execute(tables.attempt.insert(), rows)
    return enrolled


def test_paging_shows_each_attempt_once(called):
    """Page after page, every attempt is there once, the latest first, whatever shares its time."""
    seen, path = [], "/campaigns/reminders/attempts"
    with called.visitor() as client:
        while path:
            text = client.get(path).text
            seen += re.findall(r"row (\d+)</span>", text)
            more = re.search(r'hx-get="([^"]*after=[^"]*)"', text)
            path = more and more[1].replace("&amp;", "&")
    assert len(seen) == ATTEMPTS


def test_a_filter_and_a_search_hold_on_every_page(called):
    """Only what was asked for comes, also behind the first page."""
    with called.visitor() as client:
        found = client.get("/campaigns/reminders/attempts", params={"outcome": "no_answer"}).text
        of_one = client.get("/campaigns/reminders/attempts", params={"q": "55 01-03"}).text
    assert found.count("row ") == 40
    assert of_one.count(">+1•••••••0103<") == 12


@pytest.mark.parametrize("after", ["x", "2026-01-01_x", "2026-01-01T00:00:00+00:00", "_"])
def test_a_made_up_place_is_no_server_error(called, after):
    """An address that was tampered with is answered, not crashed on."""
    with called.visitor() as client:
        answer = client.get("/campaigns/reminders/attempts", params={"after": after})
    assert answer.status_code in (200, 404)


@pytest.mark.parametrize("slug", ["..", "%2e%2e", "no such", "~99", "reminders%2F..", ".uploads"])
def test_there_is_no_campaign_outside_the_folder(page, slug):
    """Whatever is asked for, only folders of campaigns are."""
    with page.visitor() as client:
        assert client.get(f"/campaigns/{slug}/setup").status_code == 404


def test_the_stream_sends_every_part_at_once(enrolled):
    """Whoever opens the live page gets all of its parts, and then what changes."""
    with (
        enrolled.visitor() as client,
        client.stream("GET", "/campaigns/reminders/events") as answer,
    ):
        assert answer.headers["content-type"].startswith("text/event-stream")
        lines = answer.iter_lines()
        events = set()
        while len(events) < 6:
            line = next(lines)
            if line.startswith("event: "):
                events.add(line)
        enrolled.office.runs.is_running(enrolled.office.folder)
        with enrolled.visitor() as other:
            other.post("/campaigns/reminders/pause")
        told = next(line for line in lines if "Resume" in line)
    assert "resume" in told


def test_the_suppression_list_is_kept_by_the_page(page):
    """Numbers are added, found, imported, given out and taken off, and viewers see masks."""
    with page.visitor() as client, page.visitor(Role.VIEWER) as viewer:
        client.post("/never-call", data={"number": "+1 212 555 0142", "reason": "=asked us"})
        bad = client.post("/never-call", data={"number": "12"})
        content = b"phone,reason\n+12125550143,law\n"
        brought = client.post("/never-call/import", params={"name": "dnc.csv"}, content=content)
        half = client.post(
            "/never-call/import", params={"name": "x.csv"}, content=content + b"7,\n"
        )
        shown = client.get("/never-call", params={"q": "0142"}).text
        masked = viewer.get("/never-call").text
        given = client.get("/never-call/export.csv").text
        client.post("/never-call/remove", data={"number": "+12125550142"})
        left = client.get("/never-call").text
    assert (bad.status_code, brought.status_code, half.status_code) == (422, 200, 422)
    assert "+12125550142" in shown
    assert "+12125550143" not in shown
    assert "+1212555" not in masked
    assert "'=asked us" in given
    assert "+12125550142" not in left
    assert "+12125550143" in left


def test_campaigns_stand_beside_each_other(enrolled):
    """A viewer may see it; where there is one campaign the page says that it is alone."""
    with enrolled.visitor(Role.VIEWER) as client:
        answer = client.get("/compare")
    assert answer.status_code == 200
    assert "reminders" in answer.text
    assert "nothing to set it beside" in answer.text


@dataclass
class Counted:
    """Reports that count how often one is made."""

    reports: Reports
    made: list[str] = field(default_factory=list)

    def write_page(self, record, *, to, with_talks):
        """Write it, and count."""
        self.made.append("page")
        return self.reports.write_page(record, to=to, with_talks=with_talks)

    def figures(self, record):
        """Return them, and count."""
        self.made.append("figures")
        return self.reports.figures(record)


def test_a_report_is_worked_out_once_for_all_who_look(enrolled):
    """Ten people who open it together cost what one costs; all of a role have the same."""
    counted = Counted(enrolled.office.reports)
    people = [Person(name="Maria", role=role) for role in Role for _ in range(5)]

    async def together():
        pages = ReportPages(office=replace(enrolled.office, reports=counted))
        shown = await asyncio.gather(*(pages.page("reminders", person=each) for each in people))
        told = await asyncio.gather(*(pages.figures("reminders") for _ in range(10)))
        return shown, told

    shown, told = asyncio.run(together())
    assert counted.made == ["page", "page", "figures"]
    assert shown == [page for page in (shown[0], shown[-1]) for _ in range(5)]
    assert told == told[:1] * 10
