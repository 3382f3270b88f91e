"""Campaign beside campaign: the figures, the frames and what is said in words."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert
from typer.testing import CliRunner

from inkbatch import frames
from inkbatch.adapters.reports import compare
from inkbatch.adapters.reports.columns import COMPARISON, OUTCOMES, TIMES_TO_REACH
from inkbatch.adapters.store.tables import attempt, campaign, contact, shift
from inkbatch.cli import app

START = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def seed(store, name, *, answered, unanswered, ordinal=1):
    """A campaign of one ended attempt per person, an hour after the enrolment."""
    with store.engine.begin() as connection:
        row = {"organisation": "acme", "name": name, "folder": ".", "state": "active"}
        row |= {"priority": 0, "rules": {}, "changed_at": START}
        id_ = connection.execute(insert(campaign).returning(campaign.c.id), row).scalar_one()
        owner = {"id": name, "campaign_id": id_, "lock_name": name, "host": "here", "pid": 1}
        connection.execute(insert(shift), owner | {"started_at": START})
        for place in range(answered + unanswered):
            person = id_ * 1_000 + place
            is_answered, number = place < answered, f"+1212555{id_}{place:03d}"
            values = {"id": person, "campaign_id": id_, "number": number, "zones": "UTC"}
            values |= {"fields": {}, "row_number": place + 2, "why": "tried", "enrolled_at": START}
            values |= {"waits_until": START, "state": "reached" if is_answered else "exhausted"}
            connection.execute(insert(contact), values | {"priority": 0, "attempts_used": ordinal})
            made = {"id": f"{name}-{place}", "campaign_id": id_, "contact_id": person}
            made |= {"number": number, "from_number": "+14155550100", "ordinal": ordinal}
            made |= {"state": "ended", "shift_id": name, "predicted_minutes": 1.0, "looks": 0}
            made |= {"created_at": START, "reserved_at": START + HOUR}
            made |= {"disposition": "answered" if is_answered else "no_answer"}
            made |= {"talk_minutes": 2.0 if is_answered else 0.0}
            connection.execute(insert(attempt), made)


def compared(store):
    with store.reading() as tx:
        records = tx.campaigns()
    return compare(store.engine, records)


def test_each_campaign_has_what_a_person_reached_took(store, database_url):
    """Calls and minutes are for each person reached, rates of all contacts and rung phones."""
    seed(store, "autumn", answered=2, unanswered=6)
    seed(store, "empty", answered=0, unanswered=0)
    first, none = compared(store).campaigns
    assert (first.reached.hits, first.reached.cases) == (2, 8)
    assert (first.answers.hits, first.answers.cases) == (2, 8)
    assert (first.calls, first.minutes) == (8, 4.0)
    assert (first.calls_per_reached, first.minutes_per_reached) == (4.0, 2.0)
    assert first.dispositions == {"answered": 2, "no_answer": 6}
    assert (none.reached.share, none.calls_per_reached, none.minutes_per_reached) == (None,) * 3
    plain = json.loads(json.dumps(compared(store).as_dict()))
    assert plain["campaigns"][0]["reached"]["share"] == 0.25

    frame = frames.comparison("autumn", database_url=database_url)
    assert {each.name: str(frame[each.name].dtype) for each in COMPARISON} == {
        each.name: each.kind.pandas for each in COMPARISON
    }
    assert frame.iloc[0]["calls_per_reached"] == 4.0
    every = frames.comparison(database_url=database_url).set_index("campaign")
    assert every["answer_share"].isna().to_dict() == {"autumn": False, "empty": True}


def test_words_are_said_only_of_a_difference_beyond_chance(store):
    """Thirty of forty against ten of forty is told; nine of twenty against eleven is not."""
    seed(store, "bright", answered=30, unanswered=10)
    seed(store, "dull", answered=10, unanswered=30)
    (sentence,) = compared(store).said
    assert sentence.startswith("bright is answered more often than dull")
    assert "30 of 40 phones that rang, against 10 of 40" in sentence


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"answered": 9, "unanswered": 11}, {"answered": 11, "unanswered": 9}),
        ({"answered": 3, "unanswered": 0}, {"answered": 0, "unanswered": 3}),
        ({"answered": 30, "unanswered": 10}, {"answered": 10, "unanswered": 30, "ordinal": 2}),
    ],
    ids=["by chance", "too few", "first tries beside second tries"],
)
def test_nothing_is_said_that_the_data_does_not_bear(store, first, second):
    """Neither of chance, nor of few, nor of tries that cannot be set beside each other."""
    seed(store, "one", **first)
    seed(store, "two", **second)
    assert compared(store).said == ()


def test_figures_come_as_typed_frames(store, database_url):
    """Outcomes add up to the attempts; times are those until the answered attempt."""
    seed(store, "autumn", answered=2, unanswered=6)
    outcomes = frames.outcomes("autumn", database_url=database_url)
    assert outcomes[["ordinal", "disposition", "attempts", "minutes"]].values.tolist() == [
        [1, "answered", 2, 4.0],
        [1, "no_answer", 6, 0.0],
    ]
    took = frames.times_to_reach(database_url=database_url)
    assert took["hours_from_enrolment"].tolist() == [1.0, 1.0]
    assert took["hours_from_first_attempt"].tolist() == [0.0, 0.0]
    assert took["reached_at"].tolist() == [START + HOUR] * 2
    for frame, columns in ((outcomes, OUTCOMES), (took, TIMES_TO_REACH)):
        told = {each.name: each.kind.pandas for each in columns}
        assert {name: str(frame[name].dtype) for name in told} == told


@pytest.mark.usefixtures("store")
def test_frames_of_no_campaign_are_empty_and_typed(database_url):
    """A new database has the columns, and no row."""
    for load, columns in (
        (frames.comparison, COMPARISON),
        (frames.outcomes, OUTCOMES),
        (frames.times_to_reach, TIMES_TO_REACH),
    ):
        frame = load(database_url=database_url)
        assert len(frame) == 0
        assert [str(frame[each.name].dtype) for each in columns] == [
            each.kind.pandas for each in columns
        ]


def test_the_command_line_sets_them_beside_each_other(store, database_url):
    """A line for each campaign and one sentence; `--json` gives the same figures to scripts."""
    seed(store, "bright", answered=30, unanswered=10)
    seed(store, "dull", answered=10, unanswered=30)
    environment = {"INKBATCH_DATABASE_URL": database_url, "COLUMNS": "200"}
    runner = CliRunner()
    told = runner.invoke(app, ["compare", "--json"], env=environment, catch_exceptions=False)
    assert [each["campaign"] for each in json.loads(told.stdout)["campaigns"]] == ["bright", "dull"]
    one = runner.invoke(app, ["compare", "dull", "--json"], env=environment)
    assert [each["calls"] for each in json.loads(one.stdout)["campaigns"]] == [40]
