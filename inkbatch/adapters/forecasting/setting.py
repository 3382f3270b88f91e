"""The rest of a campaign as arrays: groups of contacts, their turns, and what follows each try."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inkbatch.adapters.forecasting.slots import OpenSlots, Slots
from inkbatch.domain.campaign_ahead import CampaignAhead, Cohort, Following
from inkbatch.domain.disposition import NO_CALL_MADE, Disposition

NO_MORE = -1
"""Instead of a wait: no further try."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Contacts that share windows, priority and deadline (a slot; the horizon without one)."""

    hours: OpenSlots
    priority: int
    deadline: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A cell is a group and a number of tries used up; cells stand in the order of their turns.

    `arrivals` maps a slot to the contacts of each cell that are due from it on. `waits` is (cells,
    dispositions): slots to the next try, or NO_MORE. `next_cell` is where one waits after a try.
    """

    ahead: CampaignAhead
    slots: Slots
    groups: tuple[Group, ...]
    group_of: NDArray[np.int64]
    used: NDArray[np.int64]
    next_cell: NDArray[np.int64]
    arrivals: dict[int, NDArray[np.int32]]
    waits: NDArray[np.int64]
    is_reached: NDArray[np.bool_]
    is_call: NDArray[np.bool_]


def setting_of(
    ahead: CampaignAhead, *, slots: Slots, dispositions: Sequence[Disposition]
) -> Setting:
    """Return what a campaign's replays begin with."""
    tries_max = max(ahead.campaign.retry.attempts_max, 1)
    followings = dict[str, Following]()
    contacts = Counter[tuple[int, int, int]]()
    groups = dict[tuple[object, ...], int]()
    made, places = list[Group](), list[str]()
    for cohort in ahead.cohorts:
        key = (cohort.zones, cohort.priority, cohort.deadline, cohort.place)
        if key not in groups:
            groups[key] = len(made)
            made.append(_group(ahead, cohort, slots=slots, known=made))
            places.append(cohort.place)
        used = min(cohort.attempts_used, tries_max - 1)
        due = 0 if cohort.due_at <= ahead.at else slots.from_time(cohort.due_at)
        contacts[groups[key], used, due] += cohort.contacts
    for place in set(places):
        rules = ahead.campaign.rules_for(_fields(ahead, place))
        followings[place] = Following(policy=ahead.campaign.retry, rules=rules)
    cells = sorted(
        ((group, used) for group in range(len(made)) for used in range(tries_max)),
        key=lambda cell: (*_turn(made[cell[0]], used=cell[1]), cell),
    )
    place_of = {cell: at for at, cell in enumerate(cells)}
    arrivals = dict[int, NDArray[np.int32]]()
    for (group, used, slot), count in contacts.items():
        arrivals.setdefault(slot, np.zeros(len(cells), np.int32))[place_of[group, used]] += count
    waits = np.full((len(cells), len(dispositions)), NO_MORE)
    held = slots.length.total_seconds() / 2
    for at, (group, used) in enumerate(cells):
        for kind, disposition in enumerate(dispositions):
            follows = followings[places[group]].after(disposition, ordinal=used + 1)
            if follows.wait is not None:
                seconds = follows.wait.total_seconds() + held
                waits[at, kind] = max(int(-(-seconds // slots.length.total_seconds())), 1)
    return Setting(
        ahead=ahead,
        slots=slots,
        groups=tuple(made),
        group_of=np.array([group for group, _ in cells], np.int64),
        used=np.array([used for _, used in cells], np.int64),
        next_cell=np.array(
            [place_of[group, min(used + 1, tries_max - 1)] for group, used in cells], np.int64
        ),
        arrivals=arrivals,
        waits=waits,
        is_reached=np.array([each in ahead.campaign.retry.reached for each in dispositions]),
        is_call=np.array([each not in NO_CALL_MADE for each in dispositions]),
    )


def _turn(group: Group, *, used: int) -> tuple[int, ...]:
    """Return whose turn is first: as the store orders contacts that are due.

    Priority, then who has waited longest: those never tried, then those with fewer tries.
    """
    return (-group.priority, used)


def _fields(ahead: CampaignAhead, place: str) -> dict[str, str]:
    column = ahead.campaign.state_column
    return {} if column is None else {column: place}


def _group(ahead: CampaignAhead, cohort: Cohort, *, slots: Slots, known: list[Group]) -> Group:
    window = ahead.campaign.rules_for(_fields(ahead, cohort.place)).window
    hours = next(
        (g.hours for g in known if g.hours.zones == cohort.zones and g.hours.window == window),
        OpenSlots(window=window, zones=cohort.zones, slots=slots),
    )
    deadline = slots.horizon if cohort.deadline is None else slots.from_time(cohort.deadline)
    return Group(hours=hours, priority=cohort.priority, deadline=min(deadline, slots.horizon))
