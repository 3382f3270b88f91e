"""Several campaigns on one budget: guarantees, ceilings, borrowing, priority, never too much."""

from collections import defaultdict
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkbatch.domain.budget import Ledger, Limits, Need, Spending, Usage
from inkbatch.domain.sharing import Claim, Part, calls_allowed, scaled

LIMITS = Limits(calls=20, minutes=60.0)
ALL = Usage(calls=20, minutes=60.0)
NEED = Need(minutes=1.0, minutes_max=3.0)
NOBODY, MANY = 0, 1000


def claim(*, guarantee=(0, 0.0), ceiling=(20, 60.0), used=(0, 0.0, 0.0), priority=0, people=MANY):
    return Claim(
        priority=priority,
        spent=Spending(calls=used[0], minutes=used[1], minutes_at_worst=used[2]),
        guarantee=Usage(calls=guarantee[0], minutes=guarantee[1]),
        ceiling=Usage(calls=ceiling[0], minutes=ceiling[1]),
        people_soon=people,
        people_now=people,
    )


def allowed(mine, *others):
    spent = [each.spent for each in (mine, *others)]
    ledger = Ledger(
        limits=LIMITS,
        spent=Spending(
            calls=sum(each.calls for each in spent),
            minutes=sum(each.minutes for each in spent),
            minutes_at_worst=sum(each.minutes_at_worst for each in spent),
        ),
    )
    return calls_allowed(mine, others, ledger=ledger, need=NEED)


@pytest.mark.parametrize(
    ("mine", "other", "calls"),
    [
        (claim(), claim(), 20),
        (claim(), claim(guarantee=(8, 24.0)), 12),
        (claim(), claim(guarantee=(8, 24.0), used=(5, 15.0, 15.0)), 12),
        (claim(), claim(guarantee=(8, 24.0), people=NOBODY), 20),
        (claim(), claim(guarantee=(8, 24.0), people=3), 17),
        (claim(ceiling=(5, 60.0)), claim(), 5),
        (claim(ceiling=(20, 13.0)), claim(), 4),
        (claim(ceiling=(5, 60.0), used=(5, 5.0, 5.0)), claim(), 0),
        (claim(), claim(priority=1), 0),
        (claim(), claim(priority=1, people=4), 16),
        (claim(), claim(priority=1, ceiling=(12, 30.0)), 8),
        (claim(guarantee=(6, 18.0)), claim(priority=1), 6),
        (claim(guarantee=(6, 18.0), used=(6, 6.0, 6.0)), claim(priority=1), 0),
        (claim(priority=1), claim(), 20),
    ],
)
def test_what_a_campaign_may_dial_beside_another(mine, other, calls):
    """The guarantee of the other, its priority, its people and both ceilings decide."""
    assert allowed(mine, other) == calls


@pytest.mark.parametrize(
    ("part", "guarantee", "ceiling"),
    [
        (Part(), (0, 0.0), (20, 60.0)),
        (Part(share=0.3), (6, 18.0), (6, 18.0)),
        (Part(share=0.3, calls=2), (2, 18.0), (2, 18.0)),
        (Part(calls=5), (5, 15.0), (5, 60.0)),
        (Part(minutes=30.0), (10, 30.0), (20, 30.0)),
        (Part(calls=99, minutes=99.0), (20, 60.0), (20, 60.0)),
    ],
)
def test_a_part_is_a_share_or_figures(part, guarantee, ceiling):
    """Figures replace the share; a guarantee of one limit is one of the other, a ceiling is not."""
    assert part.as_guarantee(LIMITS) == Usage(calls=guarantee[0], minutes=guarantee[1])
    assert part.as_ceiling(LIMITS) == Usage(calls=ceiling[0], minutes=ceiling[1])


def test_guarantees_that_pass_the_limit_together_shrink_alike():
    """Nobody is promised what does not exist."""
    found = scaled([Usage(calls=20, minutes=30.0), Usage(calls=20, minutes=30.0)], limits=LIMITS)
    assert found == [Usage(calls=10, minutes=30.0)] * 2


parts = st.tuples(
    st.integers(0, 10), st.integers(0, 20), st.integers(-1, 1), st.sampled_from([NOBODY, 5, MANY])
)
tries = st.lists(
    st.tuples(st.integers(0, 3), st.integers(1, 6), st.integers(0, 3), st.integers(0, 8)),
    max_size=80,
)
"""Which campaign, how many calls at most, for how many minutes each, hours until the next try."""


class Day:
    """Campaigns that dial as they are allowed to; what they use leaves after 24 hours."""

    def __init__(self, claims):
        self.claims = claims
        self.used = defaultdict(list)
        self.hour = 0

    def now(self, place):
        """Return a campaign's claim with what of its calls counts now."""
        counted = [minutes for at, minutes in self.used[place] if self.hour < at + 24]
        spent = Spending(calls=len(counted), minutes=sum(counted), minutes_at_worst=sum(counted))
        return replace(self.claims[place], spent=spent)

    def allowed(self, place):
        """Return how many calls a campaign may dial now."""
        mine, *others = (self.now(each) for each in self._from(place))
        return allowed(mine, *others)

    def dial(self, place, calls, minutes):
        """Dial as many of these calls as are allowed."""
        done = min(calls, self.allowed(place))
        self.used[place] += [(self.hour, minutes)] * done

    def spent(self):
        """Return what of each campaign counts now."""
        return [self.now(place).spent for place in range(len(self.claims))]

    def _from(self, place):
        return [place, *(each for each in range(len(self.claims)) if each != place)]


@settings(max_examples=200, deadline=None)
@given(given_parts=st.lists(parts, min_size=2, max_size=4), tried=tries)
def test_no_limit_and_no_ceiling_is_ever_passed(given_parts, tried):
    """Whoever dials in whatever order, over days."""
    guarantees = scaled([_usage(calls) for calls, *_ in given_parts], limits=LIMITS)
    claims = [
        claim(
            guarantee=(guarantee.calls, guarantee.minutes),
            ceiling=(ceiling, 3.0 * ceiling),
            priority=priority,
            people=people,
        )
        for guarantee, (_, ceiling, priority, people) in zip(guarantees, given_parts, strict=True)
    ]
    day = Day(claims)
    for place, calls, minutes, hours in tried:
        day.dial(place % len(claims), calls, float(minutes))
        spent = day.spent()
        assert sum(each.calls for each in spent) <= LIMITS.calls
        assert sum(each.minutes for each in spent) <= LIMITS.minutes
        for each, its_claim in zip(spent, claims, strict=True):
            assert each.calls <= its_claim.ceiling.calls
            assert each.minutes <= its_claim.ceiling.minutes
        day.hour += hours


@settings(max_examples=200, deadline=None)
@given(given_parts=st.lists(parts, min_size=2, max_size=4), tried=tries)
def test_whoever_has_people_all_along_always_gets_its_guarantee(given_parts, tried):
    """At no moment could somebody else have used up what was kept, of whatever priority it is."""
    guarantees = scaled([_usage(calls) for calls, *_ in given_parts], limits=LIMITS)
    claims = [
        claim(guarantee=(guarantee.calls, guarantee.minutes), priority=priority)
        for guarantee, (_, _, priority, _) in zip(guarantees, given_parts, strict=True)
    ]
    day = Day(claims)
    for place, calls, minutes, hours in tried:
        day.dial(place % len(claims), calls, float(minutes))
        for each in range(len(claims)):
            mine = day.now(each)
            left = mine.guarantee.minutes - mine.spent.minutes
            if mine.spent.calls < mine.guarantee.calls and left >= NEED.minutes_max:
                assert day.allowed(each) >= 1
        day.hour += hours


@given(calls=st.integers(0, 20), ceiling=st.integers(0, 20))
def test_what_others_have_nobody_for_is_borrowed_to_the_last_call(calls, ceiling):
    """A guarantee without people keeps nothing from anybody."""
    idle = claim(guarantee=(calls, 3.0 * calls), people=NOBODY, priority=1)
    assert allowed(claim(ceiling=(ceiling, 60.0)), idle) == ceiling


@given(guarantee=st.integers(0, 20), people=st.integers(0, 40))
def test_priority_goes_first_beyond_the_guarantee(guarantee, people):
    """The lower one gets its guarantee, and what the higher one has nobody for."""
    first = claim(priority=1, people=people)
    mine = claim(guarantee=(guarantee, 3.0 * guarantee))
    left_by_first = max(LIMITS.calls - people, 0)
    assert allowed(mine, first) == max(guarantee, left_by_first)


def _usage(calls):
    return Usage(calls=calls, minutes=3.0 * calls)
