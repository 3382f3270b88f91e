"""What a run is about to do, told before it does anything."""

from dataclasses import dataclass
from datetime import datetime

from inkbatch.dialer.allowance import position
from inkbatch.domain.budget import HeadRoom, Limits, Room, Usage
from inkbatch.domain.campaign import Campaign
from inkbatch.ports import CampaignCounts, CampaignRecord, Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Whom, from which numbers, and with how much budget left now.

    `opens_at` is when the first of those who wait may be called; None if nobody waits.
    """

    counts: CampaignCounts
    from_numbers: tuple[str, ...]
    limits: Limits
    usage: Usage
    left: Room
    opens_at: datetime | None


def plan(
    tx: Transaction,
    campaign: Campaign,
    record: CampaignRecord,
    *,
    reserve: HeadRoom,
    now: datetime,
) -> Plan:
    """Return the plan of a campaign that is enrolled; nothing changes."""
    place = position(
        tx,
        record.organisation,
        campaign_id=record.id,
        priority=campaign.priority,
        rules=campaign.budget,
        reserve=reserve,
        now=now,
    )
    window = campaign.rules_for_everybody.window
    openings = [
        opening
        for queue in tx.zone_queues(record.id)
        if (opening := window.next_open(max(queue.first_at, now), queue.zones))
    ]
    return Plan(
        counts=tx.counts(record.id, now=now),
        from_numbers=tuple(number.number for number in campaign.from_numbers),
        limits=place.ledger.limits,
        usage=place.ledger.spent.usage,
        left=place.left,
        opens_at=min(openings, default=None),
    )
