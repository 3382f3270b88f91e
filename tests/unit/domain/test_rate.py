import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkbatch.domain.rate import Rate


@pytest.mark.parametrize(
    ("hits", "cases", "low", "high"),
    [(0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (81, 263, 0.2553, 0.3662)],
)
def test_the_interval_is_wilsons(hits, cases, low, high):
    """Figures of Newcombe (1998), Statistics in Medicine 17, table I, where he gives them."""
    rate = Rate(hits=hits, cases=cases)
    assert rate.low == pytest.approx(low, abs=5e-5)
    assert rate.high == pytest.approx(high, abs=5e-5)


@given(st.integers(0, 500), st.integers(1, 500))
def test_the_interval_holds_the_share(hits, more):
    """The share never lies outside of its own interval."""
    rate = Rate(hits=hits, cases=hits + more)
    assert 0 <= rate.low <= rate.share + 1e-12
    assert rate.share - 1e-12 <= rate.high <= 1


def test_without_cases_there_is_no_share():
    """Nothing rung is no rate of zero."""
    rate = Rate(hits=0, cases=0)
    assert (rate.share, rate.low, rate.high) == (None, None, None)


def test_more_hits_than_cases_cannot_be():
    """A count that went wrong is refused, not shown as 140 %."""
    with pytest.raises(ValueError, match="7 hits of 5"):
        Rate(hits=7, cases=5)
