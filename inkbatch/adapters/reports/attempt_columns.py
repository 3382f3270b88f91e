"""The attempts and people of a campaign as columns, out of one pass over each table."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray
from sqlalchemy import Connection, func, select

from inkbatch.adapters.reports import packed
from inkbatch.adapters.reports.packed import NO_TIME, Codes, Real, Times, Whole
from inkbatch.adapters.reports.packed_reading import read_packed, unindexed
from inkbatch.adapters.store import tables
from inkbatch.domain.attempt import OPEN_STATES, AttemptState
from inkbatch.domain.contact import ContactState
from inkbatch.domain.disposition import RANG, Disposition

STATES: Final = tuple(AttemptState)
DISPOSITIONS: Final = tuple(Disposition)
CONTACT_STATES: Final = tuple(ContactState)

MADE_STATES: Final = (*OPEN_STATES, AttemptState.ENDED)
"""Attempts in these were made; planned and withdrawn ones were not."""

_QUARTER: Final = 15 * 60 * packed.MICROSECONDS

_CAME_TO: Final = (*DISPOSITIONS, *STATES)
_ENDED: Final = STATES.index(AttemptState.ENDED)
_DISPOSITION: Final = np.array([-1, *range(len(DISPOSITIONS)), *(-1 for _ in STATES)], "int8")
_STATE: Final = np.array([-1, *(_ENDED for _ in DISPOSITIONS), *range(len(STATES))], "int8")
"""By the places of what an attempt came to."""

_Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """The contacts of a campaign by their ids, ascending; `zone` is a place in `zones`."""

    ids: Whole
    zone: Codes
    enrolled_at: Times
    state: Codes
    zones: tuple[str, ...]

    def places(self, ids: Whole) -> Whole:
        """Return where contacts stand in these columns; all of them must be there."""
        places: Whole = np.searchsorted(self.ids, ids).astype("int32")
        return places

    def are(self, state: ContactState) -> _Mask:
        """Return who is in a state, due told as waiting."""
        found: _Mask = self.state == CONTACT_STATES.index(state)
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempts:
    """All attempts of a campaign, a column each; `person` is a place among its people.

    `minutes` are NO_NUMBER where they are not known.
    """

    person: Whole
    ordinal: Whole
    state: Codes
    disposition: Codes
    reserved_at: Times
    minutes: Real

    @property
    def made(self) -> _Mask:
        """Which were made: neither planned only nor withdrawn."""
        return np.isin(self.state, [STATES.index(state) for state in MADE_STATES])

    @property
    def rang(self) -> _Mask:
        """At which ones a phone rang for certain."""
        return np.isin(self.disposition, [DISPOSITIONS.index(each) for each in RANG])

    def came_to(self, disposition: Disposition) -> _Mask:
        """Return which ones came to a disposition."""
        found: _Mask = self.disposition == DISPOSITIONS.index(disposition)
        return found

    def only(self, rows: _Mask) -> "Attempts":
        """Return some of them."""
        if rows.all():
            return self
        return Attempts(
            person=self.person[rows],
            ordinal=self.ordinal[rows],
            state=self.state[rows],
            disposition=self.disposition[rows],
            reserved_at=self.reserved_at[rows],
            minutes=self.minutes[rows],
        )


def read_people(connection: Connection, campaign_id: int) -> People:
    """Return everybody of a campaign."""
    contact = tables.contact.c
    state = packed.places(contact.state, CONTACT_STATES)
    columns = {
        "ids": packed.several(contact.id, state=(state, 6)),
        "zones": packed.texts(contact.zones),
        "enrolled_at": packed.times(connection, contact.enrolled_at),
    }
    of_campaign = unindexed(contact.campaign_id) == campaign_id
    query = select().select_from(tables.contact).where(of_campaign)
    found = read_packed(connection, columns, query, by=contact.id)
    zones = found.pop("zones").combine_chunks().dictionary_encode()
    found["zone"] = np.asarray(zones.indices)
    found["state"] = (found["state"] - 1).astype("int8")
    order = np.argsort(found["ids"])
    ordered = {name: column[order] for name, column in found.items()}
    return People(**ordered, zones=tuple(zones.dictionary.to_pylist()))


def read_attempts(
    connection: Connection, campaign_id: int, people: People, *, with_ids: bool = False
) -> tuple[Attempts, pa.ChunkedArray | None]:
    """Return all attempts of a campaign, in no order, and their ids beside them where wanted."""
    attempt = tables.attempt.c
    # Who came to a disposition has ended, so that one word tells both.
    came_to = packed.places(func.coalesce(attempt.disposition, attempt.state), _CAME_TO)
    columns = {
        "contact_id": packed.several(
            attempt.contact_id, ordinal=(attempt.ordinal, 16), came_to=(came_to, 6)
        ),
        "reserved_at": packed.times(connection, attempt.reserved_at),
        "minutes": packed.minutes(connection, attempt.talk_minutes),
    }
    if with_ids:
        columns["id"] = packed.texts(attempt.id)
    query = select().select_from(tables.attempt).where(attempt.campaign_id == campaign_id)
    found = read_packed(connection, columns, query, by=attempt.reserved_at)
    told = found.pop("came_to")
    attempts = Attempts(
        person=people.places(found.pop("contact_id")),
        ordinal=found.pop("ordinal").astype("int32"),
        state=_STATE[told],
        disposition=_DISPOSITION[told],
        reserved_at=found["reserved_at"],
        minutes=found["minutes"],
    )
    return attempts, found.get("id")


def read_times_made(connection: Connection, campaign_id: int, *, since: datetime) -> Times:
    """Return when the attempts of a campaign were made, from a time on."""
    attempt = tables.attempt.c
    query = select().where(
        attempt.campaign_id == campaign_id,
        attempt.reserved_at >= since,
        attempt.state.in_(MADE_STATES),
    )
    columns = {"at": packed.times(connection, attempt.reserved_at)}
    made: Times = read_packed(connection, columns, query, by=attempt.reserved_at)["at"]
    return made


def local_times(
    at: Times, zone: Codes, zones: tuple[str, ...]
) -> Iterator[tuple[Whole, Whole, pd.DatetimeIndex]]:
    """Yield the rows of each zone, and their places among the quarters of an hour there.

    There is in the first of several candidates, whatever the zone's offset was at that time; times
    that are missing are in none. Since 1972 all offsets are whole quarters of an hour, and of those
    there are few: to tell the time of each row takes three times as long.
    """
    known = at[at != NO_TIME] // _QUARTER
    if not len(known):
        return
    first, last = int(known.min()), int(known.max())
    quarters = pd.DatetimeIndex((np.arange(first, last + 1) * _QUARTER).view("datetime64[us]"))
    for code, names in enumerate(zones):
        rows = np.flatnonzero((zone == code) & (at != NO_TIME))
        if len(rows):
            local = quarters.tz_localize("UTC").tz_convert(names.partition("|")[0])
            yield rows, at[rows] // _QUARTER - first, local
