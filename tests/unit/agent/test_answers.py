"""Which answer a sentence is, and which time it names."""

from datetime import UTC, datetime, timedelta

import pytest

from inkbatch.agent.script.answers import recognised, with_added
from inkbatch.agent.script.clock_times import call_back_at
from inkbatch.agent.script.filling import filled

PHRASES = with_added({"maybe": ["perhaps", "I guess so"], "yes": ["jawohl"]})
EVERY = [*PHRASES, "time"]
NOW = datetime(2026, 11, 2, 15, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("Yes.", "yes"),
        ("Yeah, sure", "yes"),
        ("YES OF COURSE", "yes"),
        ("No problem!", "yes"),
        ("Jawohl", "yes"),
        ("I\u2019ll be there", "yes"),
        ("No.", "no"),
        ("No, thank you", "no"),
        ("I can't make it", "no"),
        ("Yes, but call me later", "later"),
        ("Not now, I'm driving", "later"),
        ("I guess so", "maybe"),
        ("At 5 pm", "time"),
        ("yes, at half past four", "time"),
        ("Don't call me again", "do_not_call"),
        ("Yes yes, of course, just take me off your list", "do_not_call"),
        ("don\u2019t call me at 5 pm", "do_not_call"),
        ("Hello?", None),
        ("Yesterday I knew", None),
        ("I know nothing", None),
        ("I have 3 children", None),
        ("", None),
    ],
)
def test_an_answer_is_known_by_its_longest_phrase(said, answer):
    """And whoever asks not to be called is understood first."""
    assert recognised(said, among=EVERY, phrases=PHRASES) == answer


def test_only_answers_that_are_waited_for_count():
    """A step that asks for a time does not take `yes` for one."""
    assert recognised("yes", among=["time", "no"], phrases=PHRASES) is None
    assert recognised("yes at 5 pm", among=["yes"], phrases=PHRASES) == "yes"


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("5 pm", "17:00"),
        ("at 5", "17:00"),
        ("at five", "17:00"),
        ("five o'clock", "17:00"),
        ("5:30 p.m.", "17:30"),
        ("Around 10 a.m. please", "10:00"),
        ("12 am", "00:00"),
        ("12 pm", "12:00"),
        ("at noon", "12:00"),
        ("after eight", "08:00"),
        ("17:45", "17:45"),
        ("07:15", "07:15"),
        ("half past four", "16:30"),
        ("quarter to five", "16:45"),
        ("at 25", None),
        ("13 pm", None),
        ("at seventeen people", None),
        ("in 1999", None),
        ("five of us", None),
        ("12:75", None),
    ],
)
def test_times_are_understood_as_people_say_them(said, told):
    """A bare number is none; without am or pm, one to seven are in the afternoon."""
    assert call_back_at(said, now=NOW, zones=("America/Chicago",)) == told


@pytest.mark.parametrize(
    ("said", "minutes"),
    [
        ("in two hours", 120),
        ("in about 20 minutes", 20),
        ("In an hour.", 60),
        ("in half an hour", 30),
        ("in a minute", 1),
    ],
)
def test_a_while_counts_from_now(said, minutes):
    """Whatever the zone."""
    assert call_back_at(said, now=NOW, zones=()) == NOW + timedelta(minutes=minutes)


def test_tomorrow_is_the_contacts_own():
    """On the day it is there; where the zone is not certain, the next such time has to do."""
    late = datetime(2026, 11, 3, 3, 0, tzinfo=UTC)  # still the 2nd in Chicago
    told = call_back_at("tomorrow at 5 pm", now=late, zones=("America/Chicago",))
    assert told == datetime(2026, 11, 3, 23, 0, tzinfo=UTC)
    both = ("America/Chicago", "America/Denver")
    assert call_back_at("tomorrow at 5 pm", now=late, zones=both) == "17:00"


def test_placeholders_are_filled_from_the_contacts_fields():
    """With what stands in where the field is empty or absent."""
    text = "Hello {contact.first_name|there}, {contact.clinic} calls{contact.x}."
    assert filled(text, {"first_name": "Dagny", "clinic": "A"}) == "Hello Dagny, A calls."
    assert filled(text, {"first_name": " ", "clinic": "A"}) == "Hello there, A calls."
    assert filled("{first_name}", {"first_name": "Dagny"}) == "{first_name}"
