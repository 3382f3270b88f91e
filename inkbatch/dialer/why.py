"""Why nothing of a campaign is dialing now, or what is: one sentence with figures, and the rest."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from inkbatch.dialer.foreseen import ForeseenCalls, onlooker
from inkbatch.dialer.limits import Limit, Standing, count_due, counted, standing_now
from inkbatch.dialer.locks import living_shifts
from inkbatch.dialer.shift import NO_RESERVE, Shift
from inkbatch.domain.attempt import AttemptState
from inkbatch.domain.budget import HeadRoom, Release
from inkbatch.domain.campaign import Campaign, CampaignState
from inkbatch.ports import CampaignRecord, Clock, Reason, RunningShift, Store, Transaction

RELEASES_SHOWN, REASONS_SHOWN = 5, 20
OPEN = (
    AttemptState.PLANNED,
    AttemptState.RESERVED,
    AttemptState.PLACED,
    AttemptState.UNCONFIRMED,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """Where the dialing of a campaign stands at `at`.

    `limits` are in the order in which they would bind. `shifts` are the processes that hold a
    dialing lock, and `held_by` the newest of them, None where there is none; `died` says that the
    last one never said that it ended.
    `contacts` never looked at by the dialer are counted in `not_called_yet`.
    """

    campaign: str
    organisation: str
    at: datetime
    state: CampaignState
    sentence: str
    binding: str | None
    next_at: datetime | None
    limits: tuple[Limit, ...]
    releases: tuple[Release, ...]
    held_by: RunningShift | None
    shifts: tuple[RunningShift, ...]
    died: bool
    open_attempts: Mapping[str, int]
    waiting: int
    contacts: tuple[Reason, ...]


def why(
    store: Store,
    campaign: Campaign,
    record: CampaignRecord,
    *,
    clock: Clock,
    reserve: HeadRoom = NO_RESERVE,
) -> Why:
    """Return why nothing is dialing now, by the rules that decide it; nothing is changed."""
    line = ForeseenCalls(campaign=campaign, clock=clock)
    shift = onlooker(store, line, record, reserve=reserve)
    with store.reading() as tx:
        running = tx.running_shifts(record.id)
    shifts = living_shifts(store, running)
    held_by = shifts[0] if shifts else None
    with store.reading() as tx:
        stands = standing_now(shift, tx)
        reasons = tx.contact_reasons(record.id, limit=REASONS_SHOWN)
        first = stands.first
        return Why(
            campaign=record.name,
            organisation=record.organisation,
            at=clock.now(),
            state=record.state,
            sentence=_sentence(shift, tx, stands, held_by=held_by),
            binding=first.name if first else None,
            next_at=first.until if first else None,
            limits=stands.by_binding,
            releases=stands.releases[:RELEASES_SHOWN],
            held_by=held_by,
            shifts=shifts,
            died=bool(running) and not shifts,
            open_attempts={
                state: count
                for state in OPEN
                if (count := tx.count_attempts(state, campaign_id=record.id))
            },
            waiting=tx.count_waiting(record.id, limit=sys.maxsize),
            contacts=tuple(reasons),
        )


def _sentence(
    shift: Shift, tx: Transaction, stands: Standing, *, held_by: RunningShift | None
) -> str:
    binding = stands.first
    if binding is None:
        return _dialing(shift, stands, held_by=held_by)
    parts = [binding.why]
    if binding.name in ("calls", "minutes", "share", "calls per minute", "hold") and binding.until:
        due = count_due(shift, tx, stands.queues, at=binding.until)
        parts.append(f"{counted(due)} due then")
    if binding.name in ("contacts", "campaign") and stands.in_progress:
        parts.append(f"{_calls(stands.in_progress)} in progress")
    if held_by is None and binding.until is not None:
        parts.append(f"no process runs it: inkbatch run {shift.record.folder}")
    return "; ".join(parts)


def _dialing(shift: Shift, stands: Standing, *, held_by: RunningShift | None) -> str:
    tightest = stands.by_binding[0]
    if held_by is None:
        return (
            f"nothing holds it back but that no process runs it: {tightest.why}; "
            f"start it with inkbatch run {shift.record.folder}"
        )
    return (
        f"it is dialing: {_calls(stands.in_progress)} in progress; {tightest.name} bind next: "
        f"{tightest.why}"
    )


def _calls(count: int) -> str:
    return f"{count} call{'' if count == 1 else 's'}"
