"""GET /calls between two moments, as newer servers filter by `created_at`."""

import pytest

# Placed an hour apart; where the clock stands at the first is told by `clock` in conftest.
HOURS = ["18:00", "19:00", "20:00", "21:00"]


@pytest.fixture
async def placed(line, clock):
    """Place a call at 18:00, 19:00, 20:00 and 21:00 UTC on 2026-03-02; gives the line."""
    for _ in HOURS:
        await line.place()
        clock.advance(hours=1)
    return line


async def hours(line, **query):
    """Return the hours of the calls that are listed, newest first."""
    answer = await line.a.get("/calls", params=query)
    assert answer.status_code == 200, answer.text
    return [call["created_at"][11:16] for call in answer.json()]


@pytest.mark.parametrize(
    ("query", "listed"),
    [
        ({}, HOURS),
        ({"start_datetime": "2026-03-02T19:00:00Z"}, HOURS[1:]),
        ({"start_datetime": "2026-03-02T19:00:00.000001Z"}, HOURS[2:]),
        ({"end_datetime": "2026-03-02T20:00:00+00:00"}, HOURS[:3]),
        ({"end_datetime": "2026-03-02T19:59:59.999999Z"}, HOURS[:2]),
        ({"start_datetime": "2026-03-02T19:30", "end_datetime": "2026-03-02T20:30"}, HOURS[2:3]),
        ({"start_datetime": "2026-03-02T21:00+02:00"}, HOURS[1:]),
        ({"start_datetime": "2026-03-03", "end_datetime": "2026-03-02"}, []),
        ({"start_datetime": "0001-01-01T00:00+14:00", "end_datetime": "9999-12-31"}, HOURS),
        ({"end_datetime": "9999-12-31T23:59:59.999999"}, HOURS),
        ({"start_datetime": "9999-12-31T23:00-14:00"}, []),
    ],
)
async def test_both_bounds_are_inclusive_moments(placed, query, listed):
    """To the microsecond; a time without an offset is of UTC unless told."""
    assert await hours(placed, **query) == listed[::-1]


@pytest.mark.parametrize(
    ("query", "listed"),
    [
        ({"start_datetime": "2026-03-02", "end_datetime": "2026-03-02"}, HOURS),
        ({"end_datetime": "2026-03-01"}, []),
        ({"start_datetime": "2026-03-03"}, []),
        ({"start_datetime": "2026-03-03", "tz": "Asia/Dubai"}, HOURS[2:]),
        ({"end_datetime": "2026-03-02", "tz": "Asia/Dubai"}, HOURS[:2]),
        ({"start_datetime": "2026-03-02T14:00", "tz": "America/New_York"}, HOURS[1:]),
        ({"start_datetime": "2026-03-02T20:00Z", "tz": "America/New_York"}, HOURS[2:]),
    ],
)
async def test_a_bare_date_is_the_whole_day_where_tz_says(placed, query, listed):
    """Midnight to midnight of that zone; an offset of a time's own is not moved."""
    assert await hours(placed, **query) == listed[::-1]


async def test_pages_are_cut_from_the_calls_of_the_span(placed):
    """Limit and offset count within the span, and no page reaches out of it."""
    span = {"start_datetime": "2026-03-02T19:00", "end_datetime": "2026-03-02T20:00"}
    assert await hours(placed, **span, limit=1) == ["20:00"]
    assert await hours(placed, **span, limit=5, offset=1) == ["19:00"]
    assert await hours(placed, **span, offset=2) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("start_datetime", "yesterday"),
        ("start_datetime", ""),
        ("end_datetime", "2026-02-30"),
        ("start_datetime", "2" * 65),
        ("tz", "Mars/Olympus"),
        ("tz", "../../etc/passwd"),
        ("tz", "America"),
        ("tz", ""),
    ],
)
async def test_a_bound_that_is_no_time_is_a_422_that_names_it(placed, name, value):
    """Nothing is guessed: a filter that cannot be read would list the wrong calls."""
    answer = await placed.a.get("/calls", params={name: value})
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == ["query", name]
