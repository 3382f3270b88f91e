"""A campaign's attempts, contacts and transcripts as typed pandas DataFrames, for analysts.

::

    import inkbatch

    attempts = inkbatch.attempts_frame("appointment_reminder")
    attempts.groupby("local_hour").disposition.value_counts()
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from inkbatch.adapters import reports
from inkbatch.adapters.clock import RealClock
from inkbatch.adapters.store import SqlStore
from inkbatch.domain.errors import UserMistake
from inkbatch.ports import CampaignRecord
from inkbatch.settings import load_settings
from inkbatch.wiring import open_known_store

if TYPE_CHECKING:
    import pandas as pd


def attempts_frame(campaign: str, *, database_url: str | None = None) -> "pd.DataFrame":
    """Return one row per attempt of the campaign of this name, by the time it was reserved.

    The columns are those of `inkbatch.adapters.reports.attempts_frame`. Without `database_url`
    the settings say which database (INKBATCH_DATABASE_URL). Raises UserMistake for an unknown
    campaign, naming those there are, and StoreError for a database that cannot be used.
    """
    with _stored(campaign, database_url) as (store, record):
        return reports.attempts_frame(store.engine, record.id)


def contacts_frame(campaign: str, *, database_url: str | None = None) -> "pd.DataFrame":
    """Return one row per contact of the campaign of this name, in the order of its file.

    The columns are those of `inkbatch.adapters.reports.contacts_frame`; due is told from waiting
    as of now. Database and errors as for `attempts_frame`.
    """
    with _stored(campaign, database_url) as (store, record):
        return reports.contacts_frame(store.engine, record.id, RealClock().now())


def transcripts_frame(campaign: str, *, database_url: str | None = None) -> "pd.DataFrame":
    """Return one row per entry of each transcript that the agent posted with a result.

    The columns are those of `inkbatch.adapters.reports.transcripts_frame`. Database and errors as
    for `attempts_frame`.
    """
    with _stored(campaign, database_url) as (store, record):
        return reports.transcripts_frame(store.engine, record.id)


@contextmanager
def _stored(name: str, database_url: str | None) -> Iterator[tuple[SqlStore, CampaignRecord]]:
    # An analyst looks; only the program that dials changes a database's revision.
    store = open_known_store(load_settings(database_url=database_url).database_url)
    try:
        with store.reading() as transaction:
            record = transaction.campaign(name)
            known = [each.name for each in transaction.campaigns()]
        if record is None:
            raise UserMistake(f"there is no campaign {name!r} in the database. {_choice(known)}")
        yield store, record
    finally:
        store.close()


def _choice(known: list[str]) -> str:
    if not known:
        return "It has none yet; `inkbatch run` or `inkbatch demo` adds one."
    return f"It has: {', '.join(dict.fromkeys(known))}."
