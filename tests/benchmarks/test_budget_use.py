import pytest

from tests.benchmarks import budget_use


@pytest.mark.timeout(3600)
def test_the_share_of_the_budget_that_is_used():
    """Prints it for seeded weeks, beside the loop that people write and a fixed window."""
    print()
    budget_use.main()
