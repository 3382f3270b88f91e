"""What is a number in E.164 form, and how it may be shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkbatch.domain.phone_number import masked, require_e164


@pytest.mark.parametrize(
    "number", ["+14155550132", "+442079460000", "+1234567", "+123456789012345"]
)
def test_accepts_e164(number):
    """A plus sign and 7 to 15 digits that do not begin with zero."""
    assert require_e164(number) == number


@pytest.mark.parametrize(
    "text",
    ["", "+", "14155550132", "+04155550132", "+123456", "+1234567890123456", "+1 415 555 0132",
     "+1415555O132", "+14155550132\n",
     "+1\u0664\u0661\u0665\u0665\u0665\u0665\u0660\u0661\u0663\u0662", "tel:+14155550132"],
)  # fmt: skip
def test_refuses_everything_else(text):
    """Blanks, letters, a line end or digits of another script are no E.164."""
    with pytest.raises(ValueError, match=r"E\.164"):
        require_e164(text)


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("+14155550132", "+1•••••••0132"),
        ("+442079460123", "+4•••••••0123"),
        ("+1234567", "+1•••••••4567"),
        ("911", "•••••••"),
        ("123456", "•••••••"),
        ("", "•••••••"),
    ],
)
def test_shows_two_characters_and_four_digits_at_most(number, shown):
    """The mask tells neither the number nor its length, and a short text not at all."""
    assert masked(number) == shown


@given(st.integers(min_value=1_000_000, max_value=10**15 - 1).map("+{}".format))
def test_a_mask_hides_at_least_two_digits(number):
    """No mask can be read back into the number."""
    assert number[1:] not in masked(number)
    assert sum(character.isdigit() for character in masked(number)) <= len(number) - 3
