"""The campaigns that there are: folders, and what the database knows of them."""

import re
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

from fastapi import HTTPException

from inkbatch.adapters.campaign_files import load_campaign
from inkbatch.dialer.locks import living_shifts
from inkbatch.domain.campaign import Campaign, CampaignState
from inkbatch.domain.contact import count_left
from inkbatch.domain.errors import UserMistake
from inkbatch.ports import CampaignCounts, CampaignRecord
from inkbatch.web.office import Office

FILE_NAME = "campaign.toml"
SLUG = re.compile(r"\w[\w .-]{0,79}")
OF_RECORD = re.compile(r"~(\d{1,9})")
"""The slug of a campaign whose folder is elsewhere: its id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One campaign: its folder, what its file says or why it cannot be read, and its record.

    `record` is None for a draft, of which the database knows nothing yet.
    """

    slug: str
    folder: Path
    campaign: Campaign | None
    problem: str | None
    record: CampaignRecord | None

    @property
    def name(self) -> str:
        """What people call it."""
        if self.campaign is not None:
            return self.campaign.name
        return self.record.name if self.record else self.slug

    @property
    def stored(self) -> CampaignRecord:
        """Its record; answers 404 for a draft."""
        if self.record is None:
            raise HTTPException(HTTPStatus.NOT_FOUND, "nothing of this campaign is stored yet")
        return self.record

    @property
    def readable(self) -> Campaign:
        """What its file says; answers 409 where it cannot be read."""
        if self.campaign is None:
            raise HTTPException(HTTPStatus.CONFLICT, self.problem or "its file cannot be read")
        return self.campaign


def all_entries(office: Office) -> list[Entry]:
    """Return every campaign of the folder, then those of the database that are elsewhere."""
    with office.store.reading() as tx:
        records = tx.campaigns()
    here = [_of_folder(office, folder, records) for folder in _folders(office.folder)]
    known = {entry.record.id for entry in here if entry.record}
    elsewhere = [_of_record(record) for record in records if record.id not in known]
    return [*here, *elsewhere]


def find_entry(office: Office, slug: str) -> Entry:
    """Return one campaign; answers 404 where there is none."""
    with office.store.reading() as tx:
        records = tx.campaigns()
    if match := OF_RECORD.fullmatch(slug):
        for record in records:
            if record.id == int(match[1]):
                return _of_record(record)
    elif SLUG.fullmatch(slug) and (office.folder / slug / FILE_NAME).is_file():
        return _of_folder(office, office.folder / slug, records)
    raise HTTPException(HTTPStatus.NOT_FOUND, "There is no such campaign.")


def state_of(record: CampaignRecord | None, counts: CampaignCounts | None, *, runs: bool) -> str:
    """Return the word for where a campaign stands."""
    if record is None or counts is None:
        return "draft"
    if record.state is not CampaignState.ACTIVE:
        return str(record.state)
    if not people_left(counts) and counts.contacts:
        return "done"
    return "running" if runs else "active"


def people_left(counts: CampaignCounts) -> int:
    """Return how many people are still to be called, or in a call."""
    return count_left(counts.contacts)


def is_run(office: Office, record: CampaignRecord) -> bool:
    """Return whether a process dials a campaign."""
    return count_shifts(office, record) > 0


def count_shifts(office: Office, record: CampaignRecord) -> int:
    """Return how many processes dial a campaign: each said that it began, and its lock is held."""
    with office.store.reading() as tx:
        running = tx.running_shifts(record.id)
    return len(living_shifts(office.store, running))


def _folders(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(
        path
        for path in folder.iterdir()
        if SLUG.fullmatch(path.name) and (path / FILE_NAME).is_file()
    )


def _of_folder(office: Office, folder: Path, records: list[CampaignRecord]) -> Entry:
    campaign, problem = _read(folder)
    name = campaign.name if campaign else folder.name
    mine = [
        record
        for record in records
        if record.name == name and record.organisation == office.organisation
    ]
    return Entry(
        slug=folder.name,
        folder=folder,
        campaign=campaign,
        problem=problem,
        record=mine[0] if mine else None,
    )


def _of_record(record: CampaignRecord) -> Entry:
    folder = Path(record.folder)
    campaign, problem = _read(folder)
    return Entry(
        slug=f"~{record.id}", folder=folder, campaign=campaign, problem=problem, record=record
    )


def _read(folder: Path) -> tuple[Campaign | None, str | None]:
    try:
        return load_campaign(folder), None
    except UserMistake as error:
        return None, str(error)
