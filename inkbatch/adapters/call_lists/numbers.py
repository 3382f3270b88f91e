"""What a person typed becomes a number in E.164, or a reason why not.

Only repairs that leave one possible number are made; nothing is guessed, since a wrong guess
calls a stranger.
"""

import re
from dataclasses import dataclass, replace

import phonenumbers
from phonenumbers import (
    CountryCodeSource,
    NumberParseException,
    PhoneNumberFormat,
    PhoneNumberType,
    ValidationResult,
)

from inkbatch.adapters.call_lists import nanp
from inkbatch.adapters.call_lists.cells import BadCell

_DECIMAL = re.compile(r"(\+?\d{7,15})\.0+", re.ASCII)
_SCIENTIFIC = re.compile(r"\+?\d+([.,]\d+)?[eE]\+?\d+", re.ASCII)
_DIVIDER = re.compile(r"[;,|/\n]| or | and ")
_DIGITS_OF_A_NUMBER = 7

_NOT_POSSIBLE = {
    ValidationResult.TOO_SHORT: "the number is too short: check it for missing digits",
    ValidationResult.TOO_LONG: "the number is too long: check it for surplus digits",
    ValidationResult.IS_POSSIBLE_LOCAL_ONLY: "the number has no area code: add it",
    ValidationResult.INVALID_COUNTRY_CODE: "no country has this country code: correct it",
}
_POINT_ZERO = "a spreadsheet had made the number a decimal one; its .0 was dropped"
_NO_PLUS = "the plus before the country code was missing"
_NOT_VALID = (
    "no such number can exist in its country: check the digits, and write a number from abroad "
    "with a leading plus and its country code"
)


@dataclass(frozen=True, slots=True)
class NumberReading:
    """A number in E.164, and how it had to be repaired (None if it stood right).

    `is_geographic` says whether its digits tell a place, and with it a time zone.
    """

    number: str
    is_geographic: bool
    repair: str | None = None


def read_number(text: str, *, region: str | None) -> NumberReading:
    """Read one cell; `region` is the country of a number without plus. Raises BadCell."""
    number = nanp.plain_number(text, region)
    if number is not None:
        return NumberReading(number, is_geographic=True)
    decimal = _DECIMAL.fullmatch(text)
    if decimal:
        return replace(read_number(decimal[1], region=region), repair=_POINT_ZERO)
    _refuse_what_is_no_number(text)
    return _read_by_library(text, region)


def _refuse_what_is_no_number(text: str) -> None:
    if not text:
        raise BadCell("there is no phone number: fill it in")
    if _SCIENTIFIC.fullmatch(text):
        raise BadCell(
            "a spreadsheet shortened the number and its digits are lost: format the column as "
            "text and enter the number again"
        )
    if _holds_several(text):
        raise BadCell("the cell holds more than one number: keep the one to call")
    bare = text.lower().removeprefix("tel:")
    if re.search(r"(ext|x|#|;)\D{0,9}\d+$", bare):
        raise BadCell("an extension cannot be dialed: write a direct number")
    if any(character.isalpha() for character in bare):
        raise BadCell("the number holds letters: write it in digits")


def _holds_several(text: str) -> bool:
    parts = [sum(map(str.isdigit, part)) for part in _DIVIDER.split(text)]
    return sum(digits >= _DIGITS_OF_A_NUMBER for digits in parts) > 1


def _read_by_library(text: str, region: str | None) -> NumberReading:
    try:
        parsed = phonenumbers.parse(text, region, keep_raw_input=True)
    except NumberParseException as error:
        raise BadCell(_why_not_parsed(error, text, region)) from None
    possible = phonenumbers.is_possible_number_with_reason(parsed)
    if possible != ValidationResult.IS_POSSIBLE:
        raise BadCell(_NOT_POSSIBLE.get(possible, _NOT_VALID))
    # A number has a type if and only if it is valid; one look at the metadata tells both.
    kind = phonenumbers.number_type(parsed)
    if kind == PhoneNumberType.UNKNOWN:
        raise BadCell(_NOT_VALID)
    without_plus = parsed.country_code_source == CountryCodeSource.FROM_NUMBER_WITHOUT_PLUS_SIGN
    return NumberReading(
        phonenumbers.format_number(parsed, PhoneNumberFormat.E164),
        is_geographic=phonenumbers.is_number_type_geographical(kind, parsed.country_code or 0),
        repair=_NO_PLUS if without_plus else None,
    )


def _why_not_parsed(error: NumberParseException, text: str, region: str | None) -> str:
    if error.error_type != NumberParseException.INVALID_COUNTRY_CODE:
        return "this is no phone number: write digits, best with a leading plus and country code"
    if region is None and not text.lstrip().startswith("+"):
        return "the number has no country code: write it with a leading plus, or set default_region"
    return "no country has this country code: correct it"
