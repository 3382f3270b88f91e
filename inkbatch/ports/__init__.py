"""What the dialer needs from outside, as Protocols; adapters fulfil them."""

from inkbatch.ports.clock import Clock
from inkbatch.ports.files import CallListReader
from inkbatch.ports.records import (
    CallEvent,
    CampaignCounts,
    CampaignRecord,
    ContactRow,
    Enrolled,
    HoldRecord,
    PendingEvent,
    Reason,
    RunningShift,
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
    "HoldRecord",
    "PendingEvent",
    "PlaceCall",
    "Placed",
    "Reason",
    "RunningShift",
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
