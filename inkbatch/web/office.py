"""What the pages work with: the store, the campaigns' folder, and what is done outside of here."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

from inkbatch.dialer.enroll import Enrolment
from inkbatch.domain.budget import HeadRoom
from inkbatch.domain.campaign import Campaign
from inkbatch.domain.campaign_forecast import CampaignForecast
from inkbatch.ports import CampaignRecord, Clock, Store
from inkbatch.ports.viewing import AuditEntry
from inkbatch.web.access import Person, Sessions


class Reports(Protocol):
    """What came of a campaign, as files."""

    def write_page(self, record: CampaignRecord, *, to: Path, with_talks: bool) -> Path:
        """Write the self-contained page, perhaps with what was said, and return its path."""
        ...

    def figures(self, record: CampaignRecord) -> dict[str, Any]:
        """Return the figures as plain values for JSON."""
        ...

    def compare(self, records: Sequence[CampaignRecord]) -> dict[str, Any]:
        """Return campaigns beside each other as plain values for JSON."""
        ...

    def write_export(self, record: CampaignRecord, *, what: str, to: Path) -> Path:
        """Write contacts, attempts, rows or transcripts, in the form that the ending names."""
        ...


class Runs(Protocol):
    """The processes that dial, each a `run` of its own which outlives the page."""

    def start(self, folder: Path) -> None:
        """Start one for a campaign's folder; while one runs, the next follows it."""
        ...

    def is_running(self, folder: Path) -> bool:
        """Return whether one that was started from here still runs."""
        ...

    def last_words(self, folder: Path, *, since: datetime | None) -> str | None:
        """Return what the last one said when it failed; None where it did not.

        `since` is when the latest run of all began, wherever: words of before are over.
        """
        ...


class Forecast(Protocol):
    """Tells what is to be expected of a campaign; by its file, or as if it said otherwise."""

    def __call__(
        self, record: CampaignRecord, campaign: Campaign | None = None, /
    ) -> CampaignForecast:
        """Return it; raises UserMistake where the file cannot be read."""
        ...


Enroll = Callable[[Campaign, Path], Enrolment]
"""Takes a campaign's call list into the store, and dials nobody."""


@dataclass(frozen=True, kw_only=True)
class Office:
    """Everything that the pages work with.

    `folder` holds a folder for each campaign, `uploads` what was uploaded and is in none yet.
    `forecast_draft` tells the same of a list that is not taken in yet.
    `own_numbers` asks Inkbox for the organisation's active numbers; raises InkbatchError.
    `require_ready` raises StoreError where the database cannot be used, or is at another revision.
    `missing` says in a sentence what is not set up, so that nobody can be called; None: nothing.
    `is_rehearsal` says that calls go to a sandbox and reach nobody.
    `tls_origin` is scheme and host by which people reach the page where something before it ends
    TLS, which no request tells; None: they reach it as each request says.
    """

    store: Store
    clock: Clock
    sessions: Sessions
    folder: Path
    organisation: str
    reserve: HeadRoom
    reports: Reports
    runs: Runs
    enroll: Enroll
    forecast: Forecast
    forecast_draft: Callable[[Campaign], CampaignForecast]
    own_numbers: Callable[[], tuple[str, ...]]
    require_ready: Callable[[], None]
    is_rehearsal: bool
    missing: str | None
    tls_origin: str | None
    closing: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def uploads(self) -> Path:
        """Where uploaded files wait until a campaign takes them."""
        return self.folder / ".uploads"

    def now(self) -> datetime:
        """Return the time."""
        return self.clock.now()

    def note(self, person: Person, action: str, subject: str) -> None:
        """Write down what somebody did."""
        with self.store.transaction() as tx:
            tx.add_audit_entry(self.entry(person, action, subject))

    def entry(self, person: Person, action: str, subject: str) -> AuditEntry:
        """Return what to write down of what somebody does now."""
        return AuditEntry(
            at=self.now(), who=person.name, role=person.role, action=action, subject=subject
        )

    def scratch(self) -> AbstractContextManager[str]:
        """Return a folder that is gone when the block is left."""
        return TemporaryDirectory(prefix="inkbatch-")
