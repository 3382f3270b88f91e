"""Two numbers behind one area code, as in «030 12345 / 12346»: read as one, they are a third."""

import re

from inkbatch.adapters.call_lists.number_plans import plan_of_region, plan_of_start

# «030 12345-12346» is two numbers, but «02234/123456» and «+91 98765 43210» are one each.
LONG_PAIR = re.compile(
    r"(?<!\d)(?P<first>\d{5,})(?P<between>[\s./-]+)(?=(?P<second>\d{5,}))", re.ASCII
)
_FROM_ABROAD = re.compile(r"\D*\+|\D*(?:00(?:11)?|011)", re.ASCII)


def holds_pair(text: str, region: str | None) -> bool:
    """Tell whether two long groups follow an area code; without one, the first may be it.

    People also group the digits of one long number by blanks or dots: then it is a pair only if
    each group behind the area code may be a number of its own.
    """
    return any(_is_pair(text, found, region) for found in LONG_PAIR.finditer(text))


def _is_pair(text: str, found: re.Match[str], region: str | None) -> bool:
    before = text[: found.start()]
    if not _has_area(before, region):
        return False
    if "/" in found["between"] or "-" in found["between"]:
        return True
    return all(_may_exist(before + group, region) for group in (found["first"], found["second"]))


def _has_area(start: str, region: str | None) -> bool:
    digits, is_abroad = _digits_dialed(start)
    if is_abroad:
        plan = plan_of_start(digits[:3])
        return bool(digits.removeprefix(plan.code if plan else "").strip("0"))
    home = plan_of_region(region)
    return bool(digits.strip("0")) and (home is None or digits != home.national.code)


def _may_exist(text: str, region: str | None) -> bool:
    """Tell whether a text holds a number of a plan; the plans leave out none but rare spellings."""
    digits, is_abroad = _digits_dialed(text)
    if is_abroad:
        plan = plan_of_start(digits[:3])
        significant = digits.removeprefix(plan.code).lstrip("0") if plan else ""
        return plan is not None and plan.expression.fullmatch(significant) is not None
    home = plan_of_region(region)
    return home is not None and (
        home.national.expression.fullmatch(digits) is not None
        or home.without_plus.expression.fullmatch(digits) is not None
    )


def _digits_dialed(text: str) -> tuple[str, bool]:
    """Return the digits, without a prefix to dial abroad, and whether there was one."""
    abroad = _FROM_ABROAD.match(text)
    return "".join(filter(str.isdigit, text[abroad.end() :] if abroad else text)), bool(abroad)
