"""The quick way to numbers gives the library's own answers, in every country.

NUMBER_FORMS=1000000 in the environment makes the comparison that long.
"""

import os
import random
from itertools import islice

import phonenumbers
import pytest

from inkbatch.adapters.call_lists.cells import BadCell
from inkbatch.adapters.call_lists.number_reading import REFUSED_KINDS
from inkbatch.adapters.call_lists.numbers import read_number
from inkbatch.adapters.call_lists.plain_numbers import NO_PLUS, read_plain
from tests.number_forms import REGIONS, by_library, examples, random_number, spellings

FORMS = int(os.environ.get("NUMBER_FORMS", "1500"))
SOME_REGIONS = ("US", "CA", "AG", "GB", "DE", "IT", "BR", "AR", "JP", "KZ", "HU", "AU", "DK", None)
HOMES = REGIONS if FORMS > 10_000 else SOME_REGIONS  # it takes a while to compile them all
EXAMPLES = examples()


def generated(chance):
    """Give texts and regions without end, half of them in the number's own country."""
    while True:
        if chance.random() < 0.5:
            parsed = chance.choice(EXAMPLES)
        else:
            code, digits = random_number(chance)
            parsed = phonenumbers.PhoneNumber(
                country_code=code,
                national_number=int(digits),
                italian_leading_zero=digits.startswith("0") or None,
                number_of_leading_zeros=len(digits) - len(digits.lstrip("0")) or None,
            )
        own = set(phonenumbers.COUNTRY_CODE_TO_REGION_CODE[parsed.country_code]) & set(HOMES)
        text = chance.choice(spellings(parsed, chance))
        yield text, chance.choice(sorted(own) if own and chance.random() < 0.7 else HOMES)


def agree(text, region):
    """Compare one text; return what the quick way made of it."""
    quick, expected = read_plain(text, region), by_library(text, region)
    if quick is not None:
        found = (quick.number, quick.kind, quick.is_geographic, quick.repair == NO_PLUS)
        assert found == expected, (text, region)
    return quick


def test_every_example_of_the_library_is_read_as_the_library_reads_it():
    """Each region's example of each type gets its number and kind, or is refused for its kind."""
    quick = taken = 0
    for parsed in EXAMPLES:
        number = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
        expected = by_library(number, None)
        quick += read_plain(number, None) is not None
        if expected is None or expected[1] in REFUSED_KINDS:
            with pytest.raises(BadCell):
                read_number(number, region=None)
            continue
        reading = read_number(number, region=None)
        assert (reading.number, reading.kind, reading.is_geographic, False) == expected
        taken += 1
    assert taken > 1000
    assert quick / taken > 0.95


def test_the_quick_way_agrees_with_the_library_on_generated_forms():
    """Spellings at home and abroad, lengthened, cut and spoilt: no number, kind or plus differs."""
    chance = random.Random(29)
    cases = islice(generated(chance), FORMS)
    quick = sum(agree(text, region) is not None for text, region in cases)
    assert quick > FORMS / 10


def test_whatever_is_read_is_what_the_library_reads():
    """No repair of a generated form, in any spacing, leads to another number than the library's."""
    chance = random.Random(31)
    taken = 0
    for text, region in islice(generated(chance), FORMS):
        spaced = text.replace(" ", chance.choice(("/", "  ", ".", " - "))) if " " in text else text
        try:
            reading = read_number(spaced, region=region)
        except BadCell:
            continue
        expected = by_library(spaced, region) or by_library("+" + spaced[2:], region)
        assert (reading.number, reading.kind, reading.is_geographic) == expected[:3]
        taken += 1
    assert taken > FORMS / 10


def test_exactly_the_valid_numbers_are_taken():
    """Digits with a plus are taken if and only if the library calls them a number to talk at."""
    chance = random.Random(13)
    seen = {True: 0, False: 0}
    for _ in range(2000):
        code, digits = random_number(chance)
        expected = by_library(f"+{code}{digits}", None)
        valid = expected is not None and expected[1] not in REFUSED_KINDS
        try:
            number = read_number(f"+{code}{digits}", region=None).number
        except BadCell:
            number = None
        assert number == (expected[0] if valid else None)
        seen[valid] += 1
    assert min(seen.values()) > 100
