"""How much of the dialing Prefect is told as tasks of its own."""

from hypothesis import given
from hypothesis import strategies as st

from flows.task_pace import CALLS_A_SECOND, CALLS_AT_ONCE, Shown, TaskPace


def paced(batches):
    """Return how each batch is told; batches are pairs of seconds since the last one and calls."""
    at = 1_000.0
    pace, shown = TaskPace(lambda: at), []
    for wait, calls in batches:
        at += wait
        shown.append(pace.next(calls))
    return shown


def test_a_whole_day_at_ordinary_limits_is_seen_call_by_call_even_at_once():
    """A hundred calls in one batch, or two every second for hours."""
    assert paced([(0, 100)]) == [Shown.CALLS]
    assert set(paced([(1, 2)] * 10_000)) == {Shown.CALLS}


def test_what_comes_faster_is_told_by_batches():
    """Fifty calls a second are one task a batch as soon as the first hundred are used up."""
    shown = paced([(1, 50)] * 100)
    assert shown[:2] == [Shown.CALLS] * 2
    assert set(shown[3:]) == {Shown.BATCH}


def test_batches_that_come_too_fast_are_told_with_a_later_one():
    """Small batches in quick succession would be as many tasks as their calls."""
    shown = paced([(0.01, 4)] * 3_000)
    assert shown.count(Shown.CALLS) < 30
    assert 25 < shown.count(Shown.BATCH) < 35


def test_calls_are_seen_again_once_the_dialing_is_slow():
    """A fast night does not hide the slow one after it."""
    shown = paced([(0.1, 50)] * 100 + [(60, 1)] * 3)
    assert shown[-1] is Shown.CALLS


@given(st.lists(st.tuples(st.floats(0, 5), st.integers(1, 300)), max_size=300))
def test_no_more_tasks_than_the_server_can_record(batches):
    """However the batches come: the bucket, and what fills it up meanwhile."""
    told = zip(batches, paced(batches), strict=True)
    tasks = {Shown.CALLS: lambda calls: calls, Shown.BATCH: lambda _: 1, Shown.LATER: lambda _: 0}
    count = sum(tasks[shown](calls) for (_, calls), shown in told)
    seconds = sum(wait for wait, _ in batches)
    assert count <= CALLS_AT_ONCE + 1 + seconds * (CALLS_A_SECOND + 1) + 1e-6
