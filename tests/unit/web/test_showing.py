"""What pages show of times, shares and calls."""

from datetime import UTC, datetime, timedelta

import pytest

from inkbatch.domain.budget import Release
from inkbatch.web import words
from inkbatch.web.campaigns.timeline import gauge, stacked, timeline
from inkbatch.web.lists.receiving import safe_name
from inkbatch.web.templating import timed

NOW = datetime(2026, 11, 4, 14, 10, tzinfo=UTC)  # a Wednesday


@pytest.mark.parametrize(
    ("sentence", "at"),
    [
        ("next call free at 14:03 UTC in 12 min", "2026-11-04T14:03"),
        ("opens Thu 09:30 UTC", "2026-11-05T09:30"),
        ("opens Wed 23:59 UTC", "2026-11-04T23:59"),
        ("on hold until 2026-12-01 08:00 UTC", "2026-12-01T08:00"),
    ],
)
def test_times_in_a_sentence_can_be_told_on_any_clock(sentence, at):
    """Each UTC time of a sentence carries the very moment that it means."""
    assert f'datetime="{at}:00+00:00"' in timed(sentence, NOW)


def test_a_sentence_stays_text():
    """Whatever else stands in a sentence is escaped."""
    assert "<b>" not in timed("<b>at 14:03 UTC</b>", NOW)


def test_every_call_and_release_of_the_day_around_now_is_in_the_chart():
    """Counts add up, columns keep inside the plot, and what lies outside is left out."""
    dialed = [(NOW - timedelta(minutes=7 * place), "answered") for place in range(50)]
    dialed += [(NOW - timedelta(hours=20), "answered"), (NOW, "placed")]
    releases = [Release(at=NOW + timedelta(hours=hour), calls=2, minutes=1) for hour in (1, 5, 30)]
    chart = timeline(dialed, releases, now=NOW)
    assert sum(piece.count for piece in chart.dialed) == 51
    assert sum(piece.count for piece in chart.freed) == 4
    for piece in (*chart.dialed, *chart.freed):
        assert piece.left >= 0
        assert piece.left + piece.width <= 100
        assert -1e-9 <= piece.top <= 100 - piece.height + 1e-9
    assert "51 calls in the last 12 hours, 50 of them answered" in chart.summary


def test_a_gauge_tells_when_more_comes_back():
    """The first amount above nothing is told, and a limit of nothing is a full circle."""
    back = [(NOW, 0.0), (NOW + timedelta(hours=1), 2.5)]
    told = gauge("Minutes", used=95, limit=100, back=back)
    assert (told.back, told.back_at, told.is_short) == (2.5, back[1][0], True)
    assert gauge("Calls", used=0, limit=0, back=[]).share == 100


def test_the_bar_of_all_people_is_whole():
    """Pieces lie side by side and add up to all of the bar."""
    pieces = stacked({"reached": 3, "waiting": 5, "due": 0, "review": 2})
    assert [piece.kind for piece in pieces] == ["reached", "waiting", "review"]
    assert sum(piece.width for piece in pieces) == pytest.approx(100)


@pytest.mark.parametrize(
    ("part", "whole", "told"),
    [(0, 5, "0%"), (1, 400, "<1%"), (399, 400, ">99%"), (1, 0, "\N{EN DASH}")],
)
def test_a_share_is_never_rounded_to_none_or_all(part, whole, told):
    """Something is never shown as nothing, nor nearly all as all."""
    assert words.share(part, whole) == told


@pytest.mark.parametrize(
    ("told", "name"),
    [
        ("../../etc/passwd.csv", "passwd.csv"),
        ("C:\\lists\\May list.xlsx", "May list.xlsx"),
        ("a\x00b\n.csv", "a_b_.csv"),
        (".csv", "csv"),
        ("..", ""),
        ("x" * 500 + ".csv", "x" * 100 + ".csv"),
    ],
)
def test_a_file_name_is_a_name_and_no_path(told, name):
    """What a browser tells as a name cannot lead out of the upload's folder."""
    assert safe_name(told) == name
