"""The numbering plans of all countries, compiled from the metadata of `phonenumbers`.

The library walks a country's descriptions for each number, in some 150 microseconds. Here they
become one expression for each country code, in which the branch that matches tells the kind.
Whatever the library would transform on the way (carrier codes, lost area codes, ...) is left
out, so that no match means «ask the library», never «invalid».
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

from phonenumbers import (
    COUNTRY_CODE_TO_REGION_CODE,
    SUPPORTED_REGIONS,
    PhoneMetadata,
    PhoneNumberType,
    country_code_for_region,
    is_number_type_geographical,
)

from inkbatch.adapters.call_lists.number_reading import KINDS

_NEVER = r"(?!)"
_CODE_LENGTH_MAX = 3
# In the order in which the library tries them.
KINDS_BEFORE_LINES = (
    ("premium_rate", PhoneNumberType.PREMIUM_RATE),
    ("toll_free", PhoneNumberType.TOLL_FREE),
    ("shared_cost", PhoneNumberType.SHARED_COST),
    ("voip", PhoneNumberType.VOIP),
    ("personal_number", PhoneNumberType.PERSONAL_NUMBER),
    ("pager", PhoneNumberType.PAGER),
    ("uan", PhoneNumberType.UAN),
    ("voicemail", PhoneNumberType.VOICEMAIL),
)


class Kind(NamedTuple):
    """What a matching branch says of its number."""

    name: str
    is_geographic: bool


class Plan(NamedTuple):
    """An expression for whole strings of digits; `kinds[match.lastindex - 1]` is the kind."""

    code: str
    expression: re.Pattern[str]
    kinds: tuple[Kind, ...]


class NationalPlan(NamedTuple):
    """How numbers without plus are written in one region.

    Both expressions put the significant digits behind a mark: `digits[match.start("nsn"):]`.
    """

    national: Plan
    without_plus: Plan


@cache
def plan_of_start(start: str) -> Plan | None:
    """Return the plan of the country code that the first three digits begin with."""
    for length in range(1, _CODE_LENGTH_MAX + 1):
        code = int(start[:length] or 0)
        if code in COUNTRY_CODE_TO_REGION_CODE and not start.startswith("0"):
            return _international_plan(code)
    return None


@cache
def plan_of_region(region: str | None) -> NationalPlan | None:
    """Return how a region writes its numbers; None for no region or an unknown one."""
    if region not in SUPPORTED_REGIONS:
        return None
    code = country_code_for_region(region)
    own: Any = PhoneMetadata.metadata_for_region(region)
    main = metadata_of(code)[0]
    general = own.general_desc.national_number_pattern
    prefix = _prefix_of(own)
    abroad = rf"(?!{_uncaptured(own.international_prefix or _NEVER)})"
    # The national zero, or what stands for it, is dropped where a possible number is left.
    possible = rf"(?={_lengths(own.general_desc)})(?=(?:{general})\Z)"
    dropped = _NEVER if _has_groups(own) else rf"(?>{prefix}){possible}"
    typed, kinds = _typed(code)
    kinds = (Kind("", is_geographic=False), *kinds)  # the mark is the first group
    significant = rf"(?P<nsn>){typed}"
    national = rf"{abroad}(?!{code})(?:{dropped}|{_without_prefix(prefix)}){significant}"
    # The plus is missing where only the digits behind the country code are a number.
    bare = rf"{code}(?!{prefix})(?!{_prefix_of(main)})(?=(?:{general})\Z)"
    plus = rf"{abroad}(?!(?:{general})\Z){bare}{significant}"
    return NationalPlan(
        Plan(str(code), re.compile(national, re.ASCII), kinds),
        Plan(str(code), re.compile(plus, re.ASCII), kinds),
    )


@cache
def _international_plan(code: int) -> Plan:
    bare = _without_prefix(_prefix_of(metadata_of(code)[0]))
    typed, kinds = _typed(code)
    return Plan(str(code), re.compile(bare + typed, re.ASCII), kinds)


def metadata_of(code: int) -> list[Any]:
    """Return the metadata of every region that shares the code, the main one first."""
    regions = COUNTRY_CODE_TO_REGION_CODE[code]
    return [PhoneMetadata.metadata_for_region_or_calling_code(code, region) for region in regions]


@cache
def _typed(code: int) -> tuple[str, tuple[Kind, ...]]:
    """Return an expression with an empty group behind each kind, and the kinds in that order."""
    known = metadata_of(code)
    branches, kinds, earlier = [], [], ""
    for metadata in known:
        # Where regions share a code, leading digits decide for one; else the first that fits.
        leading = metadata.leading_digits if len(known) > 1 else None
        found = list(_kinds_of(metadata))
        general = metadata.general_desc
        fits = rf"(?={_lengths(general)})(?=(?:{general.national_number_pattern})\Z)"
        any_kind = "|".join(rf"{pattern}()" for pattern, _ in found)
        mine = rf"(?={leading})" if leading else ""
        branches.append(rf"{earlier}{mine}{fits}(?:{any_kind})")
        kinds += [_kind(kind, code) for _, kind in found]
        if leading:
            earlier += rf"(?!{leading})"
    possible = rf"(?={_lengths(known[0].general_desc)})"
    return rf"{possible}(?:{'|'.join(branches)})", tuple(kinds)


def _kind(kind: int, code: int) -> Kind:
    return Kind(KINDS[kind], is_geographic=is_number_type_geographical(kind, code))


def _kinds_of(metadata: Any) -> Iterator[tuple[str, int]]:
    for name, kind in KINDS_BEFORE_LINES:
        yield _described(getattr(metadata, name)), kind
    fixed, mobile = _described(metadata.fixed_line), _described(metadata.mobile)
    if metadata.same_mobile_and_fixed_line_pattern:
        yield fixed, PhoneNumberType.FIXED_LINE_OR_MOBILE
    else:
        yield rf"(?={mobile}){fixed}", PhoneNumberType.FIXED_LINE_OR_MOBILE
        yield fixed, PhoneNumberType.FIXED_LINE
        yield mobile, PhoneNumberType.MOBILE


def _described(description: Any) -> str:
    """The pattern stands before the lengths, since it mostly fails at the first digit."""
    if description is None or not description.national_number_pattern:
        return _NEVER
    lengths = _lengths(description) if description.possible_length else r"\d*\Z"
    return rf"(?=(?:{description.national_number_pattern})\Z){lengths}"


def _lengths(description: Any) -> str:
    """Return an expression for so many digits, with as few branches as there are gaps."""
    runs: list[list[int]] = []
    for length in sorted(set(description.possible_length) - {-1}):
        if runs and runs[-1][-1] == length - 1:
            runs[-1].append(length)
        else:
            runs.append([length])
    branches = [rf"\d{{{run[0]},{run[-1]}}}" for run in runs]
    return rf"(?:{'|'.join(branches)})\Z" if branches else _NEVER


def _has_groups(metadata: Any) -> bool:
    return re.compile(metadata.national_prefix_for_parsing or "").groups > 0


def _prefix_of(metadata: Any) -> str:
    return _uncaptured(metadata.national_prefix_for_parsing or _NEVER)


def _without_prefix(prefix: str) -> str:
    """A prefix that matches nothing at all, as Argentina's may, is no prefix."""
    return rf"(?!(?>{prefix})(?!\A))"


def _uncaptured(pattern: str) -> str:
    return "(?:" + re.sub(r"\((?!\?)", "(?:", pattern) + ")"
