"""Finding a number in what people type, whatever they put between its digits."""

import pytest

from inkbatch.adapters.store.mentions import Mention

US, LONDON = Mention("+14155550132"), Mention("+442079460123")


@pytest.mark.parametrize(
    ("mention", "text"),
    [
        (US, "+14155550132"),
        (US, "(415) 555-0132"),
        (US, "415.555.0132 x12"),
        (US, "her sister: 1-415-555-0132, evenings"),
        (US, "415\u00a0555\u20110132"),
        (US, "4155550132.0"),
        (LONDON, "020 7946 0123"),
        (LONDON, "+44 (0)20 7946 0123"),
        (LONDON, "0044 20 79 46 01 23"),
    ],
)
def test_a_number_is_found_in_any_writing(mention, text):
    """With or without country code, and with any sign or space between the digits."""
    assert mention.is_in(text)


@pytest.mark.parametrize(
    "text", [None, "", "415 555-0133", "555-0132", "4155550 and 132", "Ottilie"]
)
def test_another_number_or_a_part_is_no_mention(text):
    """Somebody else's cells stay as they are."""
    assert not US.is_in(text)
