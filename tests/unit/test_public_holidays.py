"""Public holidays by country and region; what is not known is said."""

from datetime import date

import pytest

from inkbatch.adapters.public_holidays import PublicHolidays, require_place

SYDNEY, NEW_YORK = ("Australia/Sydney",), ("America/New_York",)


@pytest.mark.parametrize(
    ("places", "day", "zones", "is_holiday"),
    [
        ("contact", date(2026, 1, 26), SYDNEY, True),  # Australia Day
        ("contact", date(2026, 1, 26), NEW_YORK, False),
        ("contact", date(2026, 7, 4), NEW_YORK, True),
        ("contact", date(2026, 7, 4), ("US/Eastern",), True),  # an older name of the zone
        ("contact", date(2026, 7, 4), (*SYDNEY, *NEW_YORK), True),  # may live in either
        ("contact", date(2026, 7, 4), ("America/Los_Angeles", "Etc/GMT+8"), True),
        ("AU", date(2026, 1, 26), NEW_YORK, True),  # fixed, wherever the contact lives
        ("AU", date(2026, 10, 5), SYDNEY, False),
        ("AU-NSW", date(2026, 10, 5), SYDNEY, True),  # Labour Day of New South Wales
        ("FR", date(2026, 7, 14), (), True),
        ("FR", date(2026, 7, 15), (), False),
        ("IN", date(2035, 1, 26), (), True),  # the last year of its moving holidays
        ("GB-SCT", date(2026, 11, 30), (), True),  # Saint Andrew's Day
        ("GB-ENG", date(2026, 11, 30), (), False),
    ],
)
def test_holidays_are_those_of_the_place(places, day, zones, is_holiday):
    """Of the contact's country by its zones, or of the place that is named."""
    known = PublicHolidays((places,))
    assert known.why_unknown(day, zones) is None
    assert known.is_holiday(day, zones) is is_holiday


@pytest.mark.parametrize(
    ("places", "day", "zones", "sentence"),
    [
        ("contact", date(2026, 7, 4), ("Etc/GMT+8",), "no country is known"),
        ("contact", date(2026, 7, 4), ("EST",), "no country is known"),
        ("contact", date(2026, 7, 4), (), "no country is known"),
        ("ZZ", date(2026, 7, 4), NEW_YORK, "no public holidays are known for ZZ"),
        ("FR", date(2101, 7, 14), (), "holidays of FR in 2101 are not known"),
        ("IN", date(2036, 1, 26), (), "holidays of IN in 2036 are not known"),
    ],
)
def test_what_is_not_known_is_a_sentence(places, day, zones, sentence):
    """No country, no table, or one that ends before the day."""
    assert sentence in PublicHolidays((places,)).why_unknown(day, zones)


@pytest.mark.parametrize("place", ["ZZ", "AU-XX", "australia", "", "../AU"])
def test_an_unknown_place_cannot_be_named(place):
    """The campaign does not load, so nobody is called."""
    with pytest.raises(ValueError, match="public holidays are known"):
        require_place(place)
