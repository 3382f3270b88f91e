"""The attempts and people of a campaign as columns, out of one pass over each table."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sqlalchemy import Connection, select

from inkbatch.adapters.reports import packed
from inkbatch.adapters.reports.packed import NO_TIME, Codes, Real, Times, Whole
from inkbatch.adapters.store import tables
from inkbatch.domain.attempt import OPEN_STATES, AttemptState
from inkbatch.domain.contact import ContactState
from inkbatch.domain.disposition import RANG, Disposition

STATES: Final = tuple(AttemptState)
DISPOSITIONS: Final = tuple(Disposition)
CONTACT_STATES: Final = tuple(ContactState)

MADE_STATES: Final = (*OPEN_STATES, AttemptState.ENDED)
"""Attempts in these were made; planned and withdrawn ones were not."""

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
    columns = {
        "ids": packed.whole(contact.id),
        "zones": packed.texts(contact.zones),
        "enrolled_at": packed.times(connection, contact.enrolled_at),
        "state": packed.words(contact.state, CONTACT_STATES),
    }
    of_campaign = packed.unindexed(contact.campaign_id) == campaign_id
    query = select().select_from(tables.contact).where(of_campaign)
    found = packed.read_packed(connection, columns, query, by=contact.id)
    zones = found.pop("zones").combine_chunks().dictionary_encode()
    found["zone"] = np.asarray(zones.indices)
    order = np.argsort(found["ids"])
    ordered = {name: column[order] for name, column in found.items()}
    return People(**ordered, zones=tuple(zones.dictionary.to_pylist()))


def read_attempts(connection: Connection, campaign_id: int, people: People) -> Attempts:
    """Return all attempts of a campaign, in no order."""
    attempt = tables.attempt.c
    columns = {
        "contact_id": packed.whole(attempt.contact_id),
        "ordinal": packed.whole(attempt.ordinal),
        "state": packed.words(attempt.state, STATES),
        "disposition": packed.words(attempt.disposition, DISPOSITIONS),
        "reserved_at": packed.times(connection, attempt.reserved_at),
        "minutes": packed.real(attempt.talk_minutes),
    }
    query = select().select_from(tables.attempt).where(attempt.campaign_id == campaign_id)
    found = packed.read_packed(connection, columns, query, by=attempt.reserved_at)
    person = people.places(found.pop("contact_id"))
    return Attempts(person=person, ordinal=found.pop("ordinal").astype("int32"), **found)


def local_times(
    at: Times, zone: Codes, zones: tuple[str, ...]
) -> Iterator[tuple[Whole, pd.DatetimeIndex]]:
    """Yield the rows of each zone with their times there: in the first of several candidates.

    Whatever the zone's offset was at that time, half hours and daylight saving included; times
    that are missing are in none.
    """
    for code, names in enumerate(zones):
        rows = np.flatnonzero((zone == code) & (at != NO_TIME))
        if len(rows):
            utc = pd.DatetimeIndex(at[rows].view("datetime64[us]"), tz="UTC")
            yield rows, utc.tz_convert(names.partition("|")[0])
