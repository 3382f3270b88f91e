"""What was said on calls, as the page shows it; and that it is shown nowhere else."""

import json
import re
from datetime import timedelta
from html.parser import HTMLParser

import pytest

from inkbatch.adapters.reports import campaign_figures, markdown_summary, write_report

HELLO = {"party": "local", "text": "Hello Ada, will you come?", "ts_ms": 0}
YES = {"party": "remote", "text": "Yes, I will.", "ts_ms": 67_900}
TALK = [HELLO, YES]


@pytest.fixture
def page_of(tmp_path, now):
    """Save a campaign and return its page as a file holds it."""

    def write(campaign):
        path = write_report(campaign.engine, campaign.save(), to=tmp_path / "r.html", now=now)
        return path.read_text("utf-8")

    return write


@pytest.fixture
def talked(campaign):
    """Add an attempt that was talked, and return its id."""

    def add(word="confirmed", effect="success", *, talk=TALK, zones="America/New_York", **attempt):
        attempt_id = campaign.attempt(campaign.contact(zones=zones), "answered", **attempt)
        campaign.result(attempt_id, word, effect, transcript=talk)
        return attempt_id

    return add


class Section(HTMLParser):
    """The words of «What was said» by talk: one list of texts for each element `details`."""

    def __init__(self):
        super().__init__()
        self.talks = []
        self.is_inside = False

    def handle_starttag(self, tag, attrs):
        """A talk begins, shut."""
        if tag == "details":
            assert dict(attrs) == {"class": "talk"}
            self.talks.append([])
            self.is_inside = True

    def handle_endtag(self, tag):
        """A talk ends."""
        self.is_inside = self.is_inside and tag != "details"

    def handle_data(self, data):
        """What a reader of it sees."""
        if self.is_inside and data.strip():
            self.talks[-1].append(data.strip())


def talks_in(page):
    """Return the texts of each talk on the page, the first shown first."""
    parser = Section()
    parser.feed(page)
    parser.close()
    return parser.talks


def test_a_talk_is_shown_with_all_that_tells_it_apart(campaign, page_of, talked, start):
    """When it was where the person lives, masked number, result, effect, minutes, and who spoke."""
    talked(placed_at=start)
    (talk,) = talks_in(page_of(campaign))
    assert talk == [
        "Mon 2 Mar 2026, 10:00 EST",
        "+1•••••••0100",
        "confirmed",
        "reached",
        "1.5 min",
        "Agent",
        "0:00",
        "Hello Ada, will you come?",
        "Callee",
        "1:07",
        "Yes, I will.",
    ]


def test_a_place_in_the_talk_that_is_unknown_or_the_same_is_not_said(campaign, page_of, talked):
    """Agents need not tell it, and where time is skipped all is said at once."""
    talked(talk=[HELLO, YES | {"ts_ms": 0}])
    talked(talk=[{"party": "local", "text": "No time."}])
    timeless, at_once = talks_in(page_of(campaign))
    assert timeless[-2:] == ["Agent", "No time."]
    assert at_once[-3:] == ["Hello Ada, will you come?", "Callee", "Yes, I will."]


def test_the_result_that_stands_is_shown_with_the_last_transcript(campaign, page_of, talked):
    """Agents may correct a result without saying all of the talk again, or opt somebody out."""
    corrected = talked("first", "none")
    campaign.result(corrected, "second", "success")
    opted_out = talked("stop", "do_not_call")
    campaign.result(opted_out, "sorry", "none", transcript=[HELLO | {"text": "Once more."}])
    stopped, second = talks_in(page_of(campaign))
    assert ("second" in second, "first" in second, YES["text"] in second) == (True, False, True)
    assert ("stop" in stopped, "sorry" in stopped, "Once more." in stopped) == (True, False, True)
    assert YES["text"] not in stopped


def test_the_latest_twelve_are_shown_and_the_command_for_all(campaign, page_of, talked):
    """A report stays one page; whoever wants the rest is told how."""
    for number in range(12):
        talked(f"word {number}")
    exactly = page_of(campaign)
    assert len(talks_in(exactly)) == 12
    assert "12 talks with a transcript" in exactly
    assert "The latest" not in exactly
    talked("word 12")
    page = page_of(campaign)
    assert [talk[2] for talk in talks_in(page)] == [f"word {n}" for n in range(12, 0, -1)]
    assert "The latest 12 talks with a transcript" in page
    assert "inkbatch export spring transcripts.xlsx --what transcripts" in page


def test_a_long_talk_keeps_its_beginning_and_its_end_and_says_what_is_left_out(
    campaign, page_of, talked
):
    """The end tells what came of it; nothing is left out without a word."""
    said = [{"party": "remote", "text": f"turn {n}", "ts_ms": n} for n in range(100)]
    talked(talk=said)
    talked(talk=said[:40])
    whole, long = talks_in(page_of(campaign))
    assert [text for text in whole if text.startswith("turn")] == [f"turn {n}" for n in range(40)]
    shown = [text for text in long if text.startswith("turn")]
    assert shown == [f"turn {n}" for n in (*range(10), *range(70, 100))]
    assert "60 turns left out here; the export has all of them." in long


def test_a_long_turn_is_cut_and_says_so(campaign, page_of, talked):
    """Somebody may talk on for hours into one turn."""
    talked(talk=[HELLO | {"text": "x" * 600}, YES | {"text": "y" * 100_000}])
    (talk,) = talks_in(page_of(campaign))
    assert talk[-4:] == ["Callee", "1:07", "y" * 600, "… cut short"]
    assert "x" * 600 in talk


def test_what_was_said_is_shown_as_text(campaign, page_of, talked):
    """Callees say what they like: none of it becomes part of the page, or turns its lines round."""
    talked("<i>word", talk=[HELLO | {"text": "<script>alert(1)</script></details>"}])
    page = page_of(campaign)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;&lt;/details&gt;" in page
    assert "&lt;i&gt;word" in page
    assert "<script" not in page
    assert '<p dir="auto">' in page


def test_a_page_without_talks_says_nothing_of_them(campaign, page_of):
    """A result without a transcript is none; the footer promises what such a page can."""
    campaign.result(campaign.attempt(campaign.contact(), "answered"), "confirmed", "success")
    page = page_of(campaign)
    assert "What was said" not in page
    assert "No phone number and no field of the file is shown" in page


def test_a_page_with_talks_says_that_they_may_name_people(campaign, page_of, talked):
    """Numbers are masked, but nobody can mask what was said."""
    talked()
    page = page_of(campaign)
    assert "what was said may name people" in page
    assert not re.search(r"\+\d{6}", page)


def test_talks_of_other_campaigns_are_not_shown(campaign, new_campaign, page_of, talked, start):
    """Two campaigns share a database."""
    other = new_campaign("other")
    attempt_id = other.attempt(other.contact(), "answered", reserved_at=start + timedelta(hours=1))
    other.result(attempt_id, "elsewhere", "none", transcript=TALK)
    other.save()
    talked()
    assert [talk[2] for talk in talks_in(page_of(campaign))] == ["confirmed"]


def test_what_was_said_is_in_no_summary_and_no_figures(campaign, talked, now):
    """Both go where others may read them."""
    talked(talk=[HELLO | {"text": "private words"}])
    figures = campaign_figures(campaign.engine, campaign.save(), now=now)
    assert "private words" not in markdown_summary(figures)
    assert "private words" not in json.dumps(figures.as_dict())
    assert "•" not in markdown_summary(figures)


def test_a_printed_page_shows_what_was_said(campaign, page_of, talked):
    """Paper cannot be clicked: the style sheet opens the talks there."""
    talked()
    printed = page_of(campaign).split("@media print")[1]
    assert "details-content { content-visibility: visible" in printed
