"""What a transaction does with the budget that an organisation's campaigns share."""

from datetime import datetime
from typing import Protocol

from inkbatch.domain.budget import GoingOn, KindsOfUsage, Limits, Need, Release, Spending, Usage
from inkbatch.domain.call import Call
from inkbatch.domain.campaign import BudgetRules
from inkbatch.domain.campaign_ahead import Cohort, EndedTry
from inkbatch.domain.disposition import Disposition
from inkbatch.domain.pilot import CallsMade
from inkbatch.ports.records import (
    HoldRecord,
    Sharer,
    Snapshot,
    Snapshots,
    Standing,
)


class Budget(Protocol):
    """The ledger, its holds, who shares it, and the pilot's count; part of `Transaction`."""

    # -- budget
    def limits(self, organisation: str) -> Limits:
        """Return the limits as the server last told them, else the documented ones."""
        ...

    def set_limits(self, organisation: str, limits: Limits, *, now: datetime) -> None:
        """Remember what the server told."""
        ...

    def usage(self, organisation: str, *, now: datetime) -> Usage:
        """Return what counts now: own use, reservations, and foreign use."""
        ...

    def spending(self, organisation: str, *, now: datetime) -> dict[int | None, Spending]:
        """Return the same by campaign id; None stands for use that is no campaign's."""
        ...

    def kinds_of_usage(self, organisation: str, *, now: datetime) -> KindsOfUsage:
        """Return what counts now by how it is known."""
        ...

    def going_on(self, organisation: str) -> list[GoingOn]:
        """Return the calls that have not ended, as far as the ledger knows."""
        ...

    def sharers(self, organisation: str) -> list[Sharer]:
        """Return the organisation's active campaigns, the highest priority first."""
        ...

    def budget_rules(self, campaign_id: int) -> BudgetRules:
        """Return the budget rules that a campaign was last run by."""
        ...

    def keep_snapshot(self, organisation: str, snapshot: Snapshot) -> None:
        """Keep it as the latest, and where its drift is the largest so far."""
        ...

    def snapshots(self, organisation: str) -> Snapshots | None:
        """Return what the server told lately; None before it told anything."""
        ...

    def releases(
        self, organisation: str, *, now: datetime, limit: int, campaign_id: int | None = None
    ) -> list[Release]:
        """Return the next times at which calls or minutes come back, in order.

        With `campaign_id` those of one campaign alone.
        """
        ...

    def reserve_budget(
        self,
        organisation: str,
        *,
        attempt_id: str,
        campaign_id: int,
        need: Need,
        now: datetime,
    ) -> None:
        """Count one call and its minutes from now on, with no end until settled."""
        ...

    def settle_call(self, attempt_id: str, *, until: datetime) -> None:
        """Let the call count until then; its minutes go on counting."""
        ...

    def settle_minutes(self, attempt_id: str, *, minutes: float, until: datetime) -> None:
        """Replace predicted by real minutes, counting until then."""
        ...

    def grow_minutes(self, attempt_id: str, *, minutes: float) -> None:
        """Let a call in progress count at least these minutes; never fewer than before."""
        ...

    def keep_minutes(self, attempt_id: str, *, until: datetime) -> None:
        """Let the minutes that are reserved count until then: nobody knows the real ones."""
        ...

    def release_budget(self, attempt_id: str) -> None:
        """Forget a reservation: it is certain that nothing was placed."""
        ...

    def set_unplaced_foreign_use(
        self, organisation: str, usage: Usage, *, until: datetime, now: datetime
    ) -> None:
        """Make what others used at unknown times add up to `usage`.

        More than before is held until `until`; less lets the newest go first.
        """
        ...

    def add_foreign_call(
        self,
        organisation: str,
        call: Call,
        *,
        minutes: float,
        calls_until: datetime,
        minutes_until: datetime,
    ) -> bool:
        """Count a call that is not ours exactly in time; False if it was counted before."""
        ...

    def hold(self, organisation: str, *, until: datetime, reason: str, now: datetime) -> None:
        """Stop the whole organisation until then."""
        ...

    def standing(self, campaign_id: int, *, organisation: str, now: datetime) -> Standing:
        """Return what may have changed since an intent: the campaign's state, and a hold."""
        ...

    def current_hold(self, organisation: str, *, now: datetime) -> HoldRecord | None:
        """Return the hold that lasts longest, None if none lasts."""
        ...

    # -- the pilot
    def calls_made(self, campaign_id: int) -> CallsMade:
        """Count the campaign's calls that may have rung."""
        ...

    def first_calls(self, campaign_id: int, *, limit: int) -> list[tuple[Disposition, float]]:
        """Return disposition and minutes of the campaign's first ended calls."""
        ...

    def waiting_by_tries(self, campaign_id: int) -> dict[int, int]:
        """Count the contacts that wait by the tries they used up."""
        ...

    # -- looking ahead
    def cohorts(self, campaign_id: int, *, state_column: str | None) -> list[Cohort]:
        """Count the contacts that wait or are in a call by all that a forecast tells apart.

        `deadline` is the contacts' own; `place` what they say in the state column.
        """
        ...

    def ended_tries(self, campaign_id: int, *, limit: int) -> list[EndedTry]:
        """Return the campaign's latest ended attempts, the newest first."""
        ...

    def note_night_told(self, campaign_id: int, *, at: datetime) -> None:
        """Remember that what a night came to was told then."""
        ...

    def end_pilot(self, campaign_id: int, *, reason: str, now: datetime) -> None:
        """Pause a campaign whose pilot is over, and remember that it is."""
        ...
