"""What an analyst gets of campaigns, on both databases, by the functions that the README names."""

import sqlite3
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta

import pandas as pd
import pyarrow as pa
import pytest
from sqlalchemy import insert

from inkbatch import frames
from inkbatch.adapters.reports import Wanted, attempts_table
from inkbatch.adapters.reports.columns import ATTEMPTS, BUDGET, CALLS, CONTACTS, schema_of
from inkbatch.adapters.store.budget_models import BudgetEntryRow
from inkbatch.adapters.store.models import (
    AttemptResultRow,
    AttemptRow,
    CallRow,
    CampaignRow,
    ContactRow,
    ListFileRow,
    ShiftRow,
)
from inkbatch.domain.errors import StoreError, UserMistake

START = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
DAY = timedelta(days=1)
OUTCOMES = ("answered", "no_answer", "voicemail", None)
KINDS = {
    "contacts": (frames.contacts, CONTACTS),
    "attempts": (frames.attempts, ATTEMPTS),
    "calls": (frames.calls, CALLS),
    "budget": (frames.budget, BUDGET),
}


@pytest.fixture
def url(store, database_url):
    """Two campaigns: four people each, one attempt each, a day apart; and a call of others."""
    with store.engine.begin() as connection:
        for campaign_id, name in ((1, "spring"), (2, "autumn's")):
            connection.execute(insert(CampaignRow), campaign_row(campaign_id, name))
            connection.execute(insert(ListFileRow), file_row(campaign_id))
            connection.execute(insert(ShiftRow), shift_row(campaign_id))
            for place, outcome in enumerate(OUTCOMES):
                for table, values in attempt_rows(campaign_id, place, outcome):
                    connection.execute(insert(table), values)
        connection.execute(insert(CallRow), call_row("theirs", None, at=START))
        connection.execute(insert(BudgetEntryRow), entry_row(None, None, at=START))
    return database_url


def campaign_row(campaign_id, name):
    return {
        "id": campaign_id,
        "organisation": "acme",
        "name": name,
        "folder": name,
        "state": "active",
        "rules": {},
        "changed_at": START,
    }


def file_row(campaign_id):
    return {
        "id": campaign_id,
        "campaign_id": campaign_id,
        "name": "people.csv",
        "sha256": f"{campaign_id}",
        "enrolled_at": START,
    }


def shift_row(campaign_id):
    return {
        "id": f"shift-{campaign_id}",
        "campaign_id": campaign_id,
        "lock_name": "lock",
        "host": "here",
        "pid": 1,
        "started_at": START,
    }


def attempt_rows(campaign_id, place, outcome):
    id_, number = campaign_id * 100 + place, f"+1212555{100 + campaign_id * 10 + place:04d}"
    at = START + place * DAY
    yield (
        ContactRow,
        {
            "id": id_,
            "campaign_id": campaign_id,
            "number": number,
            "zones": "Asia/Kathmandu|UTC" if place % 2 else "America/New_York",
            "fields": {"first_name": "Zoë", f"only_{place}": "x"} if place else {},
            "row_number": place + 2,
            "state": "waiting",
            "waits_until": START + 400 * 365 * DAY if place % 2 else START,
            "why": "no answer",
            "enrolled_at": at,
            "file_id": campaign_id,
        },
    )
    yield (
        AttemptRow,
        {
            "id": f"a-{id_}",
            "campaign_id": campaign_id,
            "contact_id": id_,
            "number": number,
            "from_number": "+14155550100",
            "ordinal": 1,
            "state": "ended" if outcome else "reserved",
            "shift_id": f"shift-{campaign_id}",
            "predicted_minutes": 1.0,
            "created_at": at,
            "reserved_at": at,
            "ended_at": at + timedelta(seconds=90) if outcome else None,
            "disposition": outcome,
            "talk_minutes": {"answered": 1.5, None: None}.get(outcome, 0.0),
        },
    )
    yield CallRow, call_row(f"c-{id_}", f"a-{id_}", at=at)
    yield BudgetEntryRow, entry_row(f"a-{id_}", campaign_id, at=at)
    if outcome == "answered":
        for sequence, (word, effect) in enumerate((("stop", "do_not_call"), ("later", "none"))):
            yield AttemptResultRow, result_row(id_, campaign_id, word, effect, sequence)


def call_row(call_id, attempt_id, *, at):
    return {
        "id": call_id,
        "attempt_id": attempt_id,
        "local_number": "+14155550100",
        "remote_number": "+12125550199",
        "direction": "outbound",
        "status": "completed",
        "created_at": at,
    }


def entry_row(attempt_id, campaign_id, *, at):
    return {
        "organisation": "acme",
        "source": "attempt" if attempt_id else "foreign",
        "attempt_id": attempt_id,
        "call_id": None if attempt_id else "theirs",
        "calls": 1,
        "minutes": 1.0,
        "campaign_id": campaign_id,
        "counts_from": at,
        "calls_until": at + DAY,
    }


def result_row(id_, campaign_id, word, effect, sequence):
    return {
        "attempt_id": f"a-{id_}",
        "result_id": f"r-{sequence}",
        "contact_id": id_,
        "campaign_id": campaign_id,
        "word": word,
        "effect": effect,
        "fields": {"slot": "Tue"},
        "transcript": [],
        "posted_at": START,
    }


@pytest.mark.parametrize("kind", KINDS)
def test_a_frame_is_an_arrow_table_of_its_documented_schema(url, kind):
    """The same call gives Arrow or pandas; the columns of the person's file come last."""
    load, columns = KINDS[kind]
    table = load(database_url=url, as_="arrow")
    own = tuple(name for name in table.column_names if name.startswith("field_"))
    assert table.schema.equals(schema_of(columns, own=own))
    assert (len(own) > 0) == (kind == "contacts")
    frame = load(database_url=url)
    assert len(frame) == table.num_rows == 8 + (kind in ("calls", "budget"))
    told = {column.name: column.kind.pandas for column in columns}
    assert {name: str(frame[name].dtype) for name in told} == told


def test_attempts_tell_what_is_stored(url):
    """Every column of one attempt, the hour where the person lives and the result that stands."""
    first = frames.attempts("spring", database_url=url).iloc[0].to_dict()
    missing = {name for name, value in first.items() if pd.isna(value)}
    assert missing == {"placed_at", "call_id", "reason", "call_back_at"}
    assert {name: first[name] for name in first.keys() - missing} == {
        "campaign": "spring",
        "attempt_id": "a-100",
        "contact_id": 100,
        "row_number": 2,
        "ordinal": 1,
        "state": "ended",
        "disposition": "answered",
        "from_number": "+14155550100",
        "number": "+12125550110",
        "zones": "America/New_York",
        "reserved_at": pd.Timestamp(START),
        "ended_at": pd.Timestamp(START + timedelta(seconds=90)),
        "local_hour": 10,
        "local_weekday": 0,
        "talk_minutes": 1.5,
        "result": "stop",
        "result_effect": "do_not_call",
        "result_fields": '{"slot": "Tue"}',
    }


def test_an_open_attempt_has_no_minutes_rather_than_none(url):
    """What is not known is missing, never 0."""
    last = frames.attempts("spring", state="reserved", database_url=url).iloc[-1]
    assert last[["disposition", "ended_at", "talk_minutes", "result"]].isna().all()
    assert (last["local_hour"], last["local_weekday"]) == (20, 3)


def test_a_contact_has_the_fields_of_its_own_row_only(url):
    """A column that one row lacks is missing there."""
    frame = frames.contacts("autumn's", database_url=url)
    assert frame["field_first_name"].fillna("").tolist() == ["", "Zoë", "Zoë", "Zoë"]
    assert frame["field_only_2"].notna().tolist() == [False, False, True, False]
    assert frame["state"].tolist() == ["due", "waiting", "due", "waiting"]
    assert frame["last_disposition"].tolist()[:3] == ["answered", "no_answer", "voicemail"]
    assert frame["last_disposition"].isna().tolist() == [False, False, False, True]
    assert frame["talk_minutes"].tolist() == [1.5, 0.0, 0.0, 0.0]


@pytest.mark.parametrize(
    ("kind", "asked", "rows"),
    [
        ("attempts", {"campaign": "autumn's"}, 4),
        ("attempts", {"campaign": ["spring", "autumn's"]}, 8),
        ("attempts", {"campaign": []}, 0),
        ("attempts", {"since": START + DAY}, 6),
        ("attempts", {"until": START + DAY}, 2),
        ("attempts", {"state": ["reserved", "placed"]}, 2),
        ("attempts", {"disposition": "answered", "campaign": "spring"}, 1),
        ("contacts", {"state": "due"}, 4),
        ("contacts", {"state": "waiting", "since": START + 2 * DAY}, 2),
        ("contacts", {"disposition": ["answered", "voicemail"]}, 4),
        ("calls", {"campaign": "spring"}, 4),
        ("calls", {"state": "failed"}, 0),
        ("calls", {"disposition": "no_answer"}, 2),
        ("budget", {"campaign": "spring"}, 4),
        ("budget", {"state": "foreign"}, 1),
        ("budget", {"disposition": "answered", "until": START + DAY}, 2),
    ],
)
def test_filters_leave_the_rest_out(url, kind, asked, rows):
    """By campaign, by time with the end left out, by state, by disposition, and all together."""
    assert len(KINDS[kind][0](**asked, database_url=url)) == rows


@pytest.mark.usefixtures("url")
def test_the_database_picks(store):
    """What is left out never leaves it: one row comes where one is asked for."""
    wanted = Wanted(campaign_ids=[1], since=START, until=START + DAY)
    assert attempts_table(store.engine, wanted).num_rows == 1


def test_calls_of_others_have_neither_campaign_nor_attempt(url):
    """They count, and are nobody's of ours."""
    frame = frames.calls(database_url=url).set_index("call_id")
    assert frame.loc["theirs", ["campaign", "attempt_id", "contact_id", "disposition"]].isna().all()
    assert Counter(frame["campaign"].dropna()) == {"spring": 4, "autumn's": 4}


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"state": "done"}, "'done' is none of: planned"),
        ({"disposition": ["answered", "x' OR 1=1"]}, "is none of: answered"),
        ({"since": datetime(2026, 3, 2)}, "has no time zone"),  # noqa: DTZ001 (the mistake itself)
        ({"as_": "excel"}, "choose pandas or arrow"),
        ({"campaign": "sprng"}, "It has: autumn's, spring"),
    ],
)
def test_what_cannot_be_asked_for_is_a_mistake(url, asked, said):
    """It names what there is."""
    with pytest.raises(UserMistake, match=said):
        frames.attempts(**asked, database_url=url)


def test_two_organisations_may_have_a_campaign_of_one_name(store, url):
    """A frame of all campaigns keeps the attempts of both."""
    with store.engine.begin() as connection:
        row = campaign_row(3, "spring") | {"organisation": "other"}
        connection.execute(insert(CampaignRow), row)
    assert len(frames.attempts(database_url=url)) == 8


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_text_that_first_comes_late_is_kept(store, url):
    """ADBC guesses the type of an SQLite column from its first values, here thousands of none."""
    with store.engine.begin() as connection:
        rows = [dict(attempt_rows(1, place, "failed"))[AttemptRow] for place in range(4, 6)]
        many = [
            rows[0] | {"id": f"m-{n}", "contact_id": 100, "reserved_at": START + n * DAY / 70_000}
            for n in range(70_000)
        ]
        late = rows[1] | {"id": "late", "contact_id": 100, "reason": "Ünder way", "call_id": "c"}
        connection.execute(insert(AttemptRow), many)
        connection.execute(insert(AttemptRow), late)
    frame = frames.attempts("spring", disposition="failed", database_url=url)
    assert len(frame) == 70_001
    assert frame.iloc[-1][["reason", "call_id"]].tolist() == ["Ünder way", "c"]


def test_a_database_that_breaks_off_is_a_store_error(store, url):
    """Half a table is never taken for a whole one."""
    with store.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE call_record RENAME TO elsewhere")
    try:
        with pytest.raises(StoreError, match=r"could not be read.*Nothing of it was changed"):
            frames.calls(database_url=url)
    finally:
        with store.engine.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE elsewhere RENAME TO call_record")


def test_reading_takes_no_lock_from_a_writer_of_this_process(sqlite_url):
    """A second SQLite library that closed the file here would let another process write."""
    path = sqlite_url.removeprefix("sqlite:///")
    writer = sqlite3.connect(path, isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    assert frames.attempts(database_url=sqlite_url).empty
    other = (
        "import sqlite3, sys\n"
        "sqlite3.connect(sys.argv[1], isolation_level=None, timeout=0).execute('BEGIN IMMEDIATE')"
    )
    ended = subprocess.run([sys.executable, "-c", other, path], capture_output=True, check=False)
    writer.close()
    assert b"database is locked" in ended.stderr


def test_arrow_goes_on_to_other_libraries(url):
    """Polars and DuckDB take it by its capsule."""
    table = frames.attempts("spring", database_url=url, as_="arrow")
    assert isinstance(table, pa.Table)
    assert hasattr(table, "__arrow_c_stream__")
