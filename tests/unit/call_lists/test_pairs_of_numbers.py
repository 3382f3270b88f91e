"""Two numbers of one area in one cell, beside one number whose digits are grouped."""

import phonenumbers
import pytest
from phonenumbers import PhoneNumberFormat

from inkbatch.adapters.call_lists.cells import BadCell
from inkbatch.adapters.call_lists.number_pairs import LONG_PAIR, holds_pair
from inkbatch.adapters.call_lists.number_reading import REFUSED_KINDS
from inkbatch.adapters.call_lists.numbers import read_number
from tests.number_forms import by_library, examples


@pytest.mark.parametrize(
    ("text", "region"),
    [
        ("030 12345 12346", "DE"),
        ("030  12345  12346", "DE"),
        ("030.12345.12346", "DE"),
        ("(030) 12345 12346", "DE"),
        ("+49 30 12345 12346", None),
        ("+49 (0)30 12345 12346", None),
        ("0049 30 12345 12346", "DE"),
        ("011 49 30 12345 12346", "US"),
        ("49 30 12345 12346", "DE"),
        ("036601 12345 12346", "DE"),
        ("0221 123456 123457", "DE"),
        ("01 51234 51235", "AT"),
    ],
)
def test_two_numbers_parted_by_blanks_are_not_joined_into_a_third(text, region):
    """Where each group behind the area code may be a number, only the person can tell."""
    with pytest.raises(BadCell, match="more than one number"):
        read_number(text, region=region)


@pytest.mark.parametrize(
    ("text", "region", "number"),
    [
        ("98765 43210", "IN", "+919876543210"),
        ("0 98765 43210", "IN", "+919876543210"),
        ("+91 98765 43210", None, "+919876543210"),
        ("91 98765 43210", "IN", "+919876543210"),
        ("02234 123456", "DE", "+492234123456"),
        ("+49 36601 12345", None, "+493660112345"),
    ],
)
def test_one_number_in_two_long_groups_is_one(text, region, number):
    """An area code of five digits and a country's own grouping are no first number."""
    assert read_number(text, region=region).number == number


@pytest.mark.parametrize("spelling", [PhoneNumberFormat.NATIONAL, PhoneNumberFormat.INTERNATIONAL])
def test_no_country_s_own_grouping_is_taken_for_two_numbers(spelling):
    """Each region's examples, as its people group their digits, are one number."""
    paired = 0
    for example in examples():
        region = phonenumbers.region_code_for_number(example)
        text = phonenumbers.format_number(example, spelling)
        assert not holds_pair(text, region), (text, region)
        expected = by_library(text, region) if LONG_PAIR.search(text) else None
        if expected is not None and expected[1] not in REFUSED_KINDS:
            paired += 1
            assert read_number(text, region=region).number == expected[0], (text, region)
    assert paired
