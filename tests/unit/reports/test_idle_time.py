"""Hours in which nobody was called although people were left, and why."""

from datetime import timedelta

import pytest
from sqlalchemy import insert, update

from inkbatch.adapters.reports import campaign_figures, idle_frame, render
from inkbatch.adapters.reports.columns import IDLE
from inkbatch.adapters.store import tables
from inkbatch.adapters.store.rules import rules_as_json
from inkbatch.domain.calling_window import CallingWindow, Span
from inkbatch.domain.campaign import CampaignState

HOUR = timedelta(hours=1)


@pytest.fixture
def dialed(new_campaign, start):
    """Called at 7:00 in Los Angeles, where the window is open from 9 to 12; looked at at 13:00."""
    seeded = new_campaign("spring")
    seeded.attempt(seeded.contact(), "no_answer", reserved_at=start)
    seeded.save()
    window = CallingWindow(weekdays=((Span(9 * 60, 12 * 60),),) * 7)
    with seeded.engine.begin() as connection:
        rules = connection.execute(tables.campaign.select()).one().rules
        rules |= {"window": rules_as_json(window)}
        connection.execute(update(tables.campaign).values(rules=rules))
    return seeded


def idle(seeded, start, *, reason="nothing more to do now"):
    """The hours by reason, after a run of three hours that ended so."""
    with seeded.engine.begin() as connection:
        ended = {"ended_at": start + 3 * HOUR, "end_reason": reason}
        connection.execute(update(tables.shift).values(ended))
    figures = campaign_figures(seeded.engine, seeded.record, now=start + 6 * HOUR)
    told = figures.idle
    assert told.hours_dialed + sum(each.hours for each in told.reasons) == told.hours == 6
    assert told.hours_dialed == 1
    assert "Hours without a call" in render(figures)
    return {each.reason: each.hours for each in told.reasons}


@pytest.mark.parametrize(
    ("ended", "told"),
    [
        ("nothing more to do now", {"window_shut": 2, "nobody_due": 1, "no_run": 2}),
        ("5 dials failed in a row", {"window_shut": 2, "nobody_due": 1, "stopped": 2}),
        ("found dead: its lock was free", {"window_shut": 2, "no_run": 3}),
    ],
)
def test_each_hour_is_told_by_the_first_reason_that_holds(dialed, start, ended, told):
    """The window first, then whether a run was going, and how the one before it had ended."""
    assert idle(dialed, start, reason=ended) == told


def test_a_full_budget_is_told_before_the_run(dialed, start):
    """One call of one is used for 24 hours: no run could have called anybody."""
    with dialed.engine.begin() as connection:
        limits = {"calls_limit": 6, "minutes_limit": 100.0}
        connection.execute(insert(tables.organisation), {"name": "acme", **limits})
    assert idle(dialed, start) == {"window_shut": 2, "budget_full": 3}


def test_a_pause_is_told_from_when_it_began(dialed, start):
    """Whole hours after it; the hour before it was the run's."""
    said(dialed, CampaignState.PAUSED, at=start + 3 * HOUR)
    assert idle(dialed, start) == {"window_shut": 2, "nobody_due": 1, "paused": 2}


def test_a_pause_that_is_over_is_told_for_its_hours(dialed, start):
    """Said again with another reason; an hour in which it was resumed is not the pause's alone."""
    said(dialed, CampaignState.PAUSED, at=start + 3 * HOUR)
    said(dialed, CampaignState.PAUSED, at=start + 3.5 * HOUR)
    said(dialed, CampaignState.ACTIVE, at=start + 4.5 * HOUR)
    told = {"window_shut": 2, "nobody_due": 1, "paused": 1, "no_run": 1}
    assert idle(dialed, start) == told


def said(seeded, state, *, at):
    """Somebody says what the campaign shall be."""
    with seeded.engine.begin() as connection:
        row = {"campaign_id": seeded.record.id, "state": state, "at": at}
        connection.execute(insert(tables.campaign_state), row)


def test_nobody_left_is_no_idle_time(dialed, start):
    """Hours after the last attempt of a campaign that is done are not looked at."""
    with dialed.engine.begin() as connection:
        connection.execute(update(tables.contact).values(state="reached"))
    figures = campaign_figures(dialed.engine, dialed.record, now=start + 6 * HOUR)
    assert figures.idle.hours == 0


def test_idle_time_comes_as_a_typed_frame(dialed, start):
    """A row for each reason, and one without for the hours in which somebody was called."""
    frame = idle_frame(dialed.engine, [dialed.record], now=start + 3 * HOUR)
    assert {each.name: str(frame[each.name].dtype) for each in IDLE} == {
        each.name: each.kind.pandas for each in IDLE
    }
    told = frame.fillna({"hours": 0})
    assert dict(zip(told["reason"].astype("object").fillna("-"), told["hours"], strict=True)) == {
        "-": 1,
        "window_shut": 1,
        "nobody_due": 1,
    }
    assert len(idle_frame(dialed.engine, [], now=start)) == 0


def test_the_frame_says_what_the_report_says_of_a_long_campaign(new_campaign, start):
    """Sixty days of calls, of which both look at the last thirty, some hours of them full."""
    seeded = new_campaign("spring")
    for place in range(400):
        at = start + timedelta(hours=3.6 * place) + timedelta(days=place % 7 // 5)
        seeded.attempt(seeded.contact(), "no_answer", reserved_at=at)
    seeded.save()
    window = CallingWindow(weekdays=((Span(9 * 60, 18 * 60),),) * 7)
    with seeded.engine.begin() as connection:
        rules = connection.execute(tables.campaign.select()).one().rules
        connection.execute(
            update(tables.campaign).values(rules=rules | {"window": rules_as_json(window)})
        )
        limits = {"calls_limit": 11, "minutes_limit": 100.0}
        connection.execute(insert(tables.organisation), {"name": "acme", **limits})
    now = start + timedelta(days=62)
    told = campaign_figures(seeded.engine, seeded.record, now=now).idle
    assert told.hours == 30 * 24
    assert "budget_full" in {each.reason for each in told.reasons}
    frame = idle_frame(seeded.engine, [seeded.record], now=now).astype({"reason": "object"})
    of_frame = {each.reason: each.hours for each in frame[frame["reason"].notna()].itertuples()}
    assert of_frame == {each.reason: each.hours for each in told.reasons}
    assert frame.loc[frame["reason"].isna(), "hours"].tolist() == [told.hours_dialed]
