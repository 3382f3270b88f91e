"""The one place that joins ports to adapters.

Heavy adapters (pandas, SQLAlchemy, httpx) are imported where they are first needed, so that
`inkbatch --help` and a mistyped command answer at once.
"""

import asyncio
import gc
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from importlib.resources import as_file, files
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import SecretStr

from inkbatch.adapters.clock import RealClock
from inkbatch.dialer.enroll import Enrolment, Readers, WatchBatches, enroll
from inkbatch.dialer.night_watch import Tell
from inkbatch.dialer.shift import (
    Desk,
    Placing,
    Timing,
    check_from_numbers,
    place_together,
)
from inkbatch.domain.call import OwnNumber
from inkbatch.domain.campaign import Campaign
from inkbatch.domain.campaign_forecast import CampaignForecast
from inkbatch.domain.errors import SettingsError, UserMistake
from inkbatch.ports import CampaignRecord, Clock, Store, Telephony
from inkbatch.settings import Settings, load_settings
from inkbatch.showing import expected, forecast_list, forecast_now

if TYPE_CHECKING:
    import httpx
    from fastapi import FastAPI

    from inkbatch.adapters.store import SqlStore
    from inkbatch.web.office import Office

_OBJECTS_A_COLLECTION = 100_000


@dataclass(frozen=True, kw_only=True)
class Ready:
    """A campaign that is enrolled and whose numbers may call; nothing is dialed yet."""

    campaign: Campaign
    enrolment: Enrolment
    own_numbers: tuple[OwnNumber, ...]

    @property
    def record(self) -> CampaignRecord:
        """The campaign as stored."""
        return self.enrolment.record


@dataclass(frozen=True, kw_only=True)
class Workplace:
    """Where this process works: its settings and clock, and how it reaches Inkbox.

    `transport` None is the network; a sandbox inside this process is reached by `in_process`.
    """

    settings: Settings = field(default_factory=load_settings)
    clock: Clock = field(default_factory=RealClock)
    transport: "httpx.AsyncBaseTransport | None" = None
    watch: WatchBatches | None = None

    @asynccontextmanager
    async def desk(self, placing: Placing = place_together) -> AsyncIterator[Desk]:
        """Open database and client for as long as the block lasts."""
        telephony = self.open_telephony()
        store = self.open_store()
        try:
            with _rare_garbage_collection():
                yield Desk(
                    store=store,
                    telephony=telephony,
                    clock=self.clock,
                    timing=self.timing(),
                    placing=placing,
                    reserve=self.settings.reserve,
                )
        finally:
            await telephony.aclose()
            store.close()

    def open_store(self) -> "SqlStore":
        """Open the database; a SQLite file is made and brought up to date."""
        from inkbatch.adapters.store import open_store

        return open_store(self.settings.database_url)

    def web_app(self, store: Store) -> "FastAPI":
        """Return the app that takes webhooks and results; raises SettingsError without a secret."""
        from inkbatch.web import create_app

        self.settings.require_web_secret()
        return create_app(
            store=store,
            clock=self.clock,
            signing_keys=self.settings.signing_keys,
            agent_tokens=self.settings.agent_tokens,
        )

    def office(self, store: "SqlStore", folder: Path) -> "Office":
        """Return what the page works with, over a folder of campaigns."""
        from inkbatch.web.access import Role, Sessions
        from inkbatch.web.office import Office
        from inkbatch.web.runs import ChildRuns
        from inkbatch.web.stored_reports import StoredReports

        settings = self.settings
        passwords = {Role(role): secret for role, secret in settings.web_passwords.items()}
        return Office(
            store=store,
            clock=self.clock,
            sessions=Sessions(passwords=passwords),
            folder=folder.resolve(),
            organisation=settings.organisation_name,
            reserve=settings.reserve,
            reports=StoredReports(
                store=store,
                clock=self.clock,
                expected=partial(expected, store, clock=self.clock, reserve=settings.reserve),
            ),
            runs=ChildRuns(),
            enroll=partial(self.enroll, store),
            forecast=partial(self._forecast, store),
            forecast_draft=self._forecast_draft,
            own_numbers=self.own_numbers,
            require_ready=store.require_current,
            is_rehearsal=settings.is_loopback,
            missing=_what_is_missing(settings),
            tls_origin=settings.web_tls_origin,
        )

    def _forecast(
        self, store: Store, record: CampaignRecord, campaign: Campaign | None = None
    ) -> CampaignForecast:
        return forecast_now(
            store,
            record,
            campaign=campaign,
            clock=self.clock,
            reserve=self.settings.reserve,
            what_ifs=False,
        )

    def _forecast_draft(self, campaign: Campaign) -> CampaignForecast:
        from inkbatch.adapters.call_lists.first_rows import first_rows

        rows, reserve = first_rows(campaign), self.settings.reserve
        return forecast_list(campaign, rows, clock=self.clock, reserve=reserve, what_ifs=False)

    def own_numbers(self) -> tuple[str, ...]:
        """Ask Inkbox for the organisation's active numbers; raises InkbatchError."""

        async def ask() -> list[OwnNumber]:
            telephony = self.open_telephony()
            try:
                return await telephony.own_numbers()
            finally:
                await telephony.aclose()

        return tuple(each.number for each in asyncio.run(ask()) if each.is_active)

    def open_telephony(self) -> Telephony:
        """Return a client for the configured server; raises SettingsError without a key."""
        from inkbatch.adapters.inkbox import InkboxTelephony

        return InkboxTelephony(
            self.settings.base_url,
            self.settings.require_api_key(),
            clock=self.clock,
            transport=self.transport,
            places_at_once=self.settings.places_at_once,
        )

    async def prepare(self, desk: Desk, folder: Path) -> Ready:
        """Read the campaign, check its numbers at Inkbox, and enroll its call list."""
        campaign = load_campaign(folder)
        own_numbers = await check_from_numbers(campaign, desk.telephony)
        enrolment = self.enroll(desk.store, campaign, folder)
        return Ready(campaign=campaign, enrolment=enrolment, own_numbers=own_numbers)

    def enroll(self, store: Store, campaign: Campaign, folder: Path) -> Enrolment:
        """Store the campaign and its call list; the same file again changes nothing."""
        with _rare_garbage_collection():
            return enroll(
                campaign,
                store=store,
                readers=_readers(),
                organisation=self.settings.organisation_name,
                folder=folder.resolve(),
                now=self.clock.now(),
                watch=self.watch,
            )

    def notices(self, campaign: Campaign | None, folder: Path) -> AbstractAsyncContextManager[Tell]:
        """Yield what posts notices of a campaign where its file, or else the settings, say so."""
        from inkbatch.adapters.notices import posting

        own = campaign.notice_url if campaign else None
        url = SecretStr(own) if own else self.settings.notice_url
        page_url = self.settings.page_of(folder)
        return posting(url, secret=self.settings.notice_secret, page_url=page_url)

    def timing(self) -> Timing:
        """Return the seconds-scale settings of a shift."""
        return Timing(
            quiet_time=timedelta(seconds=self.settings.quiet_seconds),
            poll_every=timedelta(seconds=self.settings.poll_seconds),
            batch_max=self.settings.places_at_once,
            release_unfound=self.settings.release_unfound,
        )


def _what_is_missing(settings: Settings) -> str | None:
    try:
        settings.require_api_key()
    except SettingsError as error:
        return str(error)
    return None


def open_known_store(database_url: str) -> "SqlStore":
    """Open a database that a campaign ran with, to look into: nothing is made or upgraded.

    Raises UserMistake where there is no such file, StoreError for one that cannot be used.
    """
    from inkbatch.adapters.store import open_store
    from inkbatch.adapters.store.engine import parse_url, sqlite_path

    path = sqlite_path(parse_url(database_url))
    if path is not None and not path.exists():
        raise UserMistake(
            f"there is no database file {path}. Set INKBATCH_DATABASE_URL, or give database_url, "
            "to the database that the campaign ran with."
        )
    return open_store(database_url, upgrade=False)


@contextmanager
def _rare_garbage_collection() -> Iterator[None]:
    """Look for cycles of objects now and then only: rows make none, and looking takes time."""
    usual = gc.get_threshold()
    gc.set_threshold(_OBJECTS_A_COLLECTION, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)


def load_campaign(folder: Path) -> Campaign:
    """Read and validate a campaign folder; raises CampaignFileError."""
    from inkbatch.adapters.campaign_files import load_campaign

    return load_campaign(folder)


def in_process(app: object) -> "httpx.AsyncBaseTransport":
    """Return a way to an ASGI app inside this process, such as the sandbox's."""
    from inkbatch.adapters.inkbox import in_process

    return in_process(app)


@contextmanager
def sample_campaign() -> Iterator[Path]:
    """Yield the folder of the campaign that ships with inkbatch."""
    beside_the_package = Path(__file__).parents[1] / "campaigns" / SAMPLE
    if beside_the_package.exists():
        yield beside_the_package
        return
    with as_file(files("inkbatch") / "samples" / SAMPLE) as folder:
        yield folder


SAMPLE = "appointment_reminder"


def _readers() -> Readers:
    from inkbatch.adapters.call_lists import read_call_list, read_suppression_file

    return Readers(call_list=read_call_list, suppressions=read_suppression_file)
