"""Looking at a campaign without dialing it: calls that are only foreseen.

An onlooker is a shift that holds no dialing lock and reaches nobody, so that whoever asks why, or
what comes next, asks the very functions that decide whom to dial.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from inkbatch.dialer.openings import Openings
from inkbatch.dialer.shift import NO_RESERVE, Shift, Timing, place_together
from inkbatch.domain.attempt import Attempt
from inkbatch.domain.budget import HeadRoom
from inkbatch.domain.call import Call, CallStatus, OwnNumber
from inkbatch.domain.campaign import Campaign
from inkbatch.domain.errors import CallNotFound
from inkbatch.ports import CampaignRecord, Clock, PlaceCall, Placed, Store


@dataclass(kw_only=True)
class ForeseenCalls:
    """Fulfils `ports.Telephony` with calls that are answered at once and last `call_lasts`."""

    campaign: Campaign
    clock: Clock
    call_lasts: timedelta = timedelta(minutes=1)
    placed: list[Call] = field(default_factory=list)
    _ends: dict[str, datetime] = field(default_factory=dict)
    _calls: dict[str, Call] = field(default_factory=dict)

    @property
    def skew(self) -> timedelta | None:
        """There is no other clock."""
        return None

    async def place_call(self, request: PlaceCall) -> Placed:
        """Note who would be called now."""
        call = self._begin(
            f"foreseen-{len(self._calls)}",
            from_number=request.from_number,
            to_number=request.to_number,
            at=self.clock.now(),
        )
        self.placed.append(call)
        return Placed(call=call, limit=None)

    def adopt(self, attempts: Iterable[Attempt]) -> None:
        """Take over real calls in progress: they end when they have lasted as long as others."""
        for attempt in attempts:
            self._begin(
                attempt.call_id or attempt.id,
                from_number=attempt.from_number,
                to_number=attempt.number,
                at=attempt.reserved_at or self.clock.now(),
            )

    async def list_calls(self, phone_number_id: str, *, limit: int, offset: int) -> list[Call]:
        """Return one page of a number's calls, newest first."""
        of_number = [
            each for each in self._calls.values() if each.phone_number_id == phone_number_id
        ]
        newest_first = sorted(of_number, key=lambda call: call.created_at, reverse=True)
        return [self._now(call) for call in newest_first[offset : offset + limit]]

    async def get_call(self, phone_number_id: str, call_id: str) -> Call:
        """Return one call; raises CallNotFound."""
        call = self._calls.get(call_id)
        if call is None or call.phone_number_id != phone_number_id:
            raise CallNotFound("no such call is foreseen")
        return self._now(call)

    async def own_numbers(self) -> list[OwnNumber]:
        """Return the campaign's numbers, each as if it were active."""
        return list(numbers_as_given(self.campaign))

    async def aclose(self) -> None:
        """There is nothing to close."""

    def _begin(self, call_id: str, *, from_number: str, to_number: str, at: datetime) -> Call:
        call = Call(
            id=call_id,
            phone_number_id=from_number,
            local_number=from_number,
            remote_number=to_number,
            direction="outbound",
            status=CallStatus.ANSWERED,
            hangup_reason=None,
            client_websocket_url=None,
            created_at=at,
            started_at=at,
            ended_at=None,
        )
        self._calls[call_id] = call
        self._ends[call_id] = at + self.call_lasts
        return call

    def _now(self, call: Call) -> Call:
        ends_at = self._ends[call.id]
        if self.clock.now() < ends_at:
            return call
        return replace(call, status=CallStatus.COMPLETED, ended_at=ends_at)


def numbers_as_given(campaign: Campaign) -> tuple[OwnNumber, ...]:
    """Return a campaign's from_numbers, with themselves as their ids."""
    return tuple(
        OwnNumber(
            id=each.number,
            number=each.number,
            status="active",
            client_websocket_url="wss://foreseen.invalid/",
        )
        for each in campaign.from_numbers
    )


def onlooker(
    store: Store,
    line: ForeseenCalls,
    record: CampaignRecord,
    *,
    timing: Timing | None = None,
    reserve: HeadRoom = NO_RESERVE,
) -> Shift:
    """Return a shift that takes no lock and reaches nobody; it says what a real one would do."""
    return Shift(
        id="onlooker",
        store=store,
        telephony=line,
        clock=line.clock,
        campaign=line.campaign,
        record=record,
        own_numbers=numbers_as_given(line.campaign),
        lock=_NoLock(),
        lock_name="",
        openings=Openings(line.campaign.rules_for_everybody.window),
        timing=timing or Timing(),
        placing=place_together,
        reserve=reserve,
    )


class _NoLock:
    """Nobody is kept away by it."""

    def is_held(self) -> bool:
        """Let the onlooker look."""
        return True

    def release(self) -> None:
        """There is nothing to give up."""
