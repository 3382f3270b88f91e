"""The rest of a campaign as arrays: groups of contacts, their turns, and what follows each try."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from inkbatch.adapters.forecasting.slots import OpenSlots, Slots
from inkbatch.domain.campaign_ahead import CampaignAhead, Cohort, Following
from inkbatch.domain.disposition import NO_CALL_MADE, Disposition
from inkbatch.domain.turns import LAST_CALL, Order

NO_MORE = -1
"""Instead of a wait: no further try."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Contacts that share windows, priority and deadline (a slot; the horizon without one).

    From `near_from` on (a slot) the contacts' own deadline goes before everything else.
    """

    hours: OpenSlots
    priority: int
    deadline: int
    near_from: int
    place: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A cell is a group and a number of tries used up.

    `arrivals` maps a slot to the contacts of each cell that are due from it on. `waits` is (cells,
    dispositions): slots to the next try, or NO_MORE. `next_cell` is where one waits after a try.
    `unimportance` is 0 for the cells of the highest priority, 1 for those of the next, and so on.
    """

    ahead: CampaignAhead
    slots: Slots
    groups: tuple[Group, ...]
    group_of: NDArray[np.int64]
    used: NDArray[np.int64]
    unimportance: NDArray[np.int64]
    next_cell: NDArray[np.int64]
    arrivals: dict[int, NDArray[np.int32]]
    waits: NDArray[np.int64]
    is_reached: NDArray[np.bool_]
    is_call: NDArray[np.bool_]

    def turns(
        self, slot: int, values: NDArray[np.float64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the cells in the orders in which the dialer takes those who may be called.

        `values` are what the n-th try is worth, (replays, tries). The first order is by wait and
        (cells,), the second by worth and (replays, cells). Before both go deadlines that are near,
        windows about to close, and priority; equals by who was tried least. (See `domain.turns`.)
        """
        tries = values.shape[1]
        first = self._first(slot) * tries
        by_worth = np.argsort(np.argsort(-values, axis=1, kind="stable"), axis=1)
        return (
            np.argsort(first + self.used, kind="stable"),
            np.argsort(first + by_worth[:, self.used], axis=1, kind="stable"),
        )

    def _first(self, slot: int) -> NDArray[np.int64]:
        """Return a figure for each cell by what no wait and no worth outweighs, the first least."""
        if self.is_by_list:
            return self.unimportance
        soon = slot + self.slots.holding(LAST_CALL)
        closing = self._of_groups(lambda group: 0 if not group.hours[soon] else 1)
        never = self.slots.horizon + 1
        near = self._of_groups(lambda group: group.deadline if slot >= group.near_from else never)
        closing[near < never] = 0
        return (2 * near + closing) * len(self.used) + self.unimportance

    @property
    def is_by_list(self) -> bool:
        """Whether what a call is worth decides nothing."""
        return self.ahead.campaign.order is Order.LIST

    def _of_groups(self, figure: Callable[[Group], int]) -> NDArray[np.int64]:
        return np.array([figure(group) for group in self.groups], np.int64)[self.group_of]


def setting_of(
    ahead: CampaignAhead,
    *,
    slots: Slots,
    dispositions: Sequence[Disposition],
) -> Setting:
    """Return what a campaign's replays begin with."""
    tries_max = max(ahead.campaign.retry.attempts_max, 1)
    groups = _groups(ahead, slots=slots)
    made = tuple(groups.values())
    group_of = np.repeat(np.arange(len(made)), tries_max)
    used = np.tile(np.arange(tries_max), len(made))
    return Setting(
        ahead=ahead,
        slots=slots,
        groups=made,
        group_of=group_of,
        used=used,
        unimportance=np.unique([-group.priority for group in made], return_inverse=True)[1][
            group_of
        ],
        next_cell=group_of * tries_max + np.minimum(used + 1, tries_max - 1),
        arrivals=_arrivals(ahead, list(groups), slots=slots, tries_max=tries_max),
        waits=_waits(ahead, made, slots=slots, dispositions=dispositions),
        is_reached=np.array([each in ahead.campaign.retry.reached for each in dispositions]),
        is_call=np.array([each not in NO_CALL_MADE for each in dispositions]),
    )


Key = tuple[tuple[str, ...], int, datetime | None, str]
"""What contacts of a group share."""


def _key(cohort: Cohort) -> Key:
    return cohort.zones, cohort.priority, cohort.deadline, cohort.place


def _groups(ahead: CampaignAhead, *, slots: Slots) -> dict[Key, Group]:
    made = dict[Key, Group]()
    for cohort in ahead.cohorts:
        if _key(cohort) not in made:
            made[_key(cohort)] = _group(ahead, cohort, slots=slots, known=list(made.values()))
    return made


def _arrivals(
    ahead: CampaignAhead, keys: Sequence[Key], *, slots: Slots, tries_max: int
) -> dict[int, NDArray[np.int32]]:
    at = {key: place for place, key in enumerate(keys)}
    arrivals = dict[int, NDArray[np.int32]]()
    for cohort in ahead.cohorts:
        due = 0 if cohort.due_at <= ahead.at else slots.from_time(cohort.due_at)
        cells = arrivals.setdefault(due, np.zeros(len(keys) * tries_max, np.int32))
        used = min(cohort.attempts_used, tries_max - 1)
        cells[at[_key(cohort)] * tries_max + used] += cohort.contacts
    return arrivals


def _waits(
    ahead: CampaignAhead,
    groups: Sequence[Group],
    *,
    slots: Slots,
    dispositions: Sequence[Disposition],
) -> NDArray[np.int64]:
    """Return the slots to the next try, by cell and disposition."""
    by_place = {
        place: _waits_at(ahead, place, slots=slots, dispositions=dispositions)
        for place in {group.place for group in groups}
    }
    empty = np.zeros((0, len(dispositions)), np.int64)
    return np.concatenate([empty, *(by_place[group.place] for group in groups)])


def _waits_at(
    ahead: CampaignAhead, place: str, *, slots: Slots, dispositions: Sequence[Disposition]
) -> NDArray[np.int64]:
    policy = ahead.campaign.retry
    following = Following(policy=policy, rules=ahead.campaign.rules_for(_fields(ahead, place)))

    def wait(disposition: Disposition, ordinal: int) -> int:
        time = following.after(disposition, ordinal=ordinal).wait
        # Slots are told by their begin, calls end on average in the middle of one.
        return NO_MORE if time is None else slots.holding(time + slots.length / 2)

    ordinals = range(1, max(policy.attempts_max, 1) + 1)
    return np.array([[wait(each, nth) for each in dispositions] for nth in ordinals], np.int64)


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
    deadline = min(deadline, slots.horizon)
    own = cohort.deadline != ahead.campaign.expiry.end_in(cohort.zones)
    near_from = _near_from(hours, deadline) if own else slots.horizon
    return Group(
        hours=hours,
        priority=cohort.priority,
        deadline=deadline,
        near_from=near_from if deadline < slots.horizon else slots.horizon,
        place=cohort.place,
    )


def _near_from(hours: OpenSlots, deadline: int) -> int:
    """Return from which slot on a deadline comes before the window has been open once more.

    That is from the hours on that are the last but one before it, or the last that are over by it.
    """
    if deadline >= hours.slots.horizon:
        return deadline
    is_open = [hours[slot] for slot in range(deadline)]
    begins = [at for at in range(deadline) if is_open[at] and not (at and is_open[at - 1])]
    last = 2 if is_open and is_open[-1] else 1
    return begins[-last] if len(begins) >= last else 0
