"""The faults in force: which of them strikes on which occasion, and how often each has struck."""

import random
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from typing import Any, Generic, TypeVar
from uuid import UUID

from inkbatch.sandbox.call import PlacedCall
from inkbatch.sandbox.faults.orders import (
    AnyFault,
    DeletedCall,
    Fault,
    FaultOrders,
    ListLag,
    OnCall,
    RequestFault,
)

SomeFault = TypeVar("SomeFault", bound=Fault)


class Ordered(Generic[SomeFault]):
    """One fault in force: its occasions so far, and on how many of them it struck."""

    def __init__(self, fault: SomeFault, *, seed: str) -> None:
        self.fault = fault
        self.occasions = 0
        self.struck = 0
        self._seed = seed
        self._chosen: dict[UUID, bool] = {}

    def strikes(self) -> bool:
        """Decide the next occasion: the same seed decides the nth one the same way."""
        self.occasions += 1
        is_over = self.fault.times is not None and self.struck >= self.fault.times
        if self.occasions <= self.fault.after or is_over:
            return False
        chance = random.Random(f"{self._seed}:{self.occasions}").random()
        is_struck = chance < self.fault.rate
        self.struck += is_struck
        return is_struck

    def strikes_call(self, call_id: UUID) -> bool:
        """Decide once for each call, and remember it."""
        if call_id not in self._chosen:
            self._chosen[call_id] = self.strikes()
        return self._chosen[call_id]


class FaultBook:
    """All faults in force; ordering anew forgets the old ones with their counts."""

    def __init__(self, orders: FaultOrders | None = None) -> None:
        self.order(orders or FaultOrders())

    def order(self, orders: FaultOrders) -> None:
        """Put these faults in force instead of all earlier ones."""
        self._seed = orders.seed
        self._ordered: tuple[Ordered[AnyFault], ...] = tuple(
            Ordered(fault, seed=f"{orders.seed}:{place}")
            for place, fault in enumerate(orders.faults)
        )
        self.hides_calls = any(isinstance(fault, OnCall) for fault in orders.faults)

    def matching(self, *, method: str, path: str) -> tuple[Ordered[RequestFault], ...]:
        """Return the faults of requests that a request meets, in the order of the orders."""
        return tuple(
            each
            for each in self._of(RequestFault)
            if _is_named(method, each.fault.methods) and _is_like(path, each.fault.paths)
        )

    def struck_webhook(self, kind: type[SomeFault]) -> SomeFault | None:
        """Return the fault of this kind that strikes the event at hand, if one does."""
        return next((each.fault for each in self._of(kind) if each.strikes()), None)

    def listed(self, calls: Sequence[PlacedCall], *, now: datetime) -> Sequence[PlacedCall]:
        """Return the calls that lists show; `calls` are oldest first, so that counts are exact."""
        lags, shown = tuple(self._of(ListLag)), self.known(calls)
        for lag in lags:
            shown_from = now - timedelta(seconds=lag.fault.seconds)
            shown = [
                call
                for call in shown
                if call.life.created_at <= shown_from or not lag.strikes_call(call.call_id)
            ]
        return shown

    def known(self, calls: Sequence[PlacedCall]) -> Sequence[PlacedCall]:
        """Return the calls that can be got; `calls` are oldest first."""
        for deleting in self._of(DeletedCall):
            calls = [call for call in calls if not deleting.strikes_call(call.call_id)]
        return calls

    def told(self) -> dict[str, Any]:
        """Tell the orders, each with its occasions and how often it struck."""
        return {
            "seed": self._seed,
            "faults": [
                {
                    **each.fault.model_dump(mode="json", exclude_none=True),
                    "occasions": each.occasions,
                    "struck": each.struck,
                }
                for each in self._ordered
            ],
        }

    def _of(self, kind: type[SomeFault]) -> "Iterator[Ordered[SomeFault]]":
        for each in self._ordered:
            if isinstance(each.fault, kind):
                yield each  # type: ignore[misc]  # its fault was just looked at


def _is_named(method: str, methods: Sequence[str]) -> bool:
    return not methods or method in methods


def _is_like(path: str, patterns: Sequence[str]) -> bool:
    return not patterns or any(fnmatchcase(path, pattern) for pattern in patterns)
