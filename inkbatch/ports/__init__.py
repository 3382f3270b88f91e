"""What the dialer needs from outside, as Protocols; adapters fulfil them."""

from inkbatch.ports.clock import Clock
from inkbatch.ports.files import CallListReader
from inkbatch.ports.records import (
    CallEvent,
    CampaignCounts,
    CampaignRecord,
    ContactRow,
    Enrolled,
    Erasure,
    HoldRecord,
    PendingEvent,
    Purge,
    Reason,
    RunningShift,
    Scrubbed,
    Sharer,
    ShiftRecord,
    Snapshot,
    Snapshots,
    Standing,
    Try,
    ZoneQueue,
)
from inkbatch.ports.store import DialingLock, Store, Transaction
from inkbatch.ports.telephony import PlaceCall, Placed, Telephony

__all__ = [
    "CallEvent",
    "CallListReader",
    "CampaignCounts",
    "CampaignRecord",
    "Clock",
    "ContactRow",
    "DialingLock",
    "Enrolled",
    "Erasure",
    "HoldRecord",
    "PendingEvent",
    "PlaceCall",
    "Placed",
    "Purge",
    "Reason",
    "RunningShift",
    "Scrubbed",
    "Sharer",
    "ShiftRecord",
    "Snapshot",
    "Snapshots",
    "Standing",
    "Store",
    "Telephony",
    "Transaction",
    "Try",
    "ZoneQueue",
]
