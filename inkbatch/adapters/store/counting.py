"""Numbers for people: everything counted once, so that the sums agree."""

from datetime import datetime
from typing import Any

from sqlalchemy import Select, case, func, literal, select, union_all

from inkbatch.adapters.store.statements import Statements
from inkbatch.adapters.store.tables import attempt, contact, list_file, list_row
from inkbatch.domain.attempt import UNFINISHED_STATES, AttemptState
from inkbatch.domain.contact import ContactState
from inkbatch.domain.list_row import RowStatus
from inkbatch.ports import CampaignCounts


class Counting(Statements):
    """The part of a transaction that counts."""

    def counts(self, campaign_id: int, *, now: datetime) -> CampaignCounts:
        """Count everything once; the sums agree with one another."""
        mine = attempt.c.campaign_id == campaign_id
        ended = attempt.c.state == AttemptState.ENDED
        unfinished = attempt.c.state.in_(sorted(UNFINISHED_STATES))
        talked = select(func.coalesce(func.sum(attempt.c.talk_minutes), 0.0)).where(mine, ended)
        return CampaignCounts(
            rows=self._tally(rows_by_status(campaign_id)),
            contacts=self._people_by_state(campaign_id, now=now),
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

    def _people_by_state(self, campaign_id: int, *, now: datetime) -> dict[str, int]:
        """Count people by state in one walk along the index, in its order."""
        has_come = func.sum(case((contact.c.waits_until <= now, 1), else_=0))
        rows = self._rows(
            select(contact.c.state, func.count(), has_come)
            .where(contact.c.campaign_id == campaign_id)
            .group_by(contact.c.state)
        )
        counts = {row[0]: int(row[1]) for row in rows}
        due = next((int(row[2]) for row in rows if row[0] == ContactState.WAITING), 0)
        counts |= {ContactState.DUE.value: due}
        counts[ContactState.WAITING.value] = counts.get(ContactState.WAITING, 0) - due
        return {state: count for state, count in counts.items() if count}

    def _tally(self, grouped: Select[Any]) -> dict[str, int]:
        return {row[0]: int(row[1]) for row in self._rows(grouped)}


def rows_by_status(campaign_id: int) -> Select[Any]:
    """Return the query for the rows of a campaign's files: a status and how many have it."""
    of_campaign = list_file.c.campaign_id == campaign_id
    told = (
        select(list_row.c.status, func.count().label("rows"))
        .join(list_file, list_file.c.id == list_row.c.file_id)
        .where(of_campaign)
        .group_by(list_row.c.status)
    )
    plain = select(literal(RowStatus.ACCEPTED.value), func.sum(list_file.c.plain_rows)).where(
        of_campaign
    )
    each = union_all(told, plain).subquery()
    total = func.sum(each.c.rows)
    return select(each.c.status, total).group_by(each.c.status).having(total > 0)
