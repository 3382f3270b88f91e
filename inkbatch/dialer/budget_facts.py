"""Where the budget of an organisation stands, for people: free, coming back, shared, drifting."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from inkbatch.dialer.allowance import RELEASES_AHEAD, left_free, need_of, position
from inkbatch.domain.budget import HeadRoom, Ledger, Release, Room, Spending, Usage, total
from inkbatch.ports import Sharer, Snapshots, Transaction

TOGETHER = timedelta(minutes=1)
"""Releases so close to each other are told as one, at the time of the last of them."""

RELEASES_SHOWN = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class SharerFacts:
    """What one campaign has of the shared budget; `calls_now` is how many it may dial now."""

    campaign: str
    priority: int
    used: Usage
    guaranteed: Usage
    ceiling: Usage
    kept_for_others: Usage
    calls_now: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetFacts:
    """What is free now, what comes back next, who shares it, and what the server counts."""

    free: Room
    next_releases: tuple[Release, ...]
    reserve: HeadRoom
    by_hand: Usage  # what is no campaign's, as far as it is known
    sharers: tuple[SharerFacts, ...]
    server: Snapshots | None


def budget_facts(
    tx: Transaction, organisation: str, *, reserve: HeadRoom, now: datetime
) -> BudgetFacts:
    """Read where an organisation's budget stands; nothing changes."""
    spending = tx.spending(organisation, now=now)
    nobodys = spending.get(None, Spending())
    releases = tx.releases(organisation, now=now, limit=RELEASES_AHEAD)
    ledger = Ledger(
        limits=tx.limits(organisation),
        spent=total(spending.values()),
        left_for_others=left_free(HeadRoom(), reserve, nobodys),
    )
    return BudgetFacts(
        free=ledger.room(),
        next_releases=joined(releases)[:RELEASES_SHOWN],
        reserve=reserve,
        by_hand=nobodys.usage,
        sharers=tuple(
            _sharer(tx, organisation, each, reserve=reserve, now=now)
            for each in tx.sharers(organisation)
        ),
        server=tx.snapshots(organisation),
    )


def _sharer(
    tx: Transaction, organisation: str, sharer: Sharer, *, reserve: HeadRoom, now: datetime
) -> SharerFacts:
    place = position(
        tx,
        organisation,
        campaign_id=sharer.campaign_id,
        priority=sharer.priority,
        rules=sharer.budget,
        reserve=reserve,
        now=now,
    )
    return SharerFacts(
        campaign=sharer.name,
        priority=sharer.priority,
        used=place.mine.spent.usage,
        guaranteed=place.mine.guarantee,
        ceiling=place.mine.ceiling,
        kept_for_others=place.kept,
        calls_now=place.calls_allowed(need_of(tx, sharer.campaign_id, sharer.budget)),
    )


def joined(releases: Sequence[Release]) -> tuple[Release, ...]:
    """Return releases with those of about a minute as one, at the time of the last of them."""
    groups, since = list[Release](), list[datetime]()
    for each in releases:
        if groups and each.at - since[-1] < TOGETHER:
            before = groups.pop()
            calls, minutes = before.calls + each.calls, before.minutes + each.minutes
            groups.append(Release(at=each.at, calls=calls, minutes=minutes))
        else:
            groups.append(each)
            since.append(each.at)
    return tuple(groups)


def release_sentence(release: Release) -> str:
    """Say what comes back, such as "3 calls and 6.2 minutes"."""
    calls = f"{release.calls} call{'s' if release.calls != 1 else ''}"
    parts = [calls] if release.calls else []
    return " and ".join([*parts, f"{release.minutes:.1f} minutes"] if release.minutes else parts)
