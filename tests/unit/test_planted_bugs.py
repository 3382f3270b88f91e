"""The bugs of `make mutations`: each can still be planted, and names tests that exist."""

import pytest

from tests.mutations.planted_bugs import BUGS, ROOT


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.name)
def test_a_planted_bug_still_fits_the_code(bug):
    """Its sound code is found exactly once, so that the bug is planted where it was meant."""
    assert bug.places() == 1
    assert bug.planted != bug.sound
    assert bug.tests
    assert all((ROOT / test).is_file() for test in bug.tests)


def test_there_are_enough_planted_bugs_and_each_has_its_own_name():
    """A suite is believed once it has caught many different ones."""
    assert len({bug.name for bug in BUGS}) == len(BUGS) >= 25
