"""What is to be delivered where and when, and what became of each delivery."""

import heapq
import itertools
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from inkbatch.sandbox.call import LedgerCall

URLS_TOLD_MAX = 1_000
"""So many URLs are told one by one; further ones only in the sums."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One event on its way to one URL; `tries` have failed so far."""

    call: LedgerCall
    url: str
    body: bytes
    tries: int = 0


@dataclass(slots=True)
class Lane:
    """The deliveries of one URL by the moment when they are due, the earlier queued first."""

    url: str
    _heap: list[tuple[datetime, int, Delivery]] = field(default_factory=list)
    _order: Iterator[int] = field(default_factory=itertools.count)

    def __len__(self) -> int:
        return len(self._heap)

    @property
    def due_at(self) -> datetime:
        """When the next delivery is due; raises IndexError on an empty lane."""
        return self._heap[0][0]

    def put(self, delivery: Delivery, *, due_at: datetime) -> None:
        """Queue a delivery: what is due at the same moment goes out in the order of queueing."""
        heapq.heappush(self._heap, (due_at, next(self._order), delivery))

    def take(self) -> Delivery:
        """Take out what is due next."""
        return heapq.heappop(self._heap)[2]


class DeliveryCounts:
    """How many events had which fate: in all, by URL and by call."""

    def __init__(self) -> None:
        self._all: Counter[str] = Counter()
        self._by_url: dict[str, dict[str, Any]] = {}
        self._by_call: defaultdict[UUID, Counter[str]] = defaultdict(Counter)

    def count(self, fate: str, delivery_url: str, call_id: UUID, *, why: str | None = None) -> None:
        """Count a fate, with the reason for the last one of a URL that was no success."""
        self._all[fate] += 1
        self._by_call[call_id][fate] += 1
        if delivery_url not in self._by_url and len(self._by_url) >= URLS_TOLD_MAX:
            return
        told = self._by_url.setdefault(delivery_url, {})
        told[fate] = told.get(fate, 0) + 1
        if why is not None:
            told["last_trouble"] = why

    def of_call(self, call_id: UUID) -> dict[str, int]:
        """Return the fates of a call's events."""
        return dict(self._by_call.get(call_id, {}))

    def told(self) -> dict[str, Any]:
        """Return all counts as JSON."""
        return {"events": dict(self._all), "by_url": self._by_url}
