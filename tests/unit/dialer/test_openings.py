"""What is kept of a calling window says what the window says, whatever is asked before."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from inkbatch.dialer.openings import Openings
from inkbatch.domain.calling_window import CallingWindow, Span

ZONES = [
    ("America/New_York",),
    ("Pacific/Honolulu",),
    ("Europe/London", "Europe/Paris"),
    ("America/New_York", "Pacific/Honolulu"),
    ("Nowhere/Atall",),
    (),
]
SHUT, MORNING, LATE = (), (Span(9 * 60, 12 * 60),), (Span(0, 3 * 60), Span(22 * 60, 24 * 60))
WINDOW = CallingWindow(
    weekdays=(MORNING, MORNING, LATE, MORNING, LATE, SHUT, LATE),
    exceptions={date(2026, 3, 9): SHUT},
)
NEVER = CallingWindow(weekdays=(SHUT,) * 7)
SPRING = datetime(2026, 3, 6, tzinfo=UTC)
"""Two days later the clocks go forward in New York, and three weeks later in London."""

steps = st.timedeltas(min_value=timedelta(hours=-30), max_value=timedelta(hours=30))


@settings(deadline=None)  # a window that never opens is searched for a year
@given(st.sampled_from([WINDOW, NEVER]), st.lists(st.tuples(steps, st.sampled_from(ZONES))))
def test_it_says_what_the_window_says_in_any_order_of_questions(window, asked):
    """Over a change of the clocks, a shut day and a clock that is set back."""
    openings, now = Openings(window), SPRING
    for step, zones in asked:
        now += step
        assert openings.next_open(now, zones) == window.next_open(now, zones)


@settings(deadline=None)
@given(st.sampled_from(ZONES), st.integers(min_value=0, max_value=24 * 60))
def test_it_says_so_at_the_very_instants_of_opening_and_shutting(zones, minute):
    """One microsecond decides, on either side."""
    openings, instant = Openings(WINDOW), SPRING + timedelta(minutes=minute)
    change = WINDOW.next_open(instant, zones)
    if change is None:
        return
    for edge in (instant, change, WINDOW.closes_at(change, zones)):
        for near in (-1, 0, 1):
            at = edge + timedelta(microseconds=near)
            assert openings.next_open(at, zones) == WINDOW.next_open(at, zones)
