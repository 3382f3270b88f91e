"""What the report says to people."""

from dataclasses import replace
from datetime import timedelta

import pytest

from inkbatch.adapters.reports import campaign_figures, markdown_summary, wording
from inkbatch.domain.campaign_forecast import CampaignForecast, FinishRange, Range
from inkbatch.domain.rate import Rate


@pytest.mark.parametrize(
    ("share", "said"),
    [
        (None, "\N{EN DASH}"),
        (0.0, "0%"),
        (0.001, "<1%"),
        (0.42, "42%"),
        (0.999, ">99%"),
        (1.0, "100%"),
    ],
)
def test_a_share_is_never_rounded_to_none_or_all(share, said):
    """One of a thousand is not 0 %, and all but one not 100 %."""
    assert wording.percent(share) == said


def test_an_interval_is_said_in_percent():
    """The interval stands beside its rate."""
    assert wording.interval(Rate(hits=81, cases=263)) == "26\N{EN DASH}37%"


def test_the_headline_says_who_was_reached(campaign, start, now):
    """People and days of calling, not attempts and nights of UTC."""
    campaign.attempt(campaign.contact("reached"), "answered")
    campaign.attempt(campaign.contact(), "no_answer", reserved_at=start + timedelta(days=1))
    campaign.save()
    figures = campaign_figures(campaign.engine, campaign.record, now=now)
    assert wording.headline(figures) == "1 of 2 people was reached in 2 days of calling."


def test_the_outlook_says_what_is_left(campaign, now):
    """What is left, what it takes and until when, with how sure that is."""
    campaign.contact()
    campaign.save()
    figures = campaign_figures(
        campaign.engine, campaign.record, now=now, forecast=expected(now, last=9)
    )
    assert wording.outlook(figures) == (
        "1 person is still to be reached. Expected are 20 more calls (12 to 31), 9 minutes and "
        "1 person (0 to 1) reached. Done by about 8 Mar; in four of five cases 6 Mar to 14 Mar."
    )
    endless = replace(figures, forecast=expected(now, last=None))
    assert wording.outlook(endless).endswith("It may take more than 90 days.")
    assert "no forecast" in wording.outlook(replace(figures, forecast=None)).lower()


def expected(now, *, last):
    """What a campaign is expected to come to, in so many days at most."""
    days = [None if day is None else now + timedelta(days=day) for day in (1, 3, last)]
    return CampaignForecast(
        campaign="trial",
        at=now,
        zone="UTC",
        contacts=1,
        replays=100,
        horizon_days=90,
        finish=FinishRange(p10=days[0], p50=days[1], p90=days[2]),
        reached=Range(p10=0, p50=1, p90=1),
        untried=Range(p10=0, p50=0, p90=0),
        never_open=0,
        calls=Range(p10=12, p50=20, p90=31),
        minutes=Range(p10=9, p50=9, p90=9),
        answer_odds=Range(p10=0.1, p50=0.2, p90=0.3),
        days=(),
        what_ifs=(),
        from_tries=0,
        assumes=(),
    )


def test_a_canceled_campaign_promises_nothing(new_campaign, now):
    """Nothing more is dialed, so there is no date to give."""
    campaign = new_campaign(state="canceled")
    campaign.contact()
    campaign.save()
    figures = campaign_figures(campaign.engine, campaign.record, now=now)
    assert "canceled while 1 person is still to be reached" in wording.outlook(figures)


def test_no_hour_is_best_before_enough_phones_rang(campaign, now):
    """Three calls are no ground to tell when people answer."""
    for _ in range(3):
        campaign.attempt(campaign.contact(), "answered")
    campaign.save()
    figures = campaign_figures(campaign.engine, campaign.record, now=now)
    assert "too few" in wording.best_hour(figures.hours)


def test_the_summary_for_prefect_names_nobody(campaign, now):
    """Counts and ids only: no number, no name, no reason that may quote a file."""
    contact = campaign.contact("review", why="Ada Lovelace, +12125550100, said so")
    campaign.attempt(contact, "unknown", reason="Ada")
    campaign.row("rejected", reason="Bob's number 555", value="555")
    campaign.save()
    summary = markdown_summary(campaign_figures(campaign.engine, campaign.record, now=now))
    assert str(contact) in summary
    assert "| Contacts | 1 |" in summary
    assert not any(word in summary for word in ("Ada", "Bob", "5550100", "555 "))


def test_the_summary_for_prefect_tells_the_night_what_is_left_and_what_needs_a_person(
    campaign, now
):
    """Whoever opens it in the morning knows what was done and what to do, and where to look."""
    contact = campaign.contact("review", why="lost")
    campaign.attempt(contact, "unknown")
    campaign.save()
    figures = replace(
        campaign_figures(campaign.engine, campaign.record, now=now), campaign_state="paused"
    )
    page = "https://calls.example.com/campaigns/trial"
    summary = markdown_summary(figures, calls_tonight=1, page_url=page)
    assert "**Tonight.** 1 call placed." in summary
    assert "**What is left.**" in summary
    assert f"decides on contacts {contact}. The campaign is paused" in summary
    assert f"({page})" in summary
    bare = markdown_summary(figures)
    assert not any(word in bare for word in ("Tonight", "https:"))


@pytest.mark.parametrize(
    ("more", "what", "said"),
    [
        (None, "calls", "The server told no figures yet."),
        (0, "calls", "The server always counted the same calls."),
        (3, "calls", "The server once counted 3 calls more than were known here."),
        (-1.5, "minutes", "The server once counted 1.5 minutes fewer than were known here."),
    ],
)
def test_drift_is_said_in_a_sentence(more, what, said):
    """Whoever reads the report learns whether the ledger can be believed."""
    assert wording.drift(more, what) == said
