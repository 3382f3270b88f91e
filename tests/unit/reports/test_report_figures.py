"""The figures add up, over any campaign."""

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inkbatch.adapters.reports import campaign_figures, rows_frame
from inkbatch.domain.contact import ContactState
from inkbatch.domain.disposition import RANG, Disposition

STATES = [state for state in ContactState if state != ContactState.DUE]
OUTCOMES = st.sampled_from(list(Disposition))
PEOPLE = st.lists(
    st.fixed_dictionaries(
        {
            "state": st.sampled_from(STATES),
            "zones": st.sampled_from(["Asia/Kathmandu", "America/New_York|UTC", "Europe/London"]),
            "outcomes": st.lists(st.tuples(OUTCOMES, st.integers(0, 5_000)), max_size=4),
            "is_open": st.booleans(),
        }
    ),
    max_size=12,
)
OTHER_ROWS = st.lists(st.sampled_from(["rejected", "duplicate", "suppressed"]), max_size=4)


@pytest.fixture
def seed(new_campaign, start):
    """Write people with their attempts, at minutes after the start, as one more campaign."""
    ids = count()

    def write(people, other_rows):
        campaign = new_campaign(f"campaign {next(ids)}")
        for person in people:
            contact = campaign.contact(person["state"], zones=person["zones"])
            for outcome, minute in person["outcomes"]:
                campaign.attempt(contact, outcome, reserved_at=start + timedelta(minutes=minute))
            if person["is_open"]:
                campaign.attempt(contact)
        for status in other_rows:
            campaign.row(status, reason=f"{status} for a reason")
        campaign.save()
        return campaign

    return write


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(people=PEOPLE, other_rows=OTHER_ROWS)
def test_the_sums_agree_with_one_another_and_with_the_frames(seed, now, people, other_rows):
    """No row, contact or attempt is counted twice or not at all, whatever the campaign."""
    campaign = seed(people, other_rows)
    figures = campaign_figures(campaign.engine, campaign.record, now=now)
    rows = rows_frame(campaign.engine, campaign.record.id)
    made = sum(len(person["outcomes"]) + person["is_open"] for person in people)
    rung = sum(outcome in RANG for person in people for outcome, _ in person["outcomes"])
    assert figures.rows_total == len(people) + len(other_rows) == len(rows)
    assert figures.contacts_total == len(people) == figures.rows.get("accepted", 0)
    states = Counter(person["state"] for person in people)
    states[ContactState.DUE] = states.pop(ContactState.WAITING, 0)  # their time has come
    assert figures.contacts == {state: count for state, count in states.items() if count}
    assert figures.attempts_ended + sum(figures.open_attempts.values()) == made
    assert sum(figures.attempts_per_contact.values()) == len(people)
    assert sum(n * count for n, count in figures.attempts_per_contact.items()) == made
    assert sum(each.attempts for each in figures.tries) == made
    assert sum(each.answer_rate.cases for each in figures.hours) == rung
    assert sum(each.answer_rate.hits for each in figures.hours) == figures.answer_rate.hits
    assert figures.answer_rate.cases == rung
    talked = sum(outcome == "answered" for person in people for outcome, _ in person["outcomes"])
    assert figures.minutes_total == pytest.approx(1.5 * talked)
    assert sum(reason.count for reason in figures.set_aside) == len(other_rows)
    given_up = len(people) - figures.contacts_left - figures.reach_rate.hits
    assert sum(reason.count for reason in figures.not_reached) == given_up
    assert json.loads(json.dumps(figures.as_dict()))["rows"] == figures.rows


def test_an_empty_campaign_has_figures(campaign, now):
    """Before the first row everything is nought or not known, and nothing fails."""
    figures = campaign_figures(campaign.engine, campaign.record, now=now)
    assert (figures.rows_total, figures.contacts_total, figures.attempts_ended) == (0, 0, 0)
    assert figures.forecast is None
    assert figures.answer_rate.share is None
    assert figures.budget.points == ()


@pytest.mark.parametrize("disposition", ["blocked", "refused", "invalid", "unknown", "dial_failed"])
def test_what_did_not_ring_is_not_in_the_answer_rate(campaign, now, disposition):
    """A refusal by Inkbox says nothing about how people answer."""
    campaign.attempt(campaign.contact(), disposition)
    campaign.attempt(campaign.contact(), "answered")
    campaign.save()
    rate = campaign_figures(campaign.engine, campaign.record, now=now).answer_rate
    assert (rate.hits, rate.cases) == (1, 1)


def test_hours_are_those_of_the_first_zone(campaign, now):
    """18:20 UTC is 00:05 of the next day in Kathmandu, whose clock stands at +5:45."""
    at = datetime(2026, 3, 2, 18, 20, tzinfo=UTC)
    campaign.attempt(campaign.contact(zones="Asia/Kathmandu"), "answered", reserved_at=at)
    campaign.save()
    hours = campaign_figures(campaign.engine, campaign.record, now=now).hours
    called = [(each.weekday, each.hour) for each in hours if each.answer_rate.cases]
    assert called == [(1, 0)]


def test_budget_use_falls_exactly_a_window_later(campaign, start, now):
    """A call counts from its reservation until its own end, to the microsecond."""
    campaign.attempt(campaign.contact(), "answered", talk_minutes=2.0)
    later = start + timedelta(hours=1)
    campaign.attempt(campaign.contact(), "answered", reserved_at=later, talk_minutes=3.0)
    campaign.save()
    use = campaign_figures(campaign.engine, campaign.record, now=now).budget
    day, minute = timedelta(days=1), timedelta(minutes=1)
    assert [(point.at, point.calls, point.minutes) for point in use.points] == [
        (start, 1, 2.0),
        (later, 2, 5.0),
        (start + day, 1, 5.0),
        (start + day + minute, 1, 3.0),
        (later + day, 0, 3.0),
        (later + day + minute, 0, 0.0),
    ]
    assert (use.peak_calls, use.peak_minutes) == (2, 5.0)
    assert (use.usable.calls, use.usable.minutes) == (95, 98.0)


def test_thinned_points_keep_the_peak(campaign, start):
    """However many points are left out of the chart, the highest use is among those shown."""
    for n in range(400):
        at = start + timedelta(minutes=20 * n)
        campaign.attempt(campaign.contact(), "voicemail", reserved_at=at, talk_minutes=0.1)
    burst = start + timedelta(days=3, seconds=1)
    for _ in range(30):
        campaign.attempt(campaign.contact(), "voicemail", reserved_at=burst, talk_minutes=0.1)
    campaign.save()
    now = start + timedelta(days=9)
    use = campaign_figures(campaign.engine, campaign.record, now=now).budget
    assert len(use.points) < 800
    assert max(point.calls for point in use.points) == use.peak_calls == 102


def test_what_is_left_is_told_until_nobody_is(campaign, now):
    """Who still waits is counted, whatever forecast there is."""
    waiting = campaign.contact(attempts_used=1)
    campaign.attempt(waiting, "no_answer")
    campaign.save()
    figures = campaign_figures(campaign.engine, campaign.record, now=now)
    assert figures.contacts_left == 1
    assert figures.forecast is None


def test_the_review_queue_names_the_latest_unknown_attempt(campaign, now):
    """A contact released once and unknown again stands in the queue once."""
    contact = campaign.contact("review")
    campaign.attempt(contact, "unknown")
    latest = campaign.attempt(contact, "unknown")
    campaign.save()
    queue = campaign_figures(campaign.engine, campaign.record, now=now).review
    assert [(item.contact_id, item.attempt_id) for item in queue] == [(contact, latest)]
