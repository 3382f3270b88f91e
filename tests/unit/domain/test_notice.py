"""What is told of a night that is over."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from inkbatch.domain.errors import KeyRefused
from inkbatch.domain.notice import (
    WHAT_KEEPS,
    NightFigures,
    NoticeKind,
    breaker_notice,
    failure_notice,
    is_nights_end,
    night_began_at,
    notices_of_night,
)

NEW_YORK = ZoneInfo("America/New_York")
NOW = datetime(2026, 11, 2, 22, 0, tzinfo=UTC)
TOMORROW = NOW + timedelta(hours=16)
BUSY = {
    "calls": 99,
    "reached": 45,
    "left": 120,
    "due": 0,
    "review": 0,
    "bound_by": "calls",
    "wake_at": TOMORROW,
}


def told(**figures):
    """Return the notices of a night by kind."""
    night = NightFigures(**{**BUSY, **figures})
    return {each.kind: each for each in notices_of_night("trial", night, told_at=NOW)}


@pytest.mark.parametrize(
    ("now", "wake_at", "ends"),
    [
        ("2026-11-02T12:30", "2026-11-02T13:30", False),  # noon
        ("2026-11-02T08:30", "2026-11-02T14:30", False),  # yesterday's calls come back at 14:30
        ("2026-11-02T21:00", "2026-11-03T00:10", False),  # it goes on after midnight
        ("2026-11-02T21:00", "2026-11-03T09:00", True),
        ("2026-11-03T03:00", "2026-11-03T08:00", True),  # the far west is done
        ("2026-11-02T15:00", "2026-11-03T14:30", True),
        ("2026-11-06T21:00", "2026-11-09T09:00", True),
        ("2026-11-03T03:59:55", "2026-11-03T04:00:05", True),  # around the clock
        ("2026-11-02T09:00", None, True),
    ],
)
def test_a_night_ends_once_nothing_is_to_be_done_before_four_in_the_morning(now, wake_at, ends):
    """By the clock of the schedule, whatever pauses there are in it."""
    here, until = (
        at and datetime.fromisoformat(at).replace(tzinfo=NEW_YORK) for at in (now, wake_at)
    )
    assert is_nights_end(until, now=here, zone=NEW_YORK) is ends


@pytest.mark.parametrize("hour", [0, 3, 4, 12, 23])
def test_a_night_began_at_four_in_the_morning(hour):
    """On a day with a change of the clock, too."""
    moment = datetime(2026, 11, 1, hour, tzinfo=NEW_YORK)
    began = night_began_at(moment, NEW_YORK).astimezone(NEW_YORK)
    assert (began.hour, began.day, began.month) == ((4, 1, 11) if hour >= 4 else (4, 31, 10))


def test_an_ordinary_night_is_reported_and_nothing_else():
    """Who reads one line a morning learns what was done, what is left and when it goes on."""
    assert set(told()) == {NoticeKind.NIGHT_REPORT}
    report = told()[NoticeKind.NIGHT_REPORT]
    assert report.text == (
        "trial: 99 calls tonight; 45 people are reached so far, 120 left. "
        "It goes on Tue 2026-11-03 14:00 UTC."
    )
    assert report.figures["wake_at"] == TOMORROW.isoformat()


@pytest.mark.parametrize("bound_by", ["campaign", "hold", "calls", "minutes", "share", None])
def test_nobody_called_though_people_were_due_is_told_with_what_kept_it(bound_by):
    """Paused, on hold, no budget, or an error: somebody should know."""
    notices = told(calls=0, due=7, bound_by=bound_by)
    notice = notices[NoticeKind.NOTHING_DIALED]
    assert notice.figures == {"due": 7, "bound_by": bound_by}
    assert f"7 people are due: {WHAT_KEEPS.get(bound_by, 'an error')}" in notice.text


@pytest.mark.parametrize(
    "figures",
    [
        {"calls": 0, "due": 7, "bound_by": "contacts"},  # a Sunday
        {"calls": 1, "due": 7},
        {"calls": 0, "due": 0},
    ],
)
def test_a_night_on_which_nobody_may_be_called_is_no_alarm(figures):
    """Shut calling windows, waits that go on, and nights with calls are as they should be."""
    assert NoticeKind.NOTHING_DIALED not in told(**figures)


def test_people_in_review_are_told_every_night_until_somebody_decided():
    """They wait for a person, who may not know."""
    assert told(review=2)[NoticeKind.REVIEW_WAITING].figures == {"review": 2}
    assert "2 in review" in told(review=2)[NoticeKind.NIGHT_REPORT].text
    assert NoticeKind.REVIEW_WAITING not in told(review=0)


def test_a_campaign_that_is_over_tells_nothing_more():
    """Its schedule goes on; only the last night with calls is told, and who is in review."""
    over = {"left": 0, "wake_at": None, "bound_by": "contacts"}
    assert told(calls=0, **over) == {}
    assert told(calls=0) == {}
    assert set(told(calls=0, review=1, **over)) == {NoticeKind.REVIEW_WAITING}
    assert "Nothing more is planned" in told(calls=3, **over)[NoticeKind.NIGHT_REPORT].text


def test_notices_of_trouble_name_attempts_and_kinds_of_errors_and_nobody():
    """The text of an error may quote a number; its kind is enough to know where to look."""
    tripped = breaker_notice("trial", attempts=["a", "b"], told_at=NOW)
    assert tripped.figures == {"attempts": ("a", "b")}
    assert "by 2 attempts in a row, and goes on only once somebody has looked" in tripped.text
    refused = breaker_notice("trial", attempts=[], told_at=NOW)
    assert refused.text == "trial: dialing stopped by itself. See: inkbatch why"
    again_in = timedelta(minutes=5)
    refused = KeyRefused("+12125550100 Dagny")
    failed = failure_notice("trial", refused, told_at=NOW, again_in=again_in)
    assert failed.figures == {"error": "KeyRefused", "again_at": (NOW + again_in).isoformat()}
    assert "tried again in 5 minutes" in failed.text
    assert "Dagny" not in failed.text + str(failed.figures)
    last = failure_notice("trial", refused, told_at=NOW, again_in=None)
    assert "not tried again before the next night" in last.text
    assert [each.event for each in (tripped, failed)] == [
        "inkbatch.breaker_tripped",
        "inkbatch.run_failed",
    ]
