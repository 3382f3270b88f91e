"""Inkbox's calls API, as the dialer needs it."""

import math
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from inkbatch.domain.call import Call, OwnNumber, RateLimit


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceCall:
    """One request to dial; sent at most once.

    `send_before` is the reading of the clock's monotonic seconds from which on it is not sent any
    more: whoever wants to call then decides anew.
    """

    from_number: str
    to_number: str
    client_websocket_url: str | None
    webhook_url: str | None
    send_before: float = math.inf


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """Inkbox's yes: the call, and the limits as it counted them."""

    call: Call
    limit: RateLimit | None


class Telephony(Protocol):
    """Inkbox's calls API. Every method raises from `TelephonyError`, never anything else."""

    @property
    def skew(self) -> timedelta | None:
        """How far the server's clock is ahead of ours; None until it answered."""
        ...

    async def place_call(self, request: PlaceCall) -> Placed:
        """Dial once, with no retry of any kind.

        Raises NotSent, ReplyLost, DialFailed, RateLimited, KeyRefused, FromNumberRefused,
        RecipientBlocked or RequestRefused.
        """
        ...

    async def list_calls(self, phone_number_id: str, *, limit: int, offset: int) -> list[Call]:
        """Return one page of a number's calls, newest first; `limit` is at most 200."""
        ...

    async def get_call(self, phone_number_id: str, call_id: str) -> Call:
        """Return one call; raises CallNotFound."""
        ...

    async def own_numbers(self) -> list[OwnNumber]:
        """Return the organisation's numbers."""
        ...

    async def aclose(self) -> None:
        """Close the connections."""
        ...
