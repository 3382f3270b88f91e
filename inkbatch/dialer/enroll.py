"""Take a call list and the suppression files into the store; nothing is dialed."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Protocol

from inkbatch.domain.agent_url import missing_columns
from inkbatch.domain.call_list import CallList
from inkbatch.domain.campaign import Campaign, DuplicateScope
from inkbatch.domain.errors import CampaignFileError
from inkbatch.domain.row_batch import RowBatch
from inkbatch.domain.suppression import Suppression
from inkbatch.ports import CallListReader, CampaignRecord, Enrolled, Store


class SuppressionsRead(Protocol):
    """What a suppression file holds, and what a person should know of the file."""

    @property
    def suppressions(self) -> tuple[Suppression, ...]:
        """An entry for each number of each row."""

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences about the file."""


SuppressionReader = Callable[..., SuppressionsRead]
"""Reads one suppression file: `(path, *, default_region, now)`; raises CallListError."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment:
    """A campaign that is stored and ready to be dialed.

    The notes of `call_list` are those of the suppression files too, each with its file's name.
    """

    record: CampaignRecord
    call_list: CallList
    enrolled: Enrolled


WatchBatches = Callable[[Iterable[RowBatch]], Iterable[RowBatch]]
"""Goes through the rows and gives all on, so that a person sees how far it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forbidden:
    """Whom a campaign's own files forbid to call; each note begins with its file's name."""

    suppressions: tuple[Suppression, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Readers:
    """How files are read."""

    call_list: CallListReader
    suppressions: SuppressionReader


def enroll(
    campaign: Campaign,
    *,
    store: Store,
    readers: Readers,
    organisation: str,
    folder: Path,
    now: datetime,
    watch: WatchBatches | None = None,
) -> Enrolment:
    """Store the campaign and every row of its call list; the same file again changes nothing.

    All files are read before anything is written. Raises CallListError, or CampaignFileError for
    a URL template that names a column which the list does not have.
    """
    call_list = readers.call_list(
        Path(campaign.call_list),
        columns=campaign.columns,
        default_region=campaign.default_region,
        sheet=campaign.sheet,
    )
    _check_placeholders(campaign, call_list)
    _check_state_column(campaign, call_list)
    forbidden = read_forbidden(
        campaign, read=readers.suppressions, default_region=campaign.default_region, now=now
    )
    call_list = replace(call_list, notes=(*call_list.notes, *forbidden.notes))
    watched = call_list
    if watch is not None:
        watched = replace(call_list, batches=watch(call_list.batches))
    with store.transaction() as tx:
        tx.suppress(forbidden.suppressions)
        record = tx.save_campaign(campaign, organisation=organisation, folder=str(folder), now=now)
        also = organisation if campaign.duplicates is DuplicateScope.ORGANISATION else None
        enrolled = tx.enroll(record.id, watched, now=now, organisation=also)
    return Enrolment(record=record, call_list=call_list, enrolled=enrolled)


def read_forbidden(
    campaign: Campaign, *, read: SuppressionReader, default_region: str | None, now: datetime
) -> Forbidden:
    """Read all suppression files of a campaign; raises CallListError."""
    found, notes = list[Suppression](), list[str]()
    for path in map(Path, campaign.suppression_files):
        file = read(path, default_region=default_region, now=now)
        found += file.suppressions
        notes += [f"{path.name}: {note}" for note in file.notes]
    return Forbidden(suppressions=tuple(found), notes=tuple(notes))


def _check_placeholders(campaign: Campaign, call_list: CallList) -> None:
    missing = missing_columns(campaign.client_websocket_url or "", call_list.columns)
    if missing:
        raise CampaignFileError(
            f"client_websocket_url of campaign {campaign.name} uses "
            + ", ".join(f"{{contact.{name}}}" for name in missing)
            + f", but {call_list.name} has no such column. Its columns are: "
            + ", ".join(call_list.columns)
            + "."
        )


def _check_state_column(campaign: Campaign, call_list: CallList) -> None:
    if campaign.state_column is not None and campaign.state_column not in call_list.columns:
        raise CampaignFileError(
            f"state_column of campaign {campaign.name} is {campaign.state_column}, but "
            f"{call_list.name} has no such column. Its columns are: "
            + ", ".join(call_list.columns)
            + "."
        )
