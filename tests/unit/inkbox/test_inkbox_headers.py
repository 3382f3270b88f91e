"""How long a 429 makes the organisation hold, from headers in every form."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from inkbatch.adapters.inkbox.rate_limit import (
    HOLD_DEFAULT,
    HOLD_MAX,
    HOLD_MIN,
    hold_until,
    http_date,
)

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
EPOCH = int(NOW.timestamp())


def hold_seconds(headers):
    return (hold_until(httpx.Headers(headers), now=NOW) - NOW).total_seconds()


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "120"}, 120),
        ({"retry-after": " 120 "}, 120),
        ({"Retry-After": "1.5"}, 1.5),
        ({"Retry-After": "Fri, 20 Nov 2026 10:05:00 GMT"}, 300),
        ({"Retry-After": "Fri, 20 Nov 2026 12:05:00 +0200"}, 300),
        ({"Retry-After": "Fri, 20 Nov 2026 10:05:00 -0000"}, 300),
        ({"Retry-After": "Friday, 20-Nov-26 10:05:00 GMT"}, 300),
        ({"X-RateLimit-Reset": "90"}, 90),
        ({"X-RateLimit-Reset": str(EPOCH + 600)}, 600),
        ({"X-RateLimit-Reset": f"{EPOCH + 600}.25"}, 600.25),
        ({"Retry-After": "30", "X-RateLimit-Reset": "90"}, 90),
        ({"Retry-After": "90", "X-RateLimit-Reset": "30"}, 90),
        ({"Retry-After": "30", "X-RateLimit-Reset": str(EPOCH + 45)}, 45),
        ({"Retry-After": "30", "X-RateLimit-Reset": str(EPOCH - 45)}, 30),
        ({"Retry-After": "soon", "X-RateLimit-Reset": "45"}, 45),
        ({"Retry-After": "45", "X-RateLimit-Reset": "soon"}, 45),
    ],
)
def test_reads_both_headers_in_both_forms_and_holds_until_the_later(headers, seconds):
    """Retry-After is seconds or an HTTP date, X-RateLimit-Reset an epoch or a delta."""
    assert hold_seconds(headers) == seconds


@pytest.mark.parametrize(
    "value",
    [
        "",
        "soon",
        "nan",
        "inf",
        "1e9",
        "1_000",
        "0x10",
        "٣٠",
        "--5",
        "Fri, 99 Nov 2026 10:00:00 GMT",
    ],
)
def test_holds_for_the_default_when_nothing_can_be_read(value):
    """A header that means nothing neither crashes nor lets us hammer."""
    headers = {"Retry-After": value.encode(), "X-RateLimit-Reset": value.encode()}
    assert hold_seconds(headers) == HOLD_DEFAULT.total_seconds()


def test_holds_for_the_default_without_any_header():
    """A bare 429 still stops the organisation for a while."""
    assert hold_seconds({}) == HOLD_DEFAULT.total_seconds()


@pytest.mark.parametrize("value", ["0", "-30", "Fri, 20 Nov 2026 09:00:00 GMT"])
def test_a_time_already_past_still_holds_a_moment(value):
    """A server whose clock is behind ours must not make us dial in a loop."""
    assert hold_seconds({"Retry-After": value}) == HOLD_MIN.total_seconds()


@pytest.mark.parametrize(
    "value", ["999999999", str(EPOCH + 10**8), "Fri, 20 Nov 2099 10:00:00 GMT"]
)
def test_no_header_stops_the_organisation_for_ever(value):
    """A mistaken header costs at most two days."""
    headers = {"Retry-After": value, "X-RateLimit-Reset": value}
    assert hold_seconds(headers) == HOLD_MAX.total_seconds()


def test_an_epoch_in_milliseconds_counts_as_unreadable():
    """The year 57,000 is no time to wait for."""
    headers = {"Retry-After": "20", "X-RateLimit-Reset": str(EPOCH * 1000)}
    assert hold_seconds(headers) == 20


@settings(max_examples=200, deadline=None)
@given(retry_after=st.binary(max_size=40), reset=st.binary(max_size=40))
@example(retry_after=b"", reset=b"\x1c0")
def test_never_raises_and_always_holds_within_its_bounds(retry_after, reset):
    """Whatever bytes a server sends, the answer is a time between the bounds."""
    headers = httpx.Headers({"Retry-After": retry_after, "X-RateLimit-Reset": reset})
    assert NOW + HOLD_MIN <= hold_until(headers, now=NOW) <= NOW + HOLD_MAX


def test_an_unreadable_date_is_no_date():
    """The clock comparison does without a Date that says nothing."""
    assert http_date(None) is None
    assert http_date("yesterday") is None
    assert http_date("Mon, 41 Jan 2026 00:00:00 GMT") is None
    assert http_date("Fri, 20 Nov 2026 10:00:01 GMT") == NOW + timedelta(seconds=1)
