"""How long Inkbox is left alone when it cannot be reached."""

from datetime import UTC, datetime, timedelta

from inkbatch.dialer.shift import Trouble

NOW = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)


def waits(count):
    """Return the first so many waits of an Inkbox that nobody reaches, one after the other."""
    trouble, now = Trouble(), NOW
    for _ in range(count):
        trouble.unreachable("refused", now=now)
        yield trouble.retry_at - now
        now = trouble.retry_at


def test_the_wait_doubles_up_to_a_quarter_of_an_hour():
    """Half a minute at first, and never more than fifteen minutes."""
    seconds = [wait / timedelta(seconds=1) for wait in waits(8)]
    assert seconds == [30, 60, 120, 240, 480, 900, 900, 900]


def test_a_line_that_is_down_for_a_day_is_still_tried_again():
    """A hundred failures in a row are no more than a wait of a quarter of an hour each."""
    assert list(waits(100))[-1] == timedelta(minutes=15)
