"""The report advises where the data bear it, and is silent where they do not."""

from random import Random

import pytest

from inkbatch.adapters.reports.advice import advice, ground, sentences
from inkbatch.adapters.reports.figures import Try, TryHour
from inkbatch.domain.comparison import Stratum, chance, upper_bound
from inkbatch.domain.rate import Rate

HOURS = range(9, 19)
CAMPAIGNS = 600


def a_campaign(seed, *, calls=90, rate=lambda _hour, ordinal: 0.4 / ordinal):
    """Return the counts of a campaign whose people answer at this rate of hour and try."""
    random, cells = Random(seed), []
    for ordinal in (1, 2, 3):
        for hour in HOURS:
            # Later tries are made later in the day, which no advice may take for the hour's fault.
            cases = calls // ordinal + (hour - 9) * 12 * (ordinal - 1)
            hits = sum(random.random() < rate(hour, ordinal) for _ in range(cases))
            cells.append(TryHour(ordinal=ordinal, hour=hour, rate=Rate(hits=hits, cases=cases)))
    return cells, [a_try(cells, ordinal) for ordinal in (1, 2, 3)]


def a_try(cells, ordinal):
    rates = [cell.rate for cell in cells if cell.ordinal == ordinal]
    hits, cases = sum(each.hits for each in rates), sum(each.cases for each in rates)
    return Try(ordinal=ordinal, attempts=cases, answer_rate=Rate(hits=hits, cases=cases))


def test_where_there_is_nothing_it_nearly_never_speaks():
    """One campaign of a hundred may be misread; six hundred campaigns show it is no more."""
    found = [advice(*a_campaign(seed)) for seed in range(CAMPAIGNS)]
    spoke = [each for each in found if each.better or each.worse or each.useless]
    assert len(spoke) <= CAMPAIGNS * 0.015


def test_a_good_hour_is_found():
    """Twice as many answer at 17:00."""
    found = advice(*a_campaign(1, rate=lambda hour, _: 0.5 if hour == 17 else 0.25))
    assert [hour for hour, _ in found.better] == [17]
    assert "Call more at 17:00" in sentences(found)[0]


def test_a_bad_hour_is_found():
    """Nobody answers at noon."""
    found = advice(*a_campaign(2, rate=lambda hour, _: 0.05 if hour == 12 else 0.4))
    assert [hour for hour, _ in found.worse] == [12]


def test_a_useless_try_is_found():
    """A third try that one in two hundred answers is not worth its call."""
    found = advice(*a_campaign(3, calls=600, rate=lambda _, ordinal: (0, 0.4, 0.2, 0.005)[ordinal]))
    assert [ordinal for ordinal, _ in found.useless] == [3]
    assert any("try 3" in said for said in sentences(found))


def test_a_handful_of_calls_bears_no_advice():
    """However they went."""
    cells = [
        TryHour(ordinal=1, hour=9, rate=Rate(hits=4, cases=4)),
        TryHour(ordinal=1, hour=10, rate=Rate(hits=0, cases=4)),
    ]
    found = advice(cells, [a_try(cells, 1)])
    assert sentences(found) == (
        "No hour and no try stands out from the rest by more than chance yet.",
    )


def test_the_report_names_its_test():
    """A reader can check it."""
    assert "over 12 comparisons" in ground(advice(*a_campaign(1)))
    assert ground(advice([], [])) == "There is nothing to compare yet."


@pytest.mark.parametrize(
    ("these", "others", "expected"),
    # By hand, for the last: |45 - 50| - 0.5 over sqrt(100**4 / (200**2 * 199)) is 1.2696.
    [((30, 100), (60, 100), 0.0000), ((50, 100), (50, 100), 1.0), ((45, 100), (55, 100), 0.2042)],
)
def test_chance_of_one_table(these, others, expected):
    """One stratum is the corrected chi-square test of a two by two table."""
    rates = (Rate(hits=hits, cases=cases) for hits, cases in (these, others))
    assert chance([Stratum(these=next(rates), others=next(rates))]) == pytest.approx(
        expected, abs=0.001
    )


def test_upper_bound_grows_with_the_number_of_comparisons():
    """Who asks often must be surer of each answer."""
    rate = Rate(hits=2, cases=200)
    assert rate.high < upper_bound(rate, comparisons=1) < upper_bound(rate, comparisons=20)
    assert upper_bound(Rate(hits=0, cases=0), comparisons=1) == 1.0
