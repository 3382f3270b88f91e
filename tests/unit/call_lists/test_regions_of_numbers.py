"""The country column of a list."""

import pytest
from phonenumbers import SUPPORTED_REGIONS

from inkbatch.adapters.call_lists.cells import BadCell
from inkbatch.adapters.call_lists.regions import region_of


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("US", "US"),
        ("gb", "GB"),
        ("UK", "GB"),
        ("United States", "US"),
        ("USA", "US"),
        ("Deutschland", "DE"),
        ("Allemagne", "DE"),
        ("Niemcy", "DE"),
        ("España", "ES"),
        ("Brasil", "BR"),
        ("united  kingdom", "GB"),
        ("+49", "DE"),
        ("0049", "DE"),
        ("+1", "US"),
        ("+44", "GB"),
    ],
)
def test_a_country_is_read_by_code_name_or_calling_code(text, region):
    """Programs write codes, people write names in their own language."""
    assert region_of(text, default=None) == region


@pytest.mark.parametrize("text", ["Atlantis", "1", "49", "+800", "+999", "EU", "North", "-"])
def test_what_names_no_country_is_refused(text):
    """A sales region or a bare figure must not decide in which country a number is read."""
    with pytest.raises(BadCell, match="no known country"):
        region_of(text, default="US")


def test_an_empty_cell_leaves_it_to_the_campaign():
    """Without a word in the row the campaign's default counts, or none at all."""
    assert region_of("", default="US") == "US"
    assert region_of("", default=None) is None


def test_every_region_can_be_written_by_its_code():
    """No code of a region is taken for something else."""
    assert all(region_of(code, default=None) == code for code in SUPPORTED_REGIONS)
