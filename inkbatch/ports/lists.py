"""What a transaction does with campaigns and their call lists."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from inkbatch.domain.call_list import CallList
from inkbatch.domain.campaign import AfterACall, Campaign, CampaignState
from inkbatch.domain.retry_policy import RetryPolicy
from inkbatch.domain.suppression import Suppression
from inkbatch.ports.records import (
    CampaignCounts,
    CampaignRecord,
    Enrolled,
)


class Lists(Protocol):
    """Campaigns, their rows, and the suppression list; part of `Transaction`."""

    # -- campaigns
    def save_campaign(
        self, campaign: Campaign, *, organisation: str, folder: str, now: datetime
    ) -> CampaignRecord:
        """Insert or update by (organisation, name); the state is kept."""
        ...

    def campaign(self, name: str, *, organisation: str | None = None) -> CampaignRecord | None:
        """Return one; without organisation, the one of this name that changed last."""
        ...

    def campaign_by_id(self, campaign_id: int) -> CampaignRecord:
        """Return one that is known to exist."""
        ...

    def retry_policy(self, campaign_id: int) -> RetryPolicy:
        """Return the policy that the campaign was last run by."""
        ...

    def after_a_call(self, campaign_id: int) -> AfterACall:
        """Return what holds once a call ended, by the rules that it was last run by."""
        ...

    def campaigns(self) -> list[CampaignRecord]:
        """Return all, by organisation and name."""
        ...

    def set_campaign_state(
        self, campaign_id: int, state: CampaignState, *, reason: str | None, now: datetime
    ) -> None:
        """Say active, paused or canceled, and why; and remember since when."""
        ...

    def counts(self, campaign_id: int, *, now: datetime) -> CampaignCounts:
        """Count everything once; the sums agree with one another."""
        ...

    # -- enrolling
    def enroll(
        self,
        campaign_id: int,
        call_list: CallList,
        *,
        now: datetime,
        organisation: str | None = None,
    ) -> Enrolled:
        """Store every row, and a contact for each accepted one whose number is new.

        The file's sha256 and the row number identify a row, so the same file again changes
        nothing but rows that were rejected and, by a corrected campaign, no longer are. A number
        that the campaign already has becomes a duplicate row pointing to it; a suppressed one
        becomes a suppressed row. With `organisation`, a number that another of
        its campaigns has becomes a duplicate too. The rows are gone through once.
        """
        ...

    def suppress(self, suppressions: Sequence[Suppression]) -> int:
        """Add numbers to the suppression list; returns how many were not held by it before.

        A number on the list already keeps the entry that lasts longer, with its own reason,
        source and time.
        """
        ...

    def unsuppress(self, number: str) -> Suppression | None:
        """Take a number off the suppression list; returns its entry, None if it had none.

        Contacts that wait for the entry's end are due at once.
        """
        ...

    def suppression(self, number: str) -> Suppression | None:
        """Return a number's entry, also one that has expired; None if it has none."""
        ...

    def suppressions(
        self, *, matching: str = "", shown_digits_only: bool = False, limit: int | None = None
    ) -> list[Suppression]:
        """Return entries by number, those that have expired too.

        `matching` is a part of the number, written in any way, or of the reason or the source;
        with `shown_digits_only` of a number it is looked for among those that its mask shows.
        """
        ...

    def numbers_in_other_campaigns(
        self, numbers: Sequence[str], *, campaign_id: int, organisation: str
    ) -> dict[str, str]:
        """Return the campaign's name for each number that another campaign has as a contact.

        Campaigns of the organisation count that are not canceled; where several have the number,
        the one that had it first is told.
        """
        ...
