"""The quick way for numbers in a plain spelling: most lists hold nothing else."""

from inkbatch.adapters.call_lists.number_pairs import holds_pair
from inkbatch.adapters.call_lists.number_plans import plan_of_region, plan_of_start
from inkbatch.adapters.call_lists.number_reading import REFUSED_KINDS, NumberReading

NO_PLUS = "the plus before the country code was missing"

_SPACING = {ord(character): None for character in " -.()"}
_DIGITS_SPACED_MIN = 9  # fewer may be a date
_DIGITS_SPACED_MAX = 13  # more may be two numbers
_NATIONAL_DIGITS_MIN = 7  # fewer may be an emergency number or a short code


def read_plain(text: str, region: str | None) -> NumberReading | None:
    """Return what `phonenumbers` says of a plainly written valid number, None for all else."""
    is_international = text[:1] == "+"
    digits = text[1:] if is_international else text
    if not digits.isdecimal():
        digits = digits_of(digits)
        if digits and holds_pair(text, region):
            return None
    if not digits.isascii():
        return None
    return _international(digits) if is_international else _national(digits, region)


def _international(digits: str) -> NumberReading | None:
    plan = plan_of_start(digits[:3])
    match = plan and plan.expression.fullmatch(digits[len(plan.code) :])
    if not plan or not match:
        return None
    kind, is_geographic = plan.kinds[(match.lastindex or 0) - 1]
    if kind in REFUSED_KINDS:
        return None
    return NumberReading("+" + digits, is_geographic, kind)


def _national(digits: str, region: str | None) -> NumberReading | None:
    plans = plan_of_region(region)
    if plans is None or len(digits) < _NATIONAL_DIGITS_MIN:
        return None
    plan, repair = plans.national, None
    match = plan.expression.fullmatch(digits)
    if match is None and digits.startswith(plan.code):
        plan, repair = plans.without_plus, NO_PLUS
        match = plan.expression.fullmatch(digits)
    if match is None:
        return None
    kind, is_geographic = plan.kinds[(match.lastindex or 0) - 1]
    if kind in REFUSED_KINDS:
        return None
    significant = digits[match.start("nsn") :]
    return NumberReading(f"+{plan.code}{significant}", is_geographic, kind, None, repair)


def digits_of(text: str) -> str:
    """Return the digits of a spaced number; "" for what may be a date or a decimal."""
    digits = text.translate(_SPACING)
    is_number = (
        digits.isdecimal()
        and _DIGITS_SPACED_MIN <= len(digits) <= _DIGITS_SPACED_MAX
        and text[0] in "(0123456789"
        and text[-1] in "0123456789"
        and text.count(".") != 1
    )
    return digits if is_number else ""
