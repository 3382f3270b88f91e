"""Whether a night is over, and what somebody who does not look is to be told then.

Nothing here may keep a dial: it looks after a pass is done, and an error of its own is logged.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

from inkbatch.dialer.limits import standing_now
from inkbatch.dialer.logbook import log
from inkbatch.dialer.run import PassResult
from inkbatch.dialer.shift import Shift
from inkbatch.domain.campaign import Campaign
from inkbatch.domain.contact import count_left
from inkbatch.domain.notice import (
    NightFigures,
    Notice,
    breaker_notice,
    is_nights_end,
    night_began_at,
    night_of,
    notices_of_night,
)
from inkbatch.ports import CampaignRecord, Transaction

Tell = Callable[[Notice], None]
"""Takes a notice to be told; returns at once and raises nothing."""


@dataclass(slots=True)
class NightWatch:
    """Looks at a shift after each pass; a night is told of once, and again if calls went on.

    The store remembers it, since a scheduler may begin a shift every quarter of an hour.
    """

    shift: Shift
    tell: Tell
    _has_tripped: bool = False

    def after_pass(self, result: PassResult) -> None:
        """Tell what there is to be told now."""
        try:
            self._look_at_breaker(result)
            self._look_at_night(result)
        except Exception as error:  # noqa: BLE001 (whatever it is, dialing goes on)
            log.warning("notices_failed", extra={"fields": {"error": type(error).__name__}})

    def _look_at_breaker(self, result: PassResult) -> None:
        trouble = self.shift.trouble
        if trouble.stop_reason is None or self._has_tripped:
            return
        self._has_tripped = True
        name, attempts = self.shift.record.name, trouble.tripped_by
        self.tell(breaker_notice(name, attempts=attempts, told_at=result.at))

    def _look_at_night(self, result: PassResult) -> None:
        zone = zone_of(self.shift.campaign)
        is_over = is_nights_end(result.wake_at, now=result.at, zone=zone)
        if not is_over or self.shift.stopping.is_set() or self._was_told(result.at, zone):
            return
        figures = night_figures(self.shift, result)
        notices = notices_of_night(self.shift.record.name, figures, told_at=result.at)
        if notices and self._is_ours_to_tell(result.at, zone):
            for notice in notices:
                self.tell(notice)

    def _is_ours_to_tell(self, now: datetime, zone: tzinfo) -> bool:
        """Return whether nobody told of the night, and note that it is told now, both at once."""
        campaign_id = self.shift.record.id
        with self.shift.store.transaction(organisation=self.shift.organisation) as tx:
            if self._is_told(tx, now, zone):
                return False
            tx.note_night_told(campaign_id, at=now)
        return True

    def _was_told(self, now: datetime, zone: tzinfo) -> bool:
        """Look without keeping anybody from writing; a scheduler begins many shifts in a night."""
        with self.shift.store.reading() as tx:
            return self._is_told(tx, now, zone)

    def _is_told(self, tx: Transaction, now: datetime, zone: tzinfo) -> bool:
        campaign_id = self.shift.record.id
        told_at = tx.campaign_by_id(campaign_id).night_told_at
        if told_at is None or night_of(told_at, zone) != night_of(now, zone):
            return False
        return not tx.count_dialed(campaign_id, since=told_at)


def zone_of(campaign: Campaign) -> tzinfo:
    """Return where a campaign's nights end: its schedule's zone, or UTC without one."""
    return ZoneInfo(campaign.schedule.zone) if campaign.schedule else UTC


def calls_tonight(
    tx: Transaction, campaign: Campaign, record: CampaignRecord, *, now: datetime
) -> int:
    """Count the calls of the night of `now` so far."""
    return tx.count_dialed(record.id, since=night_began_at(now, zone_of(campaign)))


def night_figures(shift: Shift, result: PassResult) -> NightFigures:
    """Return where the campaign stands after the last pass of a night."""
    with shift.store.reading() as tx:
        contacts = tx.counts(shift.record.id, now=result.at).contacts
        calls = calls_tonight(tx, shift.campaign, shift.record, now=result.at)
        first = standing_now(shift, tx).first
    return NightFigures(
        calls=calls,
        reached=contacts.get("reached", 0),
        left=count_left(contacts),
        due=contacts.get("due", 0),
        review=contacts.get("review", 0),
        bound_by=first.name if first else None,
        wake_at=result.wake_at,
    )
