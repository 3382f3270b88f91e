"""Numbers for people: everything counted once, so that the sums agree."""

from datetime import datetime
from typing import Any

from sqlalchemy import Select, case, func, select

from inkbatch.adapters.store.statements import Statements
from inkbatch.adapters.store.tables import attempt, contact, list_file, list_row
from inkbatch.domain.attempt import UNFINISHED_STATES, AttemptState
from inkbatch.domain.contact import ContactState
from inkbatch.ports import CampaignCounts


class Counting(Statements):
    """The part of a transaction that counts."""

    def counts(self, campaign_id: int, *, now: datetime) -> CampaignCounts:
        """Count everything once; the sums agree with one another."""
        is_due = (contact.c.state == ContactState.WAITING) & (contact.c.waits_until <= now)
        state_now = case((is_due, ContactState.DUE), else_=contact.c.state).label("state_now")
        mine = attempt.c.campaign_id == campaign_id
        ended = attempt.c.state == AttemptState.ENDED
        unfinished = attempt.c.state.in_(sorted(UNFINISHED_STATES))
        talked = select(func.coalesce(func.sum(attempt.c.talk_minutes), 0.0)).where(mine, ended)
        return CampaignCounts(
            rows=self._tally(
                select(list_row.c.status, func.count())
                .join(list_file, list_file.c.id == list_row.c.file_id)
                .where(list_file.c.campaign_id == campaign_id)
                .group_by(list_row.c.status)
            ),
            contacts=self._tally(
                select(state_now, func.count())
                .where(contact.c.campaign_id == campaign_id)
                .group_by(state_now)
            ),
            attempts=self._tally(
                select(attempt.c.disposition, func.count())
                .where(mine, ended)
                .group_by(attempt.c.disposition)
            ),
            open_attempts=self._tally(
                select(attempt.c.state, func.count())
                .where(mine, unfinished)
                .group_by(attempt.c.state)
            ),
            talk_minutes=float(self._scalar(talked)),
        )

    def _tally(self, grouped: Select[*tuple[Any, ...]]) -> dict[str, int]:
        return {row[0]: row[1] for row in self._rows(grouped)}
