"""The quick way to numbers gives the library's own answers, in every country.

NUMBER_FORMS=1000000 in the environment makes the comparison that long.
"""

import os
import random
import re
from itertools import islice

import phonenumbers
import pytest

from inkbatch.adapters.call_lists.cells import BadCell
from inkbatch.adapters.call_lists.number_columns import NumberColumns
from inkbatch.adapters.call_lists.number_reading import REFUSED_KINDS
from inkbatch.adapters.call_lists.number_starts import Starts
from inkbatch.adapters.call_lists.numbers import read_number
from inkbatch.adapters.call_lists.plain_numbers import NO_PLUS, read_plain
from inkbatch.adapters.call_lists.zones import zones_of
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


def refusal(text, region):
    """Return why a number is refused; nothing where it is read."""
    try:
        read_number(text, region=region)
    except BadCell as bad:
        return str(bad)
    return None


def test_numbers_are_refused_for_the_reason_that_the_library_gives():
    """What is refused by its first digits alone is, in brackets, refused by the library alike."""
    chance = random.Random(43)
    refused = 0
    for _ in range(FORMS):
        region = chance.choice([home for home in HOMES if home])
        code = phonenumbers.country_code_for_region(region)
        before = chance.choice(("", "0", "1", str(code)))
        text = before + str(chance.randrange(10**9, 10**12))
        reason = refusal(f"[{text[:3]}]{text[3:]}", region)
        assert refusal(text, region) == reason, (text, region)
        refused += reason is not None
    assert refused > FORMS / 5


def test_zones_of_a_column_are_told_by_as_many_digits_as_it_takes():
    """Exchanges of one area lie in several zones; a column of all of them has each in its own."""
    cells = [f"+1 {area} {exchange} 0100" for area in (208, 850) for exchange in range(200, 1000)]
    column = NumberColumns(region="US", many=0).read(cells)
    told = [None if one is None else one.zones for one in column.told]
    expected = [one_by_one(cell, "US") for cell in cells]
    assert told == [None if one is None else one[2] for one in expected]
    assert len(set(told)) > 2


def one_by_one(text, region):
    """Return what a column is to say of a cell: nothing where there is anything else to tell."""
    try:
        reading = read_number(text, region=region)
        zones = zones_of(reading)
    except BadCell:
        return None
    if reading.repair is not None or read_plain(text, region) is None:
        return None
    return reading.number, reading.kind, zones


def mixed(_text):
    """All cells of a country are in one column."""


def of_one_spelling(text):
    """Cells that differ in their digits only are in one column."""
    return re.sub("[0-9]", "0", text)


@pytest.mark.parametrize("spelling", [mixed, of_one_spelling])
@pytest.mark.parametrize("many", [0, 1_000_000])
def test_a_column_is_read_as_its_cells_are(many, spelling):
    """Numbers, kinds and zones of a column are those of its cells, in every country."""
    chance = random.Random(37)
    cells_of = {}
    for text, region in islice(generated(chance), FORMS):
        cells_of.setdefault((region, spelling(text)), []).append(text)
    plain = 0
    for (region, _), cells in cells_of.items():
        column = NumberColumns(region=region, many=many).read(cells)
        for text, number, told in zip(cells, column.numbers, column.told, strict=True):
            found = None if told is None else (number, told.kind, told.zones)
            assert found == one_by_one(text, region), (text, region)
            plain += found is not None
    assert plain > FORMS / 10


def test_numbers_of_one_start_are_read_alike():
    """Where a start is said to settle all numbers of its length, any ending is read by it."""
    chance = random.Random(41)
    settled = 0
    for text, region in islice(generated(chance), FORMS):
        digits = "+" * text.startswith("+") + "".join(filter(str.isdecimal, text))
        start = digits[: chance.randrange(3, 9)]
        starts = Starts(len(digits), is_abroad=digits.startswith("+"), region=region)
        told = starts[start] if digits.isascii() and len(digits) > len(start) else None
        if told is None:
            continue
        settled += 1
        number = start + "".join(chance.choices("0123456789", k=len(digits) - len(start)))
        found = told.before + number[told.dropped :], told.kind, told.zones
        assert found == one_by_one(number, region), (start, number, region)
    assert settled > FORMS / 20


def can_be_called(text, region):
    """Tell whether the library reads a number to talk at, with 00 as the plus if need be."""
    readings = [by_library(text, region)]
    if text.startswith("00"):
        readings.append(by_library("+" + text[2:], region))
    return any(reading and reading[1] not in REFUSED_KINDS for reading in readings)


def test_what_is_refused_by_its_start_is_refused_by_the_library():
    """Numbers at home that begin as one that cannot exist are refused as the library does."""
    chance = random.Random(43)
    refused = 0
    for text, region in islice(generated(chance), FORMS):
        if not text.isdecimal() or not text.isascii() or region is None:
            continue
        endings = ("".join(chance.choices("0123456789", k=max(0, len(text) - 6))) for _ in range(3))
        for number in (text, *(text[:6] + ending for ending in endings)):
            try:
                read_number(number, region=region)
            except BadCell:
                assert not can_be_called(number, region), (number, region)
                refused += 1
    assert refused > FORMS / 10


@pytest.mark.parametrize(
    ("text", "region", "number"),
    [
        ("0014155550132", "US", "+14155550132"),
        ("001 415 555 0132", "US", "+14155550132"),
        ("001 415 555 0132", "CA", "+14155550132"),
        ("00442079460123", "US", "+442079460123"),
    ],
)
def test_a_double_zero_that_leads_nowhere_at_home_is_a_plus(text, region, number):
    """No refusal that is remembered for such a start keeps the number from being called."""
    assert read_number(text, region=region).number == number


def test_prefixes_that_the_library_drops_twice_refuse_no_number():
    """Behind the code of Malawi it drops two zeros, and what is left is settled by later digits."""
    text = "265001247778"
    assert read_number(text, region="MW").number == by_library(text, "MW")[0]
