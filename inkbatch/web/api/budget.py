"""The budget that all campaigns share."""

from collections.abc import Sequence

from fastapi import APIRouter

from inkbatch.dialer.budget_facts import joined
from inkbatch.domain.budget import Limits, Release, Usage
from inkbatch.web.api.models import BudgetNow
from inkbatch.web.campaigns.picture import RELEASES_MAX
from inkbatch.web.office import Office


def budget_routes(office: Office) -> APIRouter:
    """Return what tells of the budget."""
    router = APIRouter(tags=["budget"])

    @router.get("/budget")
    def budget() -> BudgetNow:
        """Tell what of the rolling 24 hours is used, and when what comes back."""
        now = office.now()
        with office.store.reading() as tx:
            return budget_now(
                tx.limits(office.organisation),
                tx.usage(office.organisation, now=now),
                joined(tx.releases(office.organisation, now=now, limit=RELEASES_MAX)),
            )

    return router


def budget_now(limits: Limits, usage: Usage, releases: Sequence[Release]) -> BudgetNow:
    """Return it as the API tells it."""
    return BudgetNow(limits=limits, usage=usage, releases=list(releases))
