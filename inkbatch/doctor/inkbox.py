"""Inkbox: whether the key is taken, which numbers may call, and whether the clocks agree."""

from collections.abc import Sequence
from datetime import timedelta

from inkbatch.dialer.shift import Timing
from inkbatch.doctor.finding import Finding, beware, fine, wrong
from inkbatch.domain.call import OwnNumber
from inkbatch.domain.campaign import Campaign
from inkbatch.domain.errors import FromNumberRefused, InkbatchError, KeyRefused, RequestRefused
from inkbatch.domain.phone_number import masked
from inkbatch.ports import Store, Telephony

SKEW_WANTED = timedelta(seconds=5)
"""The server tells its time in whole seconds, and the answer takes a while."""


async def inkbox(telephony: Telephony, campaigns: Sequence[Campaign]) -> list[Finding]:
    """Ask Inkbox for the organisation's numbers, which needs the key; nobody is called."""
    try:
        numbers = await telephony.own_numbers()
    except KeyRefused as error:
        return [wrong("key", "Inkbox refuses it", advice=str(error))]
    except (RequestRefused, FromNumberRefused) as error:
        advice = f"{error} A campaign that gives the id of each number can do without the list."
        return [
            beware("key", "Inkbox takes it, but it may not list numbers", advice=advice),
            clock(telephony.skew),
        ]
    except InkbatchError as error:
        return [wrong("Inkbox", "it cannot be asked", advice=str(error))]
    return [
        fine("key", "Inkbox takes it"),
        clock(telephony.skew),
        *numbers_of(campaigns, numbers),
    ]


def clock(skew: timedelta | None) -> Finding:
    """Judge how far the server's clock is ahead of ours."""
    if skew is None:
        advice = "Compare this machine's clock by another way, such as `timedatectl`."
        return beware("clock", "Inkbox did not tell its time", advice=advice)
    apart = abs(skew)
    saw = f"{apart.total_seconds():.0f} s apart from Inkbox's"
    advice = "Set this machine's clock, best by NTP."
    if apart > Timing().skew_max:
        limit = Timing().skew_max.total_seconds()
        return wrong("clock", saw, advice=f"{advice} Beyond {limit:.0f} s nothing is dialed.")
    return fine("clock", saw) if apart <= SKEW_WANTED else beware("clock", saw, advice=advice)


def numbers_of(campaigns: Sequence[Campaign], known: Sequence[OwnNumber]) -> list[Finding]:
    """Judge each campaign's numbers by those of the organisation."""
    active = {own.number for own in known if own.is_active}
    ours = {own.number: own for own in known}
    found = list[Finding]()
    for campaign in campaigns:
        for wanted in campaign.from_numbers:
            if wanted.number in active:
                continue
            what = f"{campaign.name}: from_number"
            own = ours.get(wanted.number)
            saw = f"{masked(wanted.number)} is {own.status if own else 'not of this organisation'}"
            advice = "Activate it at Inkbox, or take it out of campaign.toml."
            found.append(wrong(what, saw, advice=advice))
    if active:
        return [fine("numbers", f"{len(active)} of {len(known)} may call"), *found]
    advice = "Get a number at Inkbox, or activate one: without it nothing can be dialed."
    return [wrong("numbers", "the organisation has none that is active", advice=advice), *found]


def limits(store: Store, organisation: str) -> Finding:
    """Look at the limits that the server told last; they come with the first call's answer."""
    with store.reading() as tx:
        told, snapshots = tx.limits(organisation), tx.snapshots(organisation)
    saw = f"{told.calls} calls and {told.minutes:g} minutes in 24 hours"
    if snapshots is None:
        return fine("limits", f"{saw}, as documented; the first call's answer tells the real ones")
    return fine("limits", f"{saw}, as Inkbox told")
