"""What a forecast tells of campaigns whose end can be worked out by hand."""

import sys
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from math import inf
from xml.etree import ElementTree as ET

import pytest

from inkbatch.adapters.forecasting import chart, forecast_campaign
from inkbatch.adapters.forecasting.setting import setting_of
from inkbatch.adapters.forecasting.slots import Slots
from inkbatch.domain.budget import Limits, Need, Release, Usage
from inkbatch.domain.campaign_ahead import BudgetAhead, CampaignAhead, Cohort, EndedTry, Following
from inkbatch.domain.campaign_forecast import Binding
from inkbatch.domain.disposition import Disposition
from inkbatch.domain.retry_policy import AttemptCap
from inkbatch.domain.turns import Order
from inkbatch.wiring import load_campaign
from tests.trial_campaigns import numbers, write_campaign

NOW = datetime(2026, 11, 2, 15, 0, tzinfo=UTC)
EASTERN = ("America/New_York",)
OFFICE = {"weekdays": ["10:00-18:00"], "weekends": []}


@pytest.fixture
def ahead(tmp_path):
    """Describe 20 people who may be called once, with ten calls in 24 hours, unless said."""

    def describe(*, people=20, calls=10, minutes=100.0, deadline=None, tries=(), **keys):
        keys = {"attempts": {"max": 1}, "calling_window": OFFICE, **keys}
        folder = write_campaign(
            tmp_path / f"trial{len(list(tmp_path.iterdir()))}", numbers(1), **keys
        )
        cohort = Cohort(zones=EASTERN, contacts=people, due_at=NOW, deadline=deadline)
        return CampaignAhead(
            campaign=replace(load_campaign(folder), name="trial"),
            at=NOW,
            starts_at=NOW,
            cohorts=(cohort,) if people else (),
            tries=tries,
            need=Need(minutes=1.0, minutes_max=4.0),
            budget=BudgetAhead(usable=Limits(calls=calls, minutes=minutes)),
        )

    return describe


def test_calls_alone_bind_and_the_days_are_exact(ahead):
    """20 single tries at ten a day take two days, whatever the odds are."""
    told = forecast_campaign(ahead())
    assert told.finish.p10.date() == told.finish.p90.date() == date(2026, 11, 3)
    assert [day.calls.p50 for day in told.days] == [10, 10]
    assert told.days[0].binding is Binding.CALLS
    assert told.calls.p50 == 20


def test_what_is_used_comes_back_when_the_ledger_says(ahead):
    """Ten calls used that come back at 16:00 hold the first day's calls back until then."""
    at = NOW + timedelta(hours=1)
    described = ahead(people=5)
    used = replace(
        described.budget,
        used=Usage(calls=10, minutes=0.0),
        releases=(Release(at=at, calls=10, minutes=0.0),),
    )
    told = forecast_campaign(replace(described, budget=used))
    assert at < told.finish.p10 < at + timedelta(hours=1)


def test_a_second_look_tells_the_same(ahead):
    """The chances come from the campaign's state, so that figures do not flicker."""
    described = ahead(people=50, attempts={"max": 3})
    later = replace(described, at=NOW + timedelta(minutes=2))
    assert forecast_campaign(described) == forecast_campaign(described)
    assert forecast_campaign(later).finish == forecast_campaign(described).finish


def test_who_is_not_tried_before_the_deadline_is_told(ahead):
    """With ten calls and 20 people until tonight, ten get no first attempt; budget helps."""
    told = forecast_campaign(ahead(deadline=NOW + timedelta(hours=6)))
    assert told.untried.p10 == told.untried.p90 == 10
    (budget,) = [each for each in told.what_ifs if each.name == "more budget"]
    assert budget.untried_fewer == 5


def test_what_ifs_meet_the_same_luck(ahead):
    """What changes nothing differs by nothing, and fewer retries never reach more people."""
    told = forecast_campaign(ahead(people=60, calls=100, attempts={"max": 3}))
    by_name = {each.name: each for each in told.what_ifs}
    assert by_name["shorter calls"].reached_more == 0
    assert by_name["more budget"].reached_more == 0
    assert by_name["fewer retries"].reached_more < 0


def test_with_fewer_retries_those_who_had_them_are_given_up(ahead):
    """Of five who used up one of two tries, none is tried again where one try is the most."""
    described = ahead(people=5, calls=100, attempts={"max": 2})
    tried = replace(described.cohorts[0], attempts_used=1)
    told = forecast_campaign(replace(described, cohorts=(*described.cohorts, tried)))
    assert told.calls.p50 >= 10
    (fewer,) = [each for each in told.what_ifs if each.name == "fewer retries"]
    assert fewer.reached_more < 0
    assert fewer.untried_fewer == 0


def test_nobody_left_has_no_finish(ahead):
    """And nothing else is worked out."""
    told = forecast_campaign(ahead(people=0))
    assert told.finish is None
    assert told.days == ()
    ET.fromstring(chart(told))  # noqa: S314 (our own)


def test_without_budget_the_end_is_beyond_the_horizon(ahead):
    """None stands for it, and the days say what binds."""
    told = forecast_campaign(ahead(calls=0), what_ifs=False)
    assert (told.finish.p10, told.reached.p90) == (None, 0)
    assert told.days[0].binding is Binding.CALLS


def test_whose_window_never_opens_are_given_up(ahead):
    """They get no attempt, and are told as such."""
    described = ahead()
    shut = replace(described.campaign.window, weekdays=((),) * 7)
    campaign = replace(described.campaign, window=shut)
    told = forecast_campaign(replace(described, campaign=campaign))
    assert told.never_open == told.untried.p50 == 20


def test_own_tries_outweigh_the_prior(ahead):
    """After 300 answered tries nearly all are reached, and the range is narrow."""
    tries = tuple(
        EndedTry(ordinal=1, disposition=Disposition.ANSWERED, talk_minutes=1.0, held_minutes=1.2)
        for _ in range(300)
    )
    few, many = forecast_campaign(ahead()), forecast_campaign(ahead(tries=tries))
    assert many.answer_odds.p10 > 0.95
    assert few.answer_odds.p90 - few.answer_odds.p10 > 0.3
    assert many.reached.p10 >= 18


def test_minutes_bind_where_they_are_scarcer(ahead):
    """With 6 minutes in 24 hours of calls that may last 4, far fewer than 100 calls are made."""
    told = forecast_campaign(ahead(people=60, calls=100, minutes=6.0), what_ifs=False)
    assert told.days[0].binding is Binding.MINUTES
    assert told.days[0].calls.p50 < 30


@pytest.mark.parametrize("calls", [10_000, sys.maxsize])
def test_no_limit_at_all_leaves_pacing_alone(ahead, calls):
    """Limits of any size are taken, and so are retries of a second."""
    quick = dict.fromkeys(("no_answer", "voicemail", "rejected", "failed"), "1s")
    described = ahead(people=4, calls=calls, minutes=inf, attempts={"max": 2, "retry": quick})
    tries = tuple(
        EndedTry(ordinal=1, disposition=each, talk_minutes=0.0, held_minutes=0.01)
        for each in (Disposition.ANSWERED, Disposition.NO_ANSWER)
    )
    told = forecast_campaign(replace(described, tries=tries))
    assert told.calls.p90 <= 8
    assert told.finish.p90 < NOW + timedelta(hours=1)


def test_caps_and_cool_downs_lengthen_the_wait(ahead):
    """The longest of retry delay, cool-down and cap decides when the next try may be."""
    campaign = ahead(
        attempts={"max": 3, "retry": {"no_answer": "2h"}}, cool_down={"no_answer": "30h"}
    ).campaign
    rules = campaign.rules_for({})
    capped = replace(rules, caps=(AttemptCap(attempts=2, period=timedelta(days=3)),))
    next_of = Following(policy=campaign.retry, rules=capped)
    assert next_of.after(Disposition.NO_ANSWER, ordinal=1).wait == timedelta(hours=30)
    assert next_of.after(Disposition.NO_ANSWER, ordinal=2).wait == timedelta(hours=70)
    assert next_of.after(Disposition.NO_ANSWER, ordinal=3).wait is None
    assert next_of.after(Disposition.ANSWERED, ordinal=1).is_reached


def test_the_chart_stands_alone(ahead):
    """It is one SVG that asks nobody for anything, with a bar for each day."""
    drawn = chart(forecast_campaign(ahead(), what_ifs=False))
    tree = ET.fromstring(drawn)  # noqa: S314 (our own)
    assert len(tree.findall("{http://www.w3.org/2000/svg}rect")) == 2
    assert "http" not in drawn.replace("http://www.w3.org/2000/svg", "")


@pytest.mark.parametrize(("order", "untried"), [(Order.VALUE, 0), (Order.LIST, 10)], ids=str)
def test_replays_take_people_in_the_order_of_the_dialer(ahead, order, untried):
    """By value, ten whose deadline is tonight go before ten of higher priority; by list, after."""
    described = ahead(people=10, deadline=NOW + timedelta(hours=6))
    (tonight,) = described.cohorts
    important = replace(tonight, priority=5, deadline=None)
    told = forecast_campaign(
        replace(
            described,
            campaign=replace(described.campaign, order=order),
            cohorts=(important, tonight),
        )
    )
    assert (told.untried.p10, told.untried.p90) == (untried, untried)


def test_who_is_worth_more_goes_first_and_every_fifth_turn_to_the_longest_wait(ahead):
    """First tries never reached anybody, second ones always: eight of today's ten are second."""
    tries = tuple(
        EndedTry(ordinal=ordinal, disposition=came_to, talk_minutes=0.0, held_minutes=1.0)
        for ordinal, came_to in ((1, Disposition.NO_ANSWER), (2, Disposition.ANSWERED))
        for _ in range(3_000)
    )
    described = ahead(attempts={"max": 2, "retry": {"no_answer": "20h"}}, tries=tries)
    (fresh,) = described.cohorts
    told = forecast_campaign(replace(described, cohorts=(fresh, replace(fresh, attempts_used=1))))
    assert told.days[0].calls.p50 == 10
    assert told.days[0].reached.p50 == 8


@pytest.mark.parametrize("hours", [42, 50], ids=["before it opens", "while it is open"])
def test_a_deadline_goes_first_from_the_last_hours_but_one(ahead, hours):
    """On Wednesday before or after 10:00 it is near from Tuesday 10:00 on, no sooner."""
    described = ahead(deadline=NOW + timedelta(hours=hours))
    slots = Slots(start=NOW, length=timedelta(minutes=5))
    setting = setting_of(described, slots=slots, dispositions=())
    assert slots.at(setting.groups[0].near_from) == NOW + timedelta(hours=24)
