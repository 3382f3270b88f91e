"""One look at a campaign, taken once for all who watch it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from fastapi.concurrency import run_in_threadpool

from inkbatch.dialer.budget_facts import joined
from inkbatch.dialer.why import Why, why
from inkbatch.domain.budget import Limits, Release, Usage
from inkbatch.ports import CampaignCounts, CampaignRecord
from inkbatch.ports.viewing import SeenAttempt
from inkbatch.web.campaigns.entries import Entry, find_entry, people_left, state_of
from inkbatch.web.fresh import Fresh
from inkbatch.web.office import Office

IN_PROGRESS_MAX = 50
TIMELINE_BACK = timedelta(hours=12)
DIALED_MAX = 5_000
RELEASES_MAX = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """Where a campaign and its budget stand at `at`.

    `state` is a key of `words.CAMPAIGN_STATES`. `releases` are all that come back within 24 hours,
    those of about a minute as one. `dialed` are the latest calls: when, and what they came to.
    """

    at: datetime
    entry: Entry
    record: CampaignRecord
    state: str
    counts: CampaignCounts
    limits: Limits
    usage: Usage
    releases: tuple[Release, ...]
    in_progress: Sequence[SeenAttempt]
    dialed: Sequence[tuple[datetime, str]]
    why: Why | None
    failed: str | None

    @property
    def people(self) -> int:
        """Everybody on the list who may be, or was, called."""
        return sum(self.counts.contacts.values())

    @property
    def left(self) -> int:
        """Those who are still to be called, or in a call."""
        return people_left(self.counts)

    @property
    def is_run(self) -> bool:
        """Whether a process dials it, or waits to."""
        return self.why is not None and self.why.held_by is not None


def take_picture(office: Office, slug: str) -> Picture:
    """Look at a campaign once; answers 404 where there is none, or nothing is stored of it."""
    entry, now = find_entry(office, slug), office.now()
    record = entry.stored
    told = _why(office, entry, record)
    is_run = told is not None and told.held_by is not None
    # Each reading by itself: a dialing process cannot commit to SQLite while one lasts.
    with office.store.reading() as tx:
        counts = tx.counts(record.id, now=now)
    with office.store.reading() as tx:
        limits = tx.limits(record.organisation)
        usage = tx.usage(record.organisation, now=now)
        releases = tx.releases(record.organisation, now=now, limit=RELEASES_MAX)
    with office.store.reading() as tx:
        in_progress = tx.calls_in_progress(record.id, limit=IN_PROGRESS_MAX)
        began_at = tx.last_shift_at(record.id)
    with office.store.reading() as tx:
        dialed = tx.dialed_between(record.id, since=now - TIMELINE_BACK, limit=DIALED_MAX)
    return Picture(
        at=now,
        entry=entry,
        record=record,
        state=state_of(record, counts, runs=is_run),
        counts=counts,
        limits=limits,
        usage=usage,
        releases=joined(releases),
        in_progress=in_progress,
        dialed=dialed,
        why=told,
        failed=None if is_run else office.runs.last_words(entry.folder, since=began_at),
    )


def _why(office: Office, entry: Entry, record: CampaignRecord) -> Why | None:
    if entry.campaign is None:
        return None
    return why(office.store, entry.campaign, record, clock=office.clock, reserve=office.reserve)


@dataclass(slots=True)
class _Album:
    fresh: Fresh[Picture]
    shown: Picture | None = None
    parts: dict[str, dict[str, str]] = field(default_factory=dict)


@dataclass(slots=True)
class Pictures:
    """The latest picture of each campaign, and what was written of it."""

    office: Office
    _albums: dict[str, _Album] = field(default_factory=dict)

    async def latest(self, slug: str, *, anew: bool = False) -> Picture:
        """Return a picture of at most a moment ago; `anew` after something was changed."""
        if slug not in self._albums:
            await run_in_threadpool(find_entry, self.office, slug)  # 404 before anything is kept
            fresh = Fresh(make=partial(take_picture, self.office, slug))
            self._albums.setdefault(slug, _Album(fresh))
        return await self._albums[slug].fresh.latest(anew=anew)

    async def parts(
        self, slug: str, role: str, write: Callable[[Picture], dict[str, str]]
    ) -> dict[str, str]:
        """Return what `write` makes of the latest picture, written once for all of a role."""
        picture, album = await self.latest(slug), self._albums[slug]
        if album.shown is not picture:
            album.shown, album.parts = picture, {}
        if role not in album.parts:
            album.parts[role] = write(picture)
        return album.parts[role]
