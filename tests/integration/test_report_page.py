"""The report page of a campaign that went through the real store, as a file and as HTML."""

import re
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest

from inkbatch import frames
from inkbatch.adapters.reports import write_report
from inkbatch.adapters.store import SqlStore
from inkbatch.domain.attempt import Attempt, AttemptState
from inkbatch.domain.budget import BUDGET_WINDOW, Need
from inkbatch.domain.call import Call
from inkbatch.domain.call_list import CallList, Columns
from inkbatch.domain.calling_window import CallingWindow, Span
from inkbatch.domain.campaign import BudgetRules, Campaign, FromNumber
from inkbatch.domain.contact import ContactState
from inkbatch.domain.errors import StoreError, UserMistake
from inkbatch.domain.list_row import Row, RowStatus
from inkbatch.domain.pacing import Pacing
from inkbatch.domain.result import Effect, Party, Result, Spoken
from inkbatch.domain.retry_policy import RetryPolicy
from inkbatch.domain.row_batch import RowBatch
from inkbatch.ports import CampaignRecord, ShiftRecord, Transaction

START = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
NOW = START + timedelta(days=2)
HOSTILE = "<script>alert('x')</script>"
PEOPLE = 40


@pytest.fixture
def record(store: SqlStore) -> CampaignRecord:
    """A campaign that was saved and not yet enrolled anybody."""
    with store.transaction() as tx:
        return tx.save_campaign(
            a_campaign(), organisation="acme", folder="campaigns/spring", now=START
        )


def a_campaign() -> Campaign:
    return Campaign(
        name="spring & <b>summer</b>",
        call_list="people.csv",
        columns=Columns(phone="phone"),
        default_region="US",
        from_numbers=(FromNumber(number="+14155550100"),),
        client_websocket_url=None,
        webhook_url=None,
        window=CallingWindow(weekdays=((Span(0, 24 * 60),),) * 7),
        retry=RetryPolicy(attempts_max=3, delays={}),
        pacing=Pacing(calls_at_once=5, calls_per_minute=None),
        budget=BudgetRules(),
    )


def call_list() -> CallList:
    accepted = tuple(
        Row(
            row_number=number + 2,
            status=RowStatus.ACCEPTED,
            number=f"+1212555{100 + number:04d}",
            zones=("America/New_York",),
            fields={"first_name": HOSTILE},
        )
        for number in range(PEOPLE)
    )
    rejected = Row(
        row_number=PEOPLE + 2, status=RowStatus.REJECTED, reason=f"no phone number: {HOSTILE}"
    )
    rows = (*accepted, rejected)
    return CallList(
        name="people.csv", sha256="a" * 64, columns=("phone",), batches=(RowBatch(others=rows),)
    )


def dial_everybody(store: SqlStore, record: CampaignRecord) -> None:
    """Every other person answers, the rest do not pick up; the last goes to review."""
    with store.transaction(organisation="acme") as tx:
        tx.enroll(record.id, call_list(), now=START)
        shift = ShiftRecord(id="shift", campaign_id=record.id, lock_name="acme", started_at=START)
        tx.start_shift(shift, host="here", pid=1)
        contacts = tx.due_contacts(
            record.id, zones=[("America/New_York",)], now=START, limit=PEOPLE
        )
        for place, contact in enumerate(contacts):
            dial(tx, contact.id, contact.number, place=place, campaign_id=record.id)


def dial(tx: Transaction, contact_id: int, number: str, *, place: int, campaign_id: int) -> None:
    at = START + timedelta(minutes=7 * place)
    planned = Attempt(
        id=f"attempt-{place}",
        campaign_id=campaign_id,
        contact_id=contact_id,
        number=number,
        from_number="+14155550100",
        ordinal=1,
        state=AttemptState.PLANNED,
        shift_id="shift",
        predicted_minutes=1.0,
        created_at=at,
    )
    answered = place % 2 == 0
    reserved = planned.reserve(at=at, shift_id="shift", from_number="+14155550100")
    call = a_call(place, number, at=at, answered=answered)
    ended = reserved.accept(call, at=at, look_at=at).hang_up(call, at=at)
    tx.add_attempts([ended])
    tx.reserve_budget(
        "acme",
        attempt_id=ended.id,
        campaign_id=ended.campaign_id,
        need=Need(minutes=1.0, minutes_max=10.0),
        now=at,
    )
    until = at + BUDGET_WINDOW
    tx.settle_call(ended.id, until=until)
    tx.settle_minutes(ended.id, minutes=ended.talk_minutes or 0.0, until=until)
    state = ContactState.REACHED if answered else ContactState.EXHAUSTED
    if place == PEOPLE - 1:
        state = ContactState.REVIEW
    tx.set_contact(contact_id, state, until=at, why=f"{HOSTILE} {ended.disposition}")
    if answered:
        tx.add_result(a_result(ended.id, posted_at=at), attempt=ended)


def a_result(attempt_id: str, *, posted_at: datetime) -> Result:
    said = Spoken(party=Party.REMOTE, text=f"{attempt_id} says {HOSTILE}", ts_ms=61_000)
    return Result(
        id="once",
        attempt_id=attempt_id,
        word="confirmed",
        effect=Effect.SUCCESS,
        posted_at=posted_at,
        transcript=(said,),
    )


def a_call(place: int, number: str, *, at: datetime, answered: bool) -> Call:
    return Call(
        id=f"call-{place}",
        phone_number_id=None,
        local_number="+14155550100",
        remote_number=number,
        direction="outbound",
        status="completed",
        hangup_reason=None,
        client_websocket_url=None,
        created_at=at,
        started_at=at if answered else None,
        ended_at=at + timedelta(minutes=2),
    )


@pytest.fixture
def page(store: SqlStore, record: CampaignRecord, tmp_path: Path) -> str:
    dial_everybody(store, record)
    path = write_report(store.engine, record, to=tmp_path / "report.html", now=NOW)
    return path.read_text(encoding="utf-8")


class Outline(HTMLParser):
    """Which elements a page has, which of them are left open, and what it says."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.texts: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []

    def handle_starttag(self, tag, attrs):
        """An element begins; only meta has no end."""
        self.tags.append(tag)
        self.attributes += attrs
        if tag != "meta":
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        """A shape of a chart, closed at once."""
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag):
        """Elements end in the order in which they are nested."""
        assert self.open.pop() == tag

    def handle_data(self, data):
        """What a reader sees."""
        self.texts.append(data)


def outline(page: str) -> Outline:
    parser = Outline()
    parser.feed(page)
    parser.close()
    return parser


def test_the_page_tells_what_came_of_the_campaign(page: str):
    """The headline is the sentence a person wants, and the figures are those of the store."""
    said = " ".join(" ".join(outline(page).texts).split())
    assert "20 of 40 people were reached in 1 day of calling." in said
    assert "Monday 12:00 to 13:00: 5 of 9 answered (56%)" in said
    assert "1 row of the file is nobody's to call" in said
    assert "The most in use at any time: 40 of 100." in said
    assert "Of the 20 people reached on an answered call, until that call." in said
    assert "From enrolment 2.2 hours 4.0 hours From the first attempt at once at once" in said
    assert "Answered 20 2.00 2.00" in said


def test_the_page_tells_what_was_said_on_the_latest_calls(page: str):
    """From either database; the time is that of the call where the person lives."""
    said = " ".join(" ".join(outline(page).texts).split())
    assert "The latest 12 talks with a transcript" in said
    call = "Mon 2 Mar 2026, 16:26 EST +1•••••••0138 confirmed reached 2.0 min"
    assert f"{call} Callee 1:01 attempt-38 says {HOSTILE}" in said
    assert "attempt-16 says" in said
    assert "attempt-14 says" not in said


def test_the_page_asks_the_network_for_nothing(page: str):
    """No address, script, style sheet or font of elsewhere; a policy in the page forbids them."""
    found = outline(page)
    assert not re.search(r"https?://|//[a-z]|url\(|@import", page)
    assert not {"script", "link", "iframe", "img", "object", "form"} & set(found.tags)
    assert not {"src", "href", "xlink:href"} & {name for name, _ in found.attributes}
    assert "default-src 'none'; style-src 'unsafe-inline'" in page


def test_what_a_file_says_is_shown_as_text(page: str):
    """Names and reasons come from strangers; none of them becomes part of the page."""
    assert "<script" not in page
    assert "<b>summer" not in page
    assert "&lt;script&gt;" in page
    assert not [name for name, _ in outline(page).attributes if name.startswith("on")]


def test_the_page_shows_no_phone_number(page: str):
    """People are told apart by row and contact id."""
    assert not re.search(r"\+?1?212555", page)


def test_every_element_is_closed_and_every_chart_is_told_in_words(page: str):
    """The page is whole, and its charts can be heard."""
    found = outline(page)
    assert found.open == []
    charts = page.count('role="img"')
    assert charts >= 7
    assert found.tags.count("desc") == charts
    assert not re.search(r"<desc[^>]*>\s*</desc>", page)


def test_an_empty_campaign_has_a_page_that_says_so(
    store: SqlStore, record: CampaignRecord, tmp_path: Path
):
    """A report before the first row is no error."""
    path = write_report(store.engine, record, to=tmp_path, now=NOW)
    assert path.name == "report.html"
    page = path.read_text(encoding="utf-8")
    assert "No call list has been read yet, so there is nobody to call." in page
    assert outline(page).open == []


def test_a_campaign_before_its_first_call_has_a_page(
    store: SqlStore, record: CampaignRecord, tmp_path: Path
):
    """Enrolled and not yet dialed: who waits, and how long it will take."""
    with store.transaction() as tx:
        tx.enroll(record.id, call_list(), now=START)
    page = write_report(store.engine, record, to=tmp_path / "r.html", now=NOW).read_text("utf-8")
    assert "40 people on the list, nobody called yet." in page
    assert "still to be reached" in page


def test_the_frames_of_the_package_find_a_campaign_by_name(
    store: SqlStore, record: CampaignRecord, database_url: str
):
    """An analyst needs a name and nothing else."""
    dial_everybody(store, record)
    attempts = frames.attempts(record.name, database_url=database_url)
    contacts = frames.contacts(record.name, database_url=database_url)
    assert (len(attempts), len(contacts)) == (PEOPLE, PEOPLE)
    assert contacts["talk_minutes"].sum() == attempts["talk_minutes"].sum() == 40.0


def test_an_unknown_campaign_is_a_mistake_that_names_the_known(
    record: CampaignRecord, database_url: str
):
    """A mistyped name is answered with those there are."""
    with pytest.raises(UserMistake, match=f"It has: {record.name}"):
        frames.attempts("sprng", database_url=database_url)


def test_a_missing_database_is_not_made(tmp_path: Path):
    """Looking at a mistyped path leaves nothing behind."""
    path = tmp_path / "typo.db"
    with pytest.raises(UserMistake, match="no database file"):
        frames.contacts("spring", database_url=f"sqlite:///{path}")
    assert not path.exists()


def test_a_file_that_is_no_database_is_a_store_error(tmp_path: Path):
    """One sentence, as for every database that cannot be used."""
    path = tmp_path / "notes.db"
    path.write_text("these are notes, not a database" * 100)
    with pytest.raises(StoreError):
        frames.contacts("spring", database_url=f"sqlite:///{path}")
