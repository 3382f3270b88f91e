"""The agent's address as it would be for a real row of the list."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from inkbatch.adapters.call_lists import open_call_list
from inkbatch.domain.agent_url import agent_url, missing_columns
from inkbatch.domain.campaign import Campaign
from inkbatch.domain.errors import CallListError

EXAMPLE_ATTEMPT = "the-id-of-the-call"


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstRow:
    """The first row that can be called, and the names of the list's columns."""

    row_number: int
    fields: Mapping[str, str]
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class UrlPreview:
    """What the address becomes for a row, or what is wrong with it."""

    row_number: int
    url: str
    missing: tuple[str, ...]
    columns: tuple[str, ...]


def first_row(campaign: Campaign) -> FirstRow | None:
    """Return the first row of a campaign's list that can be called; None where there is none."""
    try:
        opened = open_call_list(
            Path(campaign.call_list),
            columns=campaign.columns,
            default_region=campaign.default_region,
            sheet=campaign.sheet,
        )
        row = next((row for row in opened if row.becomes_contact), None)
    except CallListError:
        return None
    if row is None:
        return None
    return FirstRow(row_number=row.row_number, fields=row.fields, columns=opened.layout.fields)


def preview(template: str, row: FirstRow) -> UrlPreview:
    """Return the address for a row; nothing is asked of it, it is only shown."""
    return UrlPreview(
        row_number=row.row_number,
        url=agent_url(template, row.fields, attempt_id=EXAMPLE_ATTEMPT),
        missing=missing_columns(template, row.columns),
        columns=row.columns,
    )
