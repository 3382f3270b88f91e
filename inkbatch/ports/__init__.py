"""What the dialer needs from outside, as Protocols; adapters fulfil them."""

from inkbatch.ports.clock import Clock
from inkbatch.ports.files import CallListReader
from inkbatch.ports.records import (
    CampaignCounts,
    CampaignRecord,
    Enrolled,
    HoldRecord,
    ShiftRecord,
    Standing,
    ZoneQueue,
)
from inkbatch.ports.store import DialingLock, Store, Transaction
from inkbatch.ports.telephony import PlaceCall, Placed, Telephony

__all__ = [
    "CallListReader",
    "CampaignCounts",
    "CampaignRecord",
    "Clock",
    "DialingLock",
    "Enrolled",
    "HoldRecord",
    "PlaceCall",
    "Placed",
    "ShiftRecord",
    "Standing",
    "Store",
    "Telephony",
    "Transaction",
    "ZoneQueue",
]
