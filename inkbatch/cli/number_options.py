"""Numbers, countries and ends of suppressions, as people type them on the command line."""

from datetime import datetime
from typing import Annotated

import typer

from inkbatch.domain.errors import UserMistake

Number = Annotated[str, typer.Argument(help="A phone number, best with plus and country code.")]
Region = Annotated[str | None, typer.Option(help="Country of numbers without a plus, such as US.")]
Until = Annotated[
    str | None,
    typer.Option(help="Last day, such as 2026-12-31 (anywhere on earth), or a time in ISO form."),
]


def e164(text: str, region: str | None) -> str:
    """Return the number that was typed; raises UserMistake."""
    from inkbatch.adapters.call_lists.cells import BadCell
    from inkbatch.adapters.call_lists.numbers import read_number

    try:
        return read_number(text.strip(), region=country_code(region)).number
    except BadCell as bad:
        needs = "" if region or "+" in text else "; a number without a plus needs --region"
        raise UserMistake(f"the number given cannot be read: {bad}{needs}") from None


def country_code(region: str | None) -> str | None:
    """Return the code of the country that was typed, as code or name; raises UserMistake."""
    from inkbatch.adapters.call_lists.cells import BadCell
    from inkbatch.adapters.call_lists.regions import region_of

    try:
        return region_of((region or "").strip(), default=None)
    except BadCell:
        raise UserMistake(
            f"{region} is no country that --region knows; give its code of two letters, such as US"
        ) from None


def end_of_suppression(until: str | None, *, now: datetime) -> datetime | None:
    """Return the end that was typed, None for never; raises UserMistake for one that has passed."""
    from inkbatch.adapters.call_lists.cells import BadCell
    from inkbatch.adapters.call_lists.suppression_files import read_until

    try:
        end = read_until((until or "").strip())
    except BadCell as bad:
        raise UserMistake(f"--until {until}: {bad}") from None
    if end is not None and end <= now:
        raise UserMistake(
            f"--until {until} has passed, so nobody would be kept from being called; give a later "
            "day, or none to keep the number on the list for good"
        )
    return end
