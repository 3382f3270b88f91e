"""What agents said of attempts, in frames, figures and on the page."""

import json
from datetime import timedelta

import pytest

from inkbatch.adapters.reports import (
    campaign_figures,
    markdown_summary,
    render,
    transcripts_frame,
)

TALK = [
    {"party": "local", "text": "Hello, this is the clinic.", "ts_ms": 0},
    {"party": "remote", "text": "=call me at five", "ts_ms": 1200},
]


@pytest.fixture
def figures_of(now):
    """Save a campaign and return its figures."""

    def figure(campaign):
        return campaign_figures(campaign.engine, campaign.save(), now=now)

    return figure


def test_an_attempt_tells_the_result_that_stands(campaign, start):
    """The last one, but an opt-out for good; its fields are JSON; without any it is missing."""
    corrected = campaign.attempt(campaign.contact(), "answered")
    campaign.result(corrected, "confirmed", "success", fields={"slot": "ten"})
    campaign.result(corrected, "later", "call_back", call_back_at=start, fields={"n": [1, "é"]})
    opted_out = campaign.attempt(campaign.contact(), "answered")
    campaign.result(opted_out, "angry", "do_not_call")
    campaign.result(opted_out, "sorry", "none")
    campaign.attempt(campaign.contact(), "answered")
    campaign.save()
    frame = campaign.attempts_frame().set_index("attempt_id")
    told = frame.loc[corrected]
    assert (told["result"], told["result_effect"]) == ("later", "call_back")
    assert told["call_back_at"] == start
    assert json.loads(told["result_fields"]) == {"n": [1, "é"]}
    assert frame.loc[opted_out, "result"] == "angry"
    assert frame["result"].isna().sum() == frame["result_fields"].isna().sum() == 1


def test_a_transcript_is_one_row_an_entry_in_the_order_it_was_said(campaign, start):
    """Every transcript is reachable by its attempt, of results that stand no longer too."""
    empty = transcripts_frame(campaign.engine, campaign.record.id)
    attempt = campaign.attempt(campaign.contact(), "answered")
    campaign.result(attempt, "first", "none", transcript=TALK)
    campaign.result(attempt, "second", "none")
    campaign.save()
    frame = transcripts_frame(campaign.engine, campaign.record.id)
    assert frame.dtypes.to_dict() == empty.dtypes.to_dict()
    assert frame["text"].tolist() == [entry["text"] for entry in TALK]
    assert frame["entry"].tolist() == [1, 2]
    assert frame["ts_ms"].tolist() == [0, 1200]
    assert set(frame["attempt_id"]) == {attempt}
    assert set(frame["posted_at"]) == {start}


def test_results_are_counted_by_word_and_effect(campaign, figures_of):
    """Each attempt counts once, by the result that stands."""
    for word, effect in [("yes", "success"), ("yes", "success"), ("stop", "do_not_call")]:
        campaign.result(campaign.attempt(campaign.contact(), "answered"), word, effect)
    twice = campaign.attempt(campaign.contact(), "answered")
    campaign.result(twice, "yes", "success")
    campaign.result(twice, "no", "none")
    figures = figures_of(campaign)
    assert [(each.word, each.effect, each.count) for each in figures.results] == [
        ("yes", "success", 2),
        ("no", "none", 1),
        ("stop", "do_not_call", 1),
    ]
    assert figures.opt_outs == 1


def test_a_hundred_different_words_are_summed_up_by_effect(campaign, figures_of):
    """A report stays one page whatever words an agent makes up."""
    for number in range(100):
        attempt = campaign.attempt(campaign.contact(), "answered")
        campaign.result(attempt, f"word {number:03}", "none")
    figures = figures_of(campaign)
    assert len(figures.results) == 26
    assert (figures.results[-1].word, figures.results[-1].count) == ("other words", 75)


def test_call_backs_due_are_those_who_still_wait_for_theirs(campaign, figures_of, start):
    """Not who was called since, who is in a call, or who asked for something else after all."""
    at = start + timedelta(days=5)

    def asked(state="waiting"):
        contact = campaign.contact(state)
        attempt = campaign.attempt(contact, "answered")
        campaign.result(attempt, "later", "call_back", call_back_at=at)
        return contact, attempt

    waiting, _ = asked()
    called_since, _ = asked()
    campaign.attempt(called_since, "no_answer", reserved_at=start + timedelta(hours=1))
    _, changed = asked()
    campaign.result(changed, "yes", "success")
    asked("reached")
    figures = figures_of(campaign)
    assert [(each.contact_id, each.at) for each in figures.call_backs] == [(waiting, at)]


def test_the_page_shows_results_and_escapes_the_agent_s_words(campaign, figures_of, start):
    """An agent's word is a stranger's text: it is shown, and never run."""
    attempt = campaign.attempt(campaign.contact(), "answered")
    campaign.result(attempt, "<script>later", "call_back", call_back_at=start)
    page = render(figures_of(campaign))
    assert "What the agent reported" in page
    assert "&lt;script&gt;later" in page
    assert "<script>" not in page
    assert "2 Mar 2026, 15:00 UTC" in page


def test_the_markdown_counts_effects_and_quotes_no_word(campaign, figures_of):
    """It goes where others may read it, and a word may be what somebody said."""
    campaign.result(campaign.attempt(campaign.contact(), "answered"), "private words", "success")
    summary = markdown_summary(figures_of(campaign))
    assert "| success | 1 |" in summary
    assert "private words" not in summary


def test_figures_with_results_are_plain_json(campaign, figures_of, start):
    """Scripts read them: times as text."""
    attempt = campaign.attempt(campaign.contact(), "answered")
    campaign.result(attempt, "later", "call_back", call_back_at=start)
    told = json.loads(json.dumps(figures_of(campaign).as_dict()))
    assert told["call_backs"][0]["at"] == start.isoformat()
    assert told["results"] == [
        {
            "word": "later",
            "effect": "call_back",
            "count": 1,
            "minutes": 1.5,
            "median_minutes": 1.5,
        }
    ]
