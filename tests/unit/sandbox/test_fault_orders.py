"""Files of faults, and which occasions a fault strikes."""

import pytest

from inkbatch.sandbox import FaultOrders, FaultsError, load_faults, read_orders
from inkbatch.sandbox.faults.book import FaultBook
from inkbatch.sandbox.faults.orders import DropWebhook, When
from inkbatch.sandbox.faults.reading import KINDS

EVERYTHING = """
seed = 7

[[faults]]
fault = "reset"
when = "after"
methods = ["POST"]
paths = ["/place-call"]
rate = 0.2
times = 3
after = 10

[[faults]]
fault = "list_lag"
seconds = 30
"""


def orders(*faults, seed=1):
    """Read orders as they come by the control endpoint."""
    return read_orders({"seed": seed, "faults": list(faults)}, source="faults")


def struck(times_asked, *, seed=1, **limits):
    """Return the occasions (from 1) on which a fault with these limits strikes."""
    book = FaultBook(orders({"fault": "drop_webhook", **limits}, seed=seed))
    asked = range(1, times_asked + 1)
    return [each for each in asked if book.struck_webhook(DropWebhook)]


def test_a_file_orders_faults_with_their_limits(tmp_path):
    """What is written is what is ordered; what is left out is every occasion."""
    path = tmp_path / "faults.toml"
    path.write_text(EVERYTHING, "utf-8")
    ordered = load_faults(path)
    reset, lag = ordered.faults
    assert ordered.seed == 7
    assert (reset.when, reset.rate, reset.times, reset.after) == (When.AFTER, 0.2, 3, 10)
    assert (lag.seconds, lag.rate, lag.times, lag.after) == (30, 1, None, 0)


RESET = 'fault = "reset"\nwhen = "after"'


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            f"[[faults]]\n{RESET}\nrate = 1.5",
            "faults[0].rate = 1.5; it must be a share from 0 to 1",
        ),
        (
            f"[[faults]]\n{RESET}\nrate = nan",
            "faults[0].rate = nan; it must be a share from 0 to 1",
        ),
        (
            f"[[faults]]\n{RESET}\ntimes = 0",
            "faults[0].times = 0; it must be a whole number from 1",
        ),
        (
            '[[faults]]\nfault = "slow"',
            "faults[0].fault = 'slow': there is no such fault; allowed: ",
        ),
        ("[[faults]]\nrate = 1", "faults[0].fault is missing; allowed: clock_skew, deleted_call, "),
        ('[[faults]]\nfault = "hang"', 'faults[0].when is missing; it must be "before" or "after"'),
        (
            f"[[faults]]\n{RESET}\ncolour = 1",
            "faults[0].colour = 1: reset has no such key; allowed: ",
        ),
        (
            '[[faults]]\nfault = "server_error"\nwhen = "after"\nstatus = 418',
            "faults[0].status = 418; it must be 500, 502, 503 or 504",
        ),
        (
            f"[[faults]]\n{RESET}\nmethods = ['PUSH']",
            "faults[0].methods = 'PUSH'; it must be a list",
        ),
        ("fault = 1", "fault = 1: a file of faults has no such key; allowed: faults, seed"),
        ("faults = 3", "faults = 3; it must be a list of at most 100 tables"),
        ("faults = [3]", "faults[0] = 3; it must be a table"),
        ("[[faults", "cannot be read as a TOML file of faults"),
    ],
)
def test_a_mistake_in_a_file_of_faults_is_one_sentence(tmp_path, text, sentence):
    """File, key, value and what is allowed; nothing of how the file is checked."""
    path = tmp_path / "faults.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(FaultsError) as caught:
        load_faults(path)
    assert str(path) in str(caught.value)
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_file_of_faults_is_named(tmp_path):
    with pytest.raises(FaultsError, match=r"nowhere\.toml cannot be read"):
        load_faults(tmp_path / "nowhere.toml")


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_an_endless_value_is_shown_in_part(kind):
    """A sentence stays a sentence whatever stands in the file."""
    with pytest.raises(FaultsError) as caught:
        orders({"fault": kind, "rate": "x" * 100_000})
    assert len(str(caught.value)) < 300


def test_a_fault_strikes_the_occasions_that_its_limits_name():
    """`after` passes over the first occasions, `times` ends it."""
    assert struck(6) == [1, 2, 3, 4, 5, 6]
    assert struck(6, after=2) == [3, 4, 5, 6]
    assert struck(6, after=2, times=1) == [3]
    assert struck(6, rate=0) == []


def test_the_same_seed_strikes_the_same_occasions():
    """Seeds choose among occasions, and come near the rate."""
    once = struck(1_000, rate=0.3, seed=5)
    assert once == struck(1_000, rate=0.3, seed=5)
    assert once != struck(1_000, rate=0.3, seed=6)
    assert 250 < len(once) < 350


def test_two_faults_of_one_kind_choose_apart_from_each_other():
    """A second one with the same rate is no copy of the first."""
    book = FaultBook(orders(*[{"fault": "reset", "when": "after", "rate": 0.5}] * 2))
    first, second = book.matching(method="GET", path="/numbers")
    pairs = [(first.strikes(), second.strikes()) for _ in range(100)]
    assert set(pairs) == {(False, False), (False, True), (True, False), (True, True)}


@pytest.mark.parametrize(
    ("limits", "method", "path", "is_met"),
    [
        ({}, "GET", "/numbers", True),
        ({"methods": ["POST"]}, "GET", "/numbers", False),
        ({"methods": ["POST", "GET"]}, "GET", "/numbers", True),
        ({"paths": ["/place-call"]}, "POST", "/place-call", True),
        ({"paths": ["/place-call"]}, "POST", "/place-call/more", False),
        ({"paths": ["/numbers/*/calls"]}, "GET", "/numbers/7/calls", True),
        ({"paths": ["/numbers/*/calls"]}, "GET", "/numbers/7", False),
        ({"paths": ["/calls", "/numbers"]}, "GET", "/numbers", True),
    ],
)
def test_a_fault_meets_the_requests_that_it_is_limited_to(limits, method, path, is_met):
    book = FaultBook(orders({"fault": "garbage", **limits}))
    assert bool(book.matching(method=method, path=path)) is is_met


def test_ordering_anew_forgets_old_counts():
    book = FaultBook(orders({"fault": "drop_webhook"}))
    assert book.struck_webhook(DropWebhook)
    assert book.told()["faults"][0]["struck"] == 1
    book.order(orders({"fault": "drop_webhook"}))
    assert book.told()["faults"][0]["struck"] == 0
    book.order(FaultOrders())
    assert book.struck_webhook(DropWebhook) is None
