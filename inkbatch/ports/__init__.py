"""What the dialer needs from outside, as Protocols; adapters fulfil them."""

from inkbatch.ports.clock import Clock
from inkbatch.ports.files import CallListReader
from inkbatch.ports.records import (
    CallEvent,
    CampaignCounts,
    CampaignRecord,
    Enrolled,
    HoldRecord,
    PendingEvent,
    Sharer,
    ShiftRecord,
    Snapshot,
    Snapshots,
    Standing,
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
    "DialingLock",
    "Enrolled",
    "HoldRecord",
    "PendingEvent",
    "PlaceCall",
    "Placed",
    "Sharer",
    "ShiftRecord",
    "Snapshot",
    "Snapshots",
    "Standing",
    "Store",
    "Telephony",
    "Transaction",
    "ZoneQueue",
]
