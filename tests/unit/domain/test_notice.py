"""What is told of a night that is over."""

from datetime import UTC, datetime, timedelta

import pytest

from inkbatch.domain.errors import KeyRefused
from inkbatch.domain.notice import (
    WHAT_KEEPS,
    NightFigures,
    NoticeKind,
    breaker_notice,
    failure_notice,
    is_nights_end,
    notices_of_night,
)

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
    ("hours", "ends"), [(None, True), (0, False), (5.9, False), (6, True), (60, True)]
)
def test_a_night_ends_when_nothing_is_to_be_done_for_hours(hours, ends):
    """A pause at noon is no end of the night; nothing more at all is one."""
    wake_at = None if hours is None else NOW + timedelta(hours=hours)
    assert is_nights_end(wake_at, now=NOW) is ends


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
    """Its schedule goes on night after night; only the last night with calls is reported."""
    over = {"left": 0, "wake_at": None, "bound_by": "contacts"}
    assert told(calls=0, review=1, **over) == {}
    assert "Nothing more is planned" in told(calls=3, **over)[NoticeKind.NIGHT_REPORT].text


def test_notices_of_trouble_name_attempts_and_kinds_of_errors_and_nobody():
    """The text of an error may quote a number; its kind is enough to know where to look."""
    tripped = breaker_notice("trial", attempts=["a", "b"], told_at=NOW)
    assert tripped.figures == {"attempts": ("a", "b")}
    failed = failure_notice("trial", KeyRefused("+12125550100 Dagny"), told_at=NOW)
    assert failed.figures == {"error": "KeyRefused"}
    assert "Dagny" not in failed.text + str(failed.figures)
    assert [each.event for each in (tripped, failed)] == [
        "inkbatch.breaker_tripped",
        "inkbatch.run_failed",
    ]
