"""What came of campaigns as typed pandas DataFrames, or Arrow tables, for analysts.

::

    from inkbatch import frames

    attempts = frames.attempts("appointment_reminder", disposition="answered")
    attempts.groupby("local_hour").talk_minutes.sum()

What is asked for is picked by the database, each frame is one state of it, and a million attempts
are there in about three seconds. The columns and their types are in `adapters/reports/COLUMNS.md`.
`campaign` is a name, several names, or None for all; of two organisations' campaigns of one name
it is the one that changed last. Without `database_url` the settings say which database
(INKBATCH_DATABASE_URL). `as_="arrow"` gives a `pyarrow.Table`, which polars and DuckDB take as
it is. All of them raise UserMistake for a campaign or a word that there is not, naming those
there are, and StoreError for a database that cannot be used.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from inkbatch.adapters import reports
from inkbatch.adapters.clock import RealClock
from inkbatch.adapters.reports import Wanted
from inkbatch.adapters.store import SqlStore
from inkbatch.domain.attempt import AttemptState
from inkbatch.domain.call import CallStatus
from inkbatch.domain.contact import ContactState
from inkbatch.domain.disposition import Disposition
from inkbatch.domain.errors import UserMistake
from inkbatch.ports import CampaignRecord
from inkbatch.settings import load_settings
from inkbatch.wiring import open_known_store

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

Names = str | Sequence[str] | None
As = Literal["pandas", "arrow"]
Word = TypeVar("Word", bound=StrEnum)


class Source(StrEnum):
    """Where an entry of the budget's ledger comes from."""

    ATTEMPT = "attempt"
    FOREIGN = "foreign"
    UNPLACED = "unplaced"


def contacts(
    campaign: Names = None,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    state: Names = None,
    disposition: Names = None,
    database_url: str | None = None,
    as_: As = "pandas",
) -> "pd.DataFrame | pa.Table":
    """Return one row per contact, in the order of the file, with the file's own columns last.

    `since` and `until` (not itself included) are about `enrolled_at`, `disposition` about the
    last ended attempt; due is told from waiting as of now.
    """
    wanted = _wanted(ContactState, state, disposition, since=since, until=until)
    load = partial(reports.contacts_table, now=RealClock().now())
    return _loaded(load, campaign, wanted, database_url=database_url, as_=as_)


def attempts(
    campaign: Names = None,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    state: Names = None,
    disposition: Names = None,
    database_url: str | None = None,
    as_: As = "pandas",
) -> "pd.DataFrame | pa.Table":
    """Return one row per attempt, by the time it was reserved, with the result that stands.

    `since` and `until` (not itself included) are about `reserved_at`.
    """
    wanted = _wanted(AttemptState, state, disposition, since=since, until=until)
    return _loaded(reports.attempts_table, campaign, wanted, database_url=database_url, as_=as_)


def calls(
    campaign: Names = None,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    state: Names = None,
    disposition: Names = None,
    database_url: str | None = None,
    as_: As = "pandas",
) -> "pd.DataFrame | pa.Table":
    """Return one row per call as Inkbox last told it, by the time it was made.

    Calls that are not ours are in it where no campaign is named. `since` and `until` (not itself
    included) are about `created_at`, `state` about the wire status.
    """
    wanted = _wanted(CallStatus, state, disposition, since=since, until=until)
    return _loaded(reports.calls_table, campaign, wanted, database_url=database_url, as_=as_)


def budget(
    campaign: Names = None,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    state: Names = None,
    disposition: Names = None,
    database_url: str | None = None,
    as_: As = "pandas",
) -> "pd.DataFrame | pa.Table":
    """Return the ledger: what counts against the rolling 24 hours, from when until when.

    Foreign use is in it where no campaign is named. `since` and `until` (not itself included) are
    about `counts_from`, `state` about the source: attempt, foreign or unplaced.
    """
    wanted = _wanted(Source, state, disposition, since=since, until=until)
    return _loaded(reports.budget_table, campaign, wanted, database_url=database_url, as_=as_)


def transcripts(campaign: str, *, database_url: str | None = None) -> "pd.DataFrame":
    """Return one row per entry of each transcript that the agent posted with a result."""
    with _opened(database_url) as store:
        return reports.transcripts_frame(store.engine, _id(store, campaign))


def comparison(campaign: Names = None, *, database_url: str | None = None) -> "pd.DataFrame":
    """Return one row per campaign: people reached, phones answered, calls and minutes for each.

    Shares are 0 to 1, with the 95 % interval of Wilson; a share of nothing is missing.
    """
    with _opened(database_url) as store:
        return reports.comparison_frame(store.engine, _records(store, campaign))


def outcomes(campaign: Names = None, *, database_url: str | None = None) -> "pd.DataFrame":
    """Return one row per campaign, try and disposition: ended attempts and minutes talked."""
    with _opened(database_url) as store:
        return reports.outcomes_frame(store.engine, _records(store, campaign))


def idle(campaign: Names = None, *, database_url: str | None = None) -> "pd.DataFrame":
    """Return the whole hours of the last 30 days by why nobody was called although some were left.

    Hours in which somebody was called have no reason; a campaign that did not dial has no row.
    """
    with _opened(database_url) as store:
        records = _records(store, campaign)
        return reports.idle_frame(store.engine, records, now=RealClock().now())


def times_to_reach(campaign: Names = None, *, database_url: str | None = None) -> "pd.DataFrame":
    """Return one row per person reached on an answered attempt, with the hours it took.

    Who was reached by a result on an attempt that nobody answered has no such time.
    """
    with _opened(database_url) as store:
        return reports.times_to_reach_frame(store.engine, _records(store, campaign))


def _wanted(
    words: type[StrEnum],
    state: Names,
    disposition: Names,
    *,
    since: datetime | None,
    until: datetime | None,
) -> Wanted:
    for at in (since, until):
        if at is not None and at.tzinfo is None:
            raise UserMistake(f"{at} has no time zone. Give it one, such as tzinfo=UTC.")
    return Wanted(
        since=since,
        until=until,
        states=_known(words, state),
        dispositions=_known(Disposition, disposition),
    )


def _loaded(
    load: "Callable[[Any, Wanted], pa.Table]",
    campaign: Names,
    wanted: Wanted,
    *,
    database_url: str | None,
    as_: As,
) -> "pd.DataFrame | pa.Table":
    if as_ not in ("pandas", "arrow"):
        raise UserMistake(f"cannot give it as {as_!r}: choose pandas or arrow.")
    with _opened(database_url) as store:
        table = load(store.engine, replace(wanted, campaign_ids=_ids(store, campaign)))
    return table if as_ == "arrow" else reports.as_frame(table)


@contextmanager
def _opened(database_url: str | None) -> Iterator[SqlStore]:
    # An analyst looks; only the program that dials changes a database's revision.
    store = open_known_store(load_settings(database_url=database_url).database_url)
    try:
        yield store
    finally:
        store.close()


def _ids(store: SqlStore, names: Names) -> list[int] | None:
    if names is None:
        return None
    wanted = [names] if isinstance(names, str) else list(names)
    return [_id(store, name) for name in wanted]


def _records(store: SqlStore, names: Names) -> list[CampaignRecord]:
    with store.reading() as transaction:
        records = transaction.campaigns()
    ids = _ids(store, names)
    by_id = {each.id: each for each in records}
    return records if ids is None else [by_id[each] for each in ids]


def _id(store: SqlStore, name: str) -> int:
    with store.reading() as transaction:
        record = transaction.campaign(name)
        known = [each.name for each in transaction.campaigns()]
    if record is None:
        raise UserMistake(f"there is no campaign {name!r} in the database. {_choice(known)}")
    return record.id


def _known(words: type[Word], asked: Names) -> list[Word] | None:
    if asked is None:
        return None
    wanted = [asked] if isinstance(asked, str) else list(asked)
    unknown = [word for word in wanted if word not in set(words)]
    if unknown:
        raise UserMistake(f"{unknown[0]!r} is none of: {', '.join(words)}.")
    return [words(word) for word in wanted]


def _choice(known: list[str]) -> str:
    if not known:
        return "It has none yet; `inkbatch run` or `inkbatch demo` adds one."
    return f"It has: {', '.join(dict.fromkeys(known))}."
