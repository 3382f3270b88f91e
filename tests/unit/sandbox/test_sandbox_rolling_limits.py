"""The rolling window against an oracle that looks at every call every time."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from inkbatch.sandbox.rolling_limits import RollingLimits

MICROSECOND = timedelta(microseconds=1)
WINDOW = timedelta(seconds=300)


class Oracle:
    """Counts by definition: no state but the list of calls."""

    def __init__(self, *, calls_limit, talk_limit):
        self.calls_limit = calls_limit
        self.talk_limit = talk_limit
        self.calls = []

    def calls_used(self, now):
        """Count the calls created inside the window."""
        return sum(now - WINDOW < created <= now for created, _, _ in self.calls)

    def talk_used(self, now):
        """Add up the talk that falls inside the window."""
        inside = (min(ended, now) - max(started, now - WINDOW) for _, started, ended in self.calls)
        return sum((talk for talk in inside if talk > timedelta()), timedelta())

    def has_room(self, now):
        """Tell whether both limits have something left."""
        return self.calls_used(now) < self.calls_limit and self.talk_used(now) < self.talk_limit


def lengths(seconds_most):
    """Lengths of time, round ones and odd ones."""
    whole = st.integers(0, seconds_most).map(lambda seconds: timedelta(seconds=seconds))
    odd = st.integers(0, seconds_most * 10**6).map(lambda length: length * MICROSECOND)
    return whole | odd


dials = st.lists(st.tuples(lengths(120), lengths(20), lengths(200)), max_size=25)


def dial_all(dials, *, limits, oracle):
    """Dial wherever there is room, and yield each moment before the decision is made."""
    now = datetime(2026, 3, 2, tzinfo=UTC)
    for pause, ring, talk in dials:
        now += pause
        yield now
        if limits.have_room(now):
            oracle.calls.append((now, now + ring, now + ring + talk))
            limits.count_call(now)
            limits.count_talk(now + ring, now + ring + talk)


A_ROOM_THAT_CLOSES_AGAIN = [
    *((timedelta(seconds=pause), timedelta(0), timedelta(seconds=talk))
      for pause, talk in ((0, 0), (0, 0), (6, 71), (14, 0), (90, 118), (0, 58))),
    (timedelta(seconds=62), timedelta(seconds=20), timedelta(seconds=109)),
    *((timedelta(seconds=pause), timedelta(0), timedelta(seconds=talk))
      for pause, talk in ((119, 9), (0, 0), (0, 0), (0, 0), (0, 0), (4, 0), (6, 0))),
]  # fmt: skip


@example(dials=A_ROOM_THAT_CLOSES_AGAIN, calls_limit=8, talk_limit_seconds=365)
@given(dials=dials, calls_limit=st.integers(1, 8), talk_limit_seconds=st.integers(1, 400))
def test_usage_room_and_waits_are_those_of_the_oracle(dials, calls_limit, talk_limit_seconds):
    """Whatever is dialed: the counts are exact, and a wait that is told is enough."""
    oracle = Oracle(calls_limit=calls_limit, talk_limit=timedelta(seconds=talk_limit_seconds))
    limits = RollingLimits(
        calls_limit=calls_limit, minutes_limit=talk_limit_seconds / 60, window=WINDOW
    )
    for now in dial_all(dials, limits=limits, oracle=oracle):
        usage = limits.usage(now)
        assert usage.calls_used == oracle.calls_used(now)
        assert usage.minutes_used == pytest.approx(oracle.talk_used(now) / timedelta(minutes=1))
        assert limits.have_room(now) == oracle.has_room(now)
        if not limits.have_room(now):
            hold = limits.hold(now)
            assert oracle.has_room(now + timedelta(seconds=hold.retry_after_seconds))
            assert oracle.has_room(datetime.fromtimestamp(hold.reset_epoch_seconds, UTC))


@given(
    dials=dials,
    cuts=st.lists(st.tuples(st.integers(1, 4), lengths(60)), min_size=5, max_size=25),
    talk_limit_seconds=st.integers(1, 400),
)
def test_talk_that_is_cut_short_counts_exactly_as_long_as_it_was(dials, cuts, talk_limit_seconds):
    """Whatever is cut and when: usage and waits are those of calls that were as short all along."""
    oracle = Oracle(calls_limit=6, talk_limit=timedelta(seconds=talk_limit_seconds))
    limits = RollingLimits(calls_limit=6, minutes_limit=talk_limit_seconds / 60, window=WINDOW)
    to_come = iter(cuts)
    for now in dial_all(dials, limits=limits, oracle=oracle):
        cut_one(next(to_come, None), now=now, limits=limits, oracle=oracle)
        usage = limits.usage(now)
        assert usage.minutes_used == pytest.approx(oracle.talk_used(now) / timedelta(minutes=1))
        assert limits.have_room(now) == oracle.has_room(now)
        if not limits.have_room(now):
            hold = limits.hold(now)
            assert oracle.has_room(now + timedelta(seconds=hold.retry_after_seconds))


def cut_one(cut, *, now, limits, oracle):
    """Let one of the newest calls end after some time, if it would have ended later."""
    back, after = cut or (len(oracle.calls) + 1, None)
    if back <= len(oracle.calls):
        created, started, ended = oracle.calls[-back]
        if now + after < ended:
            limits.cut_talk(started, ended, at=now + after)
            oracle.calls[-back] = (created, started, max(started, now + after))


def test_talk_that_was_cut_leaves_the_window_as_it_came():
    """A minute of an hour that was cut is used for one window, and then nothing is."""
    start = datetime(2026, 3, 2, tzinfo=UTC)
    limits = RollingLimits(calls_limit=None, minutes_limit=100, window=WINDOW)
    limits.count_talk(start, start + timedelta(hours=1))
    limits.cut_talk(start, start + timedelta(hours=1), at=start + timedelta(minutes=1))
    used = [
        limits.usage(start + minutes).minutes_used for minutes in map(_minutes, (1, 5, 5.5, 6, 70))
    ]
    assert used == [1, 1, 0.5, 0, 0]


def _minutes(minutes):
    return timedelta(minutes=minutes)


@given(dials=dials, talk_limit_seconds=st.integers(1, 400))
def test_no_wait_is_a_second_longer_than_it_must_be(dials, talk_limit_seconds):
    """A second sooner there is no room, or it closes again within a second."""
    oracle = Oracle(calls_limit=5, talk_limit=timedelta(seconds=talk_limit_seconds))
    limits = RollingLimits(calls_limit=5, minutes_limit=talk_limit_seconds / 60, window=WINDOW)
    for now in dial_all(dials, limits=limits, oracle=oracle):
        if not limits.have_room(now):
            wait = timedelta(seconds=limits.hold(now).retry_after_seconds)
            sooner = now + wait - timedelta(seconds=1)
            assert sooner == now or not all(map(oracle.has_room, moments_of(sooner, oracle)))


def moments_of(start, oracle):
    """Return where the talk used in the second from `start` can be at its most."""
    end = start + timedelta(seconds=1)
    turns = {turn for _, *talk in oracle.calls for turn in talk}
    turns |= {turn + WINDOW for turn in turns}
    return [start, *(turn for turn in turns if start < turn < end), end - MICROSECOND]


def test_a_gap_that_talk_under_way_closes_at_once_is_no_room():
    """Rounding a wait up to whole seconds must not carry it past a short gap."""
    start = datetime(2026, 3, 2, tzinfo=UTC)
    limits = RollingLimits(calls_limit=None, minutes_limit=1, window=WINDOW)

    def talk(begins_after_seconds, *, seconds):
        begins = start + timedelta(seconds=begins_after_seconds)
        limits.count_talk(begins, begins + timedelta(seconds=seconds))

    talk(0, seconds=60)
    talk(300.5, seconds=60)
    talk(300.5, seconds=60)
    hold = limits.hold(start + timedelta(seconds=100))
    assert hold.retry_after_seconds > 300
