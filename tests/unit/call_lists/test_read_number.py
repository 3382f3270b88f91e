"""Numbers as people and spreadsheets write them."""

import random

import phonenumbers
import pytest

from inkbatch.adapters.call_lists import nanp
from inkbatch.adapters.call_lists.cells import BadCell
from inkbatch.adapters.call_lists.numbers import read_number


@pytest.mark.parametrize(
    ("text", "region", "number"),
    [
        ("+14155550132", None, "+14155550132"),
        ("+1 415 555 0132", None, "+14155550132"),
        ("tel:+1-415-555-0132", None, "+14155550132"),
        ("4155550132", "US", "+14155550132"),
        ("(415) 555-0132", "US", "+14155550132"),
        ("(415)555-0132", "CA", "+14155550132"),
        ("415.555.0132", "US", "+14155550132"),
        ("011 44 20 7946 0123", "US", "+442079460123"),
        ("+44 20 7946 0123", "US", "+442079460123"),
        ("+44 (0)20 7946 0123", "US", "+442079460123"),
        ("020 7946 0123", "GB", "+442079460123"),
        ("2079460123", "GB", "+442079460123"),
    ],
)
def test_usual_spellings_are_accepted_as_they_stand(text, region, number):
    """A number that leaves no doubt is read, national or international, with no finding."""
    reading = read_number(text, region=region)
    assert (reading.number, reading.repair) == (number, None)


@pytest.mark.parametrize(
    ("text", "region", "number", "repair"),
    [
        ("4155550132.0", "US", "+14155550132", "decimal"),
        ("+14155550132.00", None, "+14155550132", "decimal"),
        ("14155550132", "US", "+14155550132", "plus"),
        ("442079460123", "GB", "+442079460123", "plus"),
    ],
)
def test_certain_repairs_are_made_and_told(text, region, number, repair):
    """What a spreadsheet did to a number is undone where only one number can have been meant."""
    reading = read_number(text, region=region)
    assert reading.number == number
    assert repair in str(reading.repair)


@pytest.mark.parametrize(
    ("text", "region", "reason"),
    [
        ("", "US", "there is no phone number"),
        ("4.15555E+09", "US", "digits are lost"),
        ("4,15555E+09", "US", "digits are lost"),
        ("call after lunch", "US", "letters"),
        ("1-800-FLOWERS", "US", "letters"),
        ("-", "US", "no phone number"),
        ("415555013", "US", "too short"),
        ("41555501321", "US", "too long"),
        ("5550132", "US", "no area code"),
        ("+1 999 555 0132", None, "no such number"),
        ("442079460123", "US", "too long"),
        ("4155550132", None, "no country code"),
        ("+999 555 0132", None, "no country has this country code"),
        ("+14155550132 / +14155550133", None, "more than one number"),
        ("4155550132 or 4155550133", "US", "more than one number"),
        ("+14155550132 x12", None, "extension"),
        ("+1 415 555 0132 ext. 4", None, "extension"),
        ("9" * 300, "US", "no phone number"),
    ],
)
def test_what_would_need_a_guess_is_refused(text, region, reason):
    """A wrong guess calls a stranger, so a doubtful number is rejected with what to do."""
    with pytest.raises(BadCell, match=reason):
        read_number(text, region=region)


def test_numbers_reserved_for_fiction_are_valid():
    """The sample campaigns can be read: 555-01xx and London's 7946 0xxx count as valid."""
    for number in ("+12125550100", "+18085550199", "+442079460000", "+442079460999"):
        assert read_number(number, region=None).number == number


def test_the_fast_path_agrees_with_the_library():
    """Plain North American numbers get the library's own answer, only sooner."""
    chance = random.Random(7)
    shapes = ("{}{}{}", "+1{}{}{}", "({}) {}-{}", "{}-{}-{}", "+1 {} {} {}")
    taken = 0
    for _ in range(6000):
        parts = chance.randrange(200, 1000), chance.randrange(100, 1000), chance.randrange(10000)
        text = chance.choice(shapes).format(parts[0], parts[1], f"{parts[2]:04d}")
        fast = nanp.plain_number(text, "US")
        parsed = phonenumbers.parse(text, "US")
        if fast is not None:
            taken += 1
            assert phonenumbers.is_valid_number(parsed), text
            assert fast == phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
            kind = phonenumbers.number_type(parsed)
            assert phonenumbers.is_number_type_geographical(kind, 1), text
    assert taken > 2000


def test_the_fast_path_takes_every_usual_number():
    """The area codes of the samples do not fall back to the slow path."""
    for area in ("212", "305", "415", "604", "808"):
        assert nanp.plain_number(f"({area}) 555-0132", "US") == f"+1{area}5550132"


def test_the_fast_path_leaves_other_countries_alone():
    """Ten digits are no North American number where the region is another one."""
    assert nanp.plain_number("4155550132", "GB") is None
    assert nanp.plain_number("4155550132", None) is None
    assert nanp.plain_number("8005550132", "US") is None


@pytest.mark.parametrize("region", nanp.REGIONS)
def test_the_fast_path_leaves_numbers_bound_to_no_place_alone(region):
    """Toll-free, premium, personal and internet numbers tell no single zone by their digits."""
    kinds = set(phonenumbers.PhoneNumberType.values()) - {
        phonenumbers.PhoneNumberType.FIXED_LINE,
        phonenumbers.PhoneNumberType.MOBILE,
        phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE,
    }
    examples = [phonenumbers.example_number_for_type(region, kind) for kind in kinds]
    found = [example for example in examples if example is not None]
    assert len(found) >= 3
    for example in found:
        number = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)
        assert nanp.plain_number(number, region) is None, number


def test_exactly_the_valid_numbers_are_taken():
    """A number is read if and only if the library calls it valid, in every country."""
    chance = random.Random(13)
    codes = [
        phonenumbers.country_code_for_region(region) for region in ("US", "GB", "DE", "IN", "IT")
    ]
    seen = {True: 0, False: 0}
    for _ in range(1500):
        text = f"+{chance.choice(codes)}{chance.randrange(10**8, 10**10)}"
        valid = phonenumbers.is_valid_number(phonenumbers.parse(text))
        try:
            taken = read_number(text, region=None).number is not None
        except BadCell:
            taken = False
        assert taken == valid, text
        seen[valid] += 1
    assert min(seen.values()) > 100
