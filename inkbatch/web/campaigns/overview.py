"""All campaigns at a glance, the budget that they share, and who did what."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from inkbatch.dialer.budget_facts import joined
from inkbatch.domain.campaign import CampaignState
from inkbatch.ports import CampaignCounts
from inkbatch.web.campaigns.entries import Entry, all_entries, is_run, people_left, state_of
from inkbatch.web.campaigns.picture import RELEASES_MAX
from inkbatch.web.campaigns.timeline import Bar, gauge, stacked
from inkbatch.web.fresh import Fresh
from inkbatch.web.office import Office
from inkbatch.web.templating import page

AUDIT_SHOWN = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A campaign as the list of all shows it."""

    entry: Entry
    state: str
    counts: CampaignCounts | None
    people: tuple[Bar, ...]
    left: int

    @property
    def total(self) -> int:
        """Everybody of the list who may be called."""
        return sum(self.counts.contacts.values()) if self.counts else 0


def overview_routes(office: Office) -> APIRouter:
    """Return the first page and the log."""
    router, seen = APIRouter(), Fresh(make=partial(_overview, office))

    @router.get("/")
    async def overview(request: Request) -> HTMLResponse:
        return page(request, "campaigns/overview.html", **await seen.latest())

    @router.get("/overview")
    async def cards(request: Request) -> HTMLResponse:
        """Return the part of the first page that changes by itself."""
        return page(request, "campaigns/cards.html", **await seen.latest())

    @router.get("/activity")
    def activity(request: Request) -> HTMLResponse:
        with office.store.reading() as tx:
            entries = tx.audit_entries(limit=AUDIT_SHOWN)
        return page(request, "activity.html", entries=entries, shown_max=AUDIT_SHOWN)

    return router


def overview_cards(office: Office) -> list[Card]:
    """Return a card for every campaign, first those that somebody may have to look at."""
    entries, now = all_entries(office), office.now()
    running = {each.record.id for each in entries if each.record and is_run(office, each.record)}
    with office.store.reading() as tx:
        cards = []
        for entry in entries:
            counts = tx.counts(entry.record.id, now=now) if entry.record else None
            runs = entry.record is not None and entry.record.id in running
            state = "broken" if entry.problem else state_of(entry.record, counts, runs=runs)
            cards.append(_card(entry, state, counts))
    return sorted(cards, key=_place)


def _overview(office: Office) -> dict[str, Any]:
    cards, now = overview_cards(office), office.now()
    with office.store.reading() as tx:
        usage = tx.usage(office.organisation, now=now)
        limits = tx.limits(office.organisation)
        releases = joined(tx.releases(office.organisation, now=now, limit=RELEASES_MAX))
    return {
        "cards": cards,
        "calls_gauge": gauge(
            "Calls",
            used=usage.calls,
            limit=limits.calls,
            back=[(each.at, float(each.calls)) for each in releases],
        ),
        "minutes_gauge": gauge(
            "Minutes",
            used=usage.minutes,
            limit=limits.minutes,
            back=[(each.at, each.minutes) for each in releases],
        ),
    }


def _card(entry: Entry, state: str, counts: CampaignCounts | None) -> Card:
    return Card(
        entry=entry,
        state=state,
        counts=counts,
        people=stacked(counts.contacts) if counts else (),
        left=people_left(counts) if counts else 0,
    )


def _place(card: Card) -> tuple[int, str]:
    """Put first what somebody may have to look at, and last what is over."""
    order = ("running", "broken", "paused", "active", "draft", "done", CampaignState.CANCELED)
    return (order.index(card.state), card.entry.name.lower())
