"""What a person typed becomes a number in E.164, or a reason why not.

Only repairs that leave one possible number are made; nothing is guessed, since a wrong guess
calls a stranger.
"""

from functools import lru_cache

import phonenumbers
from phonenumbers import (
    CountryCodeSource,
    NumberParseException,
    PhoneNumber,
    PhoneNumberFormat,
    PhoneNumberType,
    ValidationResult,
    shortnumberinfo,
)

from inkbatch.adapters.call_lists.cells import BadCell
from inkbatch.adapters.call_lists.number_pairs import holds_pair
from inkbatch.adapters.call_lists.number_reading import KINDS, REFUSED_KINDS, NumberReading
from inkbatch.adapters.call_lists.number_refusals import refuse_long, refuse_ruined, refuse_spelling
from inkbatch.adapters.call_lists.number_repairs import repaired
from inkbatch.adapters.call_lists.number_rules import rules_at_home
from inkbatch.adapters.call_lists.plain_numbers import NO_PLUS, digits_of, read_plain

__all__ = ["NumberReading", "read_number"]

_SHORT_DIGITS_MAX = 6
_LONG_DIGITS = 10  # no prefix that is settled by a start leaves a short number of these
_START = 6
_ZEROS = "00"
_NOT_POSSIBLE = {
    ValidationResult.TOO_SHORT: "the number is too short: check it for missing digits",
    ValidationResult.TOO_LONG: "the number is too long: check it for surplus digits",
    ValidationResult.IS_POSSIBLE_LOCAL_ONLY: "the number has no area code: add it",
    ValidationResult.INVALID_COUNTRY_CODE: "no country has this country code: correct it",
}
_TRUNK_ZERO = "the (0), which is not dialed from abroad, was dropped"
_DOUBLE_ZERO = "the number began with 00, which was read as the plus of a country code"
_NOT_VALID = (
    "no such number can exist in its country: check the digits, and write a number from abroad "
    "with a leading plus and its country code"
)
_NO_COUNTRY_CODE = (
    "the number has no country code: write it with a leading plus (in place of a leading 00), "
    "or set default_region"
)
_EMERGENCY = "this is an emergency number, which is never called: write the person's own number"
_SHORT_CODE = (
    "this is a short code, which works inside its own country's networks only: write a full number"
)


def read_number(text: str, *, region: str | None) -> NumberReading:
    """Read one cell as `phonenumbers` does, which is asked only where the spelling is not plain.

    `region` is the country of a number without plus, as two capital letters. Raises BadCell.
    """
    return _read_plain(text, region) or _read_odd(text, region)


def _read_plain(text: str, region: str | None) -> NumberReading | None:
    """Return None where nothing but the rarer ways can tell.

    A spelling that is plain needs no repair, and no spreadsheet has ruined it.
    """
    reading = read_plain(text, region)
    if reading is None:
        digits = digits_of(text)
        reason = _refusal(digits[:_START], len(digits), region) if digits else None
        if reason is not None and not holds_pair(text, region):
            raise BadCell(reason)
    return reading


def _read_odd(text: str, region: str | None) -> NumberReading:
    refuse_long(text)
    found = repaired(text)
    reading = _read_plain(found.text, region) or _read_spaced(found.text, region)
    repairs = (*found.repairs, reading.repair) if reading.repair else found.repairs
    return reading._replace(extension=found.extension, repair="; ".join(repairs) or None)


def _read_spaced(text: str, region: str | None) -> NumberReading:
    """Once it is sure that a text is one number, any spacing of its digits is as good as none."""
    refuse_ruined(text)
    refuse_spelling(text, region)
    digits = "".join(filter(str.isdigit, text))
    plain = read_plain(f"+{digits}" if "+" in text else digits, region)
    if plain is not None:
        return plain
    return _read_by_library(text, region)


@lru_cache(maxsize=10_000)
def _refusal(start: str, length: int, region: str | None) -> str | None:
    """Return why no number without plus, of this start and length, can be called, if that is so.

    To ask the library takes twenty times as long as all else about a row. Behind 00 it reads other
    digits, too, which nothing here has settled.
    """
    rules = rules_at_home(region)
    if rules is None or length < _LONG_DIGITS or start.startswith(_ZEROS):
        return None
    example = rules.example_at_home(start, length=length)
    return None if example is None else _refusal_by_library(example, region)


@lru_cache(maxsize=1_000)
def _refusal_by_library(text: str, region: str | None) -> str | None:
    try:
        _parsed(text, region)
    except BadCell as bad:
        return str(bad)
    return None


def _read_by_library(text: str, region: str | None) -> NumberReading:
    try:
        return _parsed(text, region)
    except BadCell:
        if region is None or not text.startswith(_ZEROS):
            raise
    # Where 00 leads nowhere by the rules of the region, it can only be the plus.
    return _parsed("+" + text.removeprefix(_ZEROS), region)._replace(repair=_DOUBLE_ZERO)


def _parsed(text: str, region: str | None) -> NumberReading:
    try:
        parsed = phonenumbers.parse(text, region, keep_raw_input=True)
    except NumberParseException as error:
        raise BadCell(_why_not_parsed(error, text, region)) from None
    _refuse_short(parsed, region)
    possible = phonenumbers.is_possible_number_with_reason(parsed)
    if possible != ValidationResult.IS_POSSIBLE:
        raise BadCell(_NOT_POSSIBLE.get(possible, _NOT_VALID))
    # A number has a type if and only if it is valid; one look at the metadata tells both.
    kind = phonenumbers.number_type(parsed)
    if kind == PhoneNumberType.UNKNOWN:
        raise BadCell(_NOT_VALID)
    if KINDS[kind] in REFUSED_KINDS:
        raise BadCell(REFUSED_KINDS[KINDS[kind]])
    number = phonenumbers.format_number(parsed, PhoneNumberFormat.E164)
    return NumberReading(
        number,
        phonenumbers.is_number_type_geographical(kind, parsed.country_code or 0),
        KINDS[kind],
        extension=None,
        repair=_repair_by_library(parsed, text, number),
    )


def _repair_by_library(parsed: PhoneNumber, text: str, number: str) -> str | None:
    if parsed.country_code_source == CountryCodeSource.FROM_NUMBER_WITHOUT_PLUS_SIGN:
        return NO_PLUS
    lost = sum(map(str.isdigit, text)) > len(number) - 1
    return _TRUNK_ZERO if "(0)" in text and lost else None


def _refuse_short(parsed: PhoneNumber, region: str | None) -> None:
    significant = phonenumbers.national_significant_number(parsed)
    if len(significant) > _SHORT_DIGITS_MAX:
        return
    code = parsed.country_code or 0
    if region is None or phonenumbers.country_code_for_region(region) != code:
        region = phonenumbers.region_code_for_country_code(code)
    if shortnumberinfo.is_emergency_number(significant, region):
        raise BadCell(_EMERGENCY)
    if not phonenumbers.is_valid_number(parsed) and shortnumberinfo.is_valid_short_number(parsed):
        raise BadCell(_SHORT_CODE)


def _why_not_parsed(error: NumberParseException, text: str, region: str | None) -> str:
    if error.error_type != NumberParseException.INVALID_COUNTRY_CODE:
        return "this is no phone number: write digits, best with a leading plus and country code"
    if region is None and not text.lstrip("( ").startswith("+"):
        if sum(map(str.isdigit, text)) <= _SHORT_DIGITS_MAX:
            return _NOT_POSSIBLE[ValidationResult.TOO_SHORT]
        return _NO_COUNTRY_CODE
    return "no country has this country code: correct it"
