"""Replays a setting, all replays together, slot by slot until the last contact is done."""

from dataclasses import dataclass, field
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from inkbatch.adapters.forecasting.learning import Learning
from inkbatch.adapters.forecasting.luck import Luck
from inkbatch.adapters.forecasting.setting import NO_MORE, Setting
from inkbatch.domain.campaign_forecast import Binding
from inkbatch.domain.turns import FAIR_EVERY

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(slots=True, kw_only=True)
class Replayed:
    """What came of each replay. `finish` is a slot, -1 where it is not over at the horizon.

    `reached_by_day`, `calls_by_day` and `alive_by_day` have an array of the replays for each day;
    `binding_by_day` counts open slots of replays by what held dialing back.
    """

    finish: Ints
    reached: Ints
    untried: Ints
    calls: Ints
    minutes: Floats
    never_open: int = 0
    reached_by_day: list[Ints] = field(default_factory=list)
    calls_by_day: list[Ints] = field(default_factory=list)
    alive_by_day: list[NDArray[np.bool_]] = field(default_factory=list)
    binding_by_day: list[dict[Binding, int]] = field(default_factory=list)


class Replay:
    """The state of all replays at one slot."""

    def __init__(self, setting: Setting, luck: Luck, *, held_minutes: Floats) -> None:
        self._setting, self._luck = setting, luck
        replays, cells = len(held_minutes), len(setting.used)
        self._due = np.zeros((replays, cells), np.int64)
        self._waiting = {
            slot: np.broadcast_to(count, (replays, cells)).astype(np.int64)
            for slot, count in setting.arrivals.items()
        }
        self._alive = np.full(replays, setting.ahead.contacts, np.int64)
        self._made = np.zeros((replays, len(luck.outcomes)), np.int64)
        self._learning = Learning(setting.ahead, tries_max=len(luck.outcomes), replays=replays)
        self._turns = np.full(replays, len(setting.ahead.tries))
        self._held_minutes = held_minutes
        self._slot_minutes = setting.slots.length.total_seconds() / 60
        self._credit = np.zeros(replays)
        self._used_calls = np.full(replays, float(setting.ahead.budget.used.calls))
        self._used_minutes = np.full(replays, setting.ahead.budget.used.minutes)
        self._back = self._releases(replays)
        zeros = np.zeros(replays, np.int64)
        self.told = Replayed(
            finish=np.where(self._alive == 0, 0, -1),
            reached=zeros.copy(),
            untried=zeros.copy(),
            calls=zeros.copy(),
            minutes=np.zeros(replays),
        )

    def run(self, *, first_of_day: int) -> Replayed:
        """Go on to the end; day 0 has begun `first_of_day` slots before slot 0."""
        setting, slot = self._setting, 0
        self._give_up_who_is_never_called()
        while (self._alive > 0).any() and slot < setting.slots.horizon:
            day = (slot + first_of_day) // setting.slots.a_day
            self._open_day(day)
            self._come_back(slot)
            self._expire(slot)
            self._fall_due(slot)
            hours = {id(group.hours): group.hours[slot] for group in setting.groups}
            is_open = np.array([hours[id(group.hours)] for group in setting.groups], np.bool_)
            if slot >= setting.slots.from_time(setting.ahead.starts_at) and is_open.any():
                self._dial(slot, day, is_open[setting.group_of])
            slot += 1
            self.told.finish[(self._alive == 0) & (self.told.finish < 0)] = slot
            self.told.alive_by_day[day] = self._alive > 0
        return self.told

    def _open_day(self, day: int) -> None:
        told = self.told
        while len(told.reached_by_day) <= day:
            told.reached_by_day.append(np.zeros_like(told.reached))
            told.calls_by_day.append(np.zeros_like(told.calls))
            told.alive_by_day.append(self._alive > 0)
            told.binding_by_day.append({})

    def _releases(self, replays: int) -> dict[int, tuple[Floats, Floats]]:
        budget, slots = self._setting.ahead.budget, self._setting.slots
        back = dict[int, tuple[Floats, Floats]]()
        calls, minutes = budget.used.calls, budget.used.minutes
        for each in budget.releases:
            # Attempts in progress are replayed anew; theirs is the last of what comes back.
            of_calls, of_minutes = min(each.calls, calls), min(each.minutes, minutes)
            self._add(back, slots.from_time(each.at), of_calls, of_minutes, replays)
            calls, minutes = calls - of_calls, minutes - of_minutes
        self._add(back, slots.a_day, calls, minutes, replays)
        return back

    @staticmethod
    def _add(
        back: dict[int, tuple[Floats, Floats]],
        slot: int,
        calls: float | Floats | Ints,
        minutes: float | Floats,
        replays: int,
    ) -> None:
        kept = back.setdefault(slot, (np.zeros(replays), np.zeros(replays)))
        kept[0][:] += calls
        kept[1][:] += minutes

    def _come_back(self, slot: int) -> None:
        back = self._back.pop(slot, None)
        if back is not None:
            self._used_calls -= back[0]
            self._used_minutes -= back[1]

    def _give_up_who_is_never_called(self) -> None:
        for at, group in enumerate(self._setting.groups):
            if group.hours.ever():
                continue
            of_group = self._setting.group_of == at
            for waiting in self._waiting.values():
                self.told.never_open += int(waiting[0, of_group].sum())
                self._end(waiting, of_group)

    def _expire(self, slot: int) -> None:
        over = [at for at, group in enumerate(self._setting.groups) if group.deadline == slot]
        for at in over:
            of_group = self._setting.group_of == at
            for contacts in (self._due, *self._waiting.values()):
                self._end(contacts, of_group)

    def _end(self, contacts: Ints, cells: NDArray[np.bool_]) -> None:
        """Take the contacts of some cells out, counting those who were never tried."""
        self._alive -= contacts[:, cells].sum(axis=1)
        self.told.untried += contacts[:, cells & (self._setting.used == 0)].sum(axis=1)
        contacts[:, cells] = 0

    def _fall_due(self, slot: int) -> None:
        due = self._waiting.pop(slot, None)
        if due is not None:
            self._due += due

    def _dial(self, slot: int, day: int, is_open: NDArray[np.bool_]) -> None:
        wanted = self._due * is_open
        people = wanted.sum(axis=1)
        room = self._room()
        dialed = np.minimum(people, np.minimum.reduce(list(room.values())))
        self._note_binding(day, people, dialed, room)
        if not dialed.any():
            return
        self._credit -= dialed
        taken = self._whose_turn(slot, wanted, dialed)
        self._due -= taken
        for cell in np.flatnonzero(taken.any(axis=0)):
            self._make(slot, day, int(cell), taken[:, cell])

    def _whose_turn(self, slot: int, wanted: Ints, dialed: Ints) -> Ints:
        """Return how many of each cell are dialed, those whose turn is first before the others."""
        by_wait, by_worth = self._setting.turns(slot, self._learning.values())
        by_wait = np.broadcast_to(by_wait, wanted.shape)
        if self._setting.is_by_list:
            return _first_of(wanted, by_wait, dialed)
        fair = (self._turns + dialed) // FAIR_EVERY - self._turns // FAIR_EVERY
        self._turns += dialed
        longest = _first_of(wanted, by_wait, fair) if fair.any() else np.zeros_like(wanted)
        return longest + _first_of(wanted - longest, by_worth, dialed - fair)

    def _room(self) -> dict[Binding, Ints]:
        """Return how many calls each limit allows in this slot."""
        ahead = self._setting.ahead
        usable, most = ahead.budget.usable, ahead.need.minutes_max
        left = np.minimum(usable.minutes, MORE_THAN_ANYBODY_HAS) - self._used_minutes
        at_worst = left + ahead.budget.overrun_minutes
        # The last call leaves while there is room for one that lasts as long as it may.
        spare = np.minimum(left - ahead.need.minutes, at_worst - most)
        usual = np.maximum(self._minutes_a_call(), 0.01)
        pacing = ahead.campaign.pacing
        at_once = np.minimum(pacing.calls_at_once, np.maximum(at_worst // max(most, 0.01), 1))
        each_slot = at_once * self._slot_minutes / self._held_minutes
        if pacing.calls_per_minute is not None:
            each_slot = np.minimum(each_slot, pacing.calls_per_minute * self._slot_minutes)
        self._credit = np.minimum(self._credit, 0.999) + each_slot
        return {
            Binding.CALLS: _whole(usable.calls - self._used_calls),
            Binding.MINUTES: _whole(np.where(spare >= 0, spare // usual + 1, 0)),
            Binding.PACING: _whole(self._credit),
        }

    def _minutes_a_call(self) -> Floats:
        sums = self._luck.minutes[0]
        return np.asarray(sums[:, -1] / max(sums.shape[1] - 1, 1), np.float64)

    def _make(self, slot: int, day: int, cell: int, tries: Ints) -> None:
        setting, nth = self._setting, int(self._setting.used[cell])
        rows, begin = np.arange(len(tries)), self._made[:, nth]
        end = begin + tries
        outcomes, minutes = self._luck.outcomes[nth], self._luck.minutes[nth]
        counts = (outcomes[rows, end] - outcomes[rows, begin]).astype(np.int64)
        talked = (minutes[rows, end] - minutes[rows, begin]).astype(np.float64)
        self._made[:, nth] = end
        self._spend(slot, counts @ setting.is_call, talked)
        reached = counts @ setting.is_reached
        self._learning.add(nth, calls=tries, reached=reached, minutes=talked)
        self.told.reached += reached
        self.told.reached_by_day[day] += reached
        self.told.calls += tries
        self.told.calls_by_day[day] += tries
        self._move_on(slot, cell, counts)

    def _spend(self, slot: int, calls: Ints, minutes: Floats) -> None:
        self._used_calls += calls
        self._used_minutes += minutes
        self.told.minutes += minutes
        self._add(self._back, slot + self._setting.slots.a_day, calls, minutes, len(calls))

    def _move_on(self, slot: int, cell: int, counts: Ints) -> None:
        setting = self._setting
        deadline = setting.groups[setting.group_of[cell]].deadline
        for kind, wait in enumerate(setting.waits[cell]):
            again = slot + int(wait)
            if wait == NO_MORE or (again >= deadline and deadline < setting.slots.horizon):
                self._alive -= counts[:, kind]
            elif counts[:, kind].any():
                empty = np.zeros_like
                waiting = self._waiting.setdefault(again, empty(self._due))
                waiting[:, setting.next_cell[cell]] += counts[:, kind]

    def _note_binding(
        self, day: int, people: Ints, dialed: Ints, room: dict[Binding, Ints]
    ) -> None:
        counted, alive = self.told.binding_by_day[day], self._alive > 0
        held = alive & (people > dialed)
        tightest = np.argmin(np.stack(list(room.values())), axis=0)
        for at, binding in enumerate(room):
            self._count(counted, binding, held & (tightest == at))
        idle = alive & (people == 0)
        shut = idle & (self._due.sum(axis=1) > 0)
        self._count(counted, Binding.WINDOW, shut)
        self._count(counted, Binding.RETRIES, idle & ~shut)
        self._count(counted, Binding.NOTHING, alive & (people > 0) & ~held)

    @staticmethod
    def _count(counted: dict[Binding, int], binding: Binding, where: NDArray[np.bool_]) -> None:
        if where.any():
            counted[binding] = counted.get(binding, 0) + int(where.sum())


MORE_THAN_ANYBODY_HAS = 1e12
SHORT_DAYS, LONG_DAYS = 12, 60
"""The longer a campaign, the coarser it may be told."""


def _first_of(wanted: Ints, order: Ints, most: Ints) -> Ints:
    """Return how many of those wanted in each cell are among the first in this order."""
    in_turn = np.take_along_axis(wanted, order, axis=1)
    before = np.cumsum(in_turn, axis=1) - in_turn
    taken = np.zeros_like(wanted)
    np.put_along_axis(taken, order, np.clip(most[:, None] - before, 0, in_turn), axis=1)
    return taken


def _whole(calls: Floats) -> Ints:
    """Return whole calls, none where there are fewer than one; limits may be of any size."""
    return np.clip(calls, 0, MORE_THAN_ANYBODY_HAS).astype(np.int64)


def slot_length(days: float) -> timedelta:
    """Return how long the slots are of a replay that will take about so many days."""
    if days <= SHORT_DAYS:
        return timedelta(minutes=5)
    return timedelta(minutes=15 if days <= LONG_DAYS else 30)
