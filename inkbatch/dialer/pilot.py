"""The pilot of a campaign, asked and ended inside the transaction that decides whom to dial."""

from collections import Counter
from datetime import datetime

from inkbatch.dialer.shift import Shift
from inkbatch.domain.budget import Limits
from inkbatch.domain.pilot import (
    PilotFigures,
    PilotLeft,
    PilotOver,
    PilotWaits,
    pilot_figures,
    pilot_stands,
)
from inkbatch.ports import Transaction


def pilot_now(shift: Shift, tx: Transaction) -> PilotLeft | PilotWaits | PilotOver | None:
    """Return what the pilot says of the next dial; None where there is none any more."""
    pilot = shift.campaign.pilot
    if pilot is None or tx.campaign_by_id(shift.record.id).pilot_ended_at is not None:
        return None
    return pilot_stands(pilot, tx.calls_made(shift.record.id))


def pause_after_pilot(shift: Shift, tx: Transaction, *, now: datetime) -> str:
    """Pause the campaign, once in its life, and return what the calls of its pilot say."""
    name = shift.record.name
    reason = f"pilot: {figures_of_pilot(shift, tx)}. Go on with `inkbatch resume {name}`"
    tx.end_pilot(shift.record.id, reason=reason, now=now)
    return reason


def figures_of_pilot(shift: Shift, tx: Transaction) -> PilotFigures:
    """Return what the first calls of the campaign came to, as many as its pilot has."""
    campaign, campaign_id = shift.campaign, shift.record.id
    calls = tx.first_calls(campaign_id, limit=campaign.pilot.calls if campaign.pilot else 0)
    tries_left = Counter[int]()
    for used, contacts in tx.waiting_by_tries(campaign_id).items():
        tries_left[max(campaign.retry.attempts_max - used, 1)] += contacts
    return pilot_figures(calls, tries_left=tries_left, limits=_usable(shift, tx))


def _usable(shift: Shift, tx: Transaction) -> Limits:
    """Return what the campaign may have in 24 hours while nobody else wants any of it."""
    limits, rules = tx.limits(shift.organisation), shift.campaign.budget
    shared = Limits(
        calls=max(limits.calls - shift.reserve.calls, 0),
        minutes=max(limits.minutes - shift.reserve.minutes, 0.0),
    )
    ceiling = rules.ceiling.as_ceiling(shared)
    return Limits(
        calls=min(shared.calls - rules.head_room.calls, ceiling.calls),
        minutes=min(shared.minutes - rules.head_room.minutes, ceiling.minutes),
    )
