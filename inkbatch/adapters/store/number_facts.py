"""What is known of phone numbers over all campaigns, asked for a batch of numbers at once."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, bindparam, or_, select

from inkbatch.adapters.store.cool_downs import CoolDowns
from inkbatch.adapters.store.statements import TEXTS_AMONG, AnyRow, among, is_among
from inkbatch.adapters.store.suppressions import Suppressions
from inkbatch.adapters.store.tables import attempt, campaign, contact
from inkbatch.domain.attempt import OPEN_STATES, AttemptState
from inkbatch.domain.campaign import CampaignState
from inkbatch.domain.disposition import NEVER_RANG, Disposition
from inkbatch.domain.eligibility import Ended, NumberFacts

IS_OPEN = attempt.c.state.in_(sorted(OPEN_STATES))
RANG = and_(attempt.c.state == AttemptState.ENDED, attempt.c.disposition.not_in(sorted(NEVER_RANG)))

ATTEMPTS_TO = {
    dialect: select(
        attempt.c.number,
        attempt.c.reserved_at,
        attempt.c.disposition,
        attempt.c.ended_at,
        IS_OPEN.label("is_open"),
    )
    .where(
        is_among(attempt.c.number, dialect=dialect),
        or_(IS_OPEN, and_(RANG, attempt.c.reserved_at > bindparam("since"))),
    )
    .order_by(attempt.c.reserved_at)
    for dialect in TEXTS_AMONG
}
IN_OTHER_CAMPAIGNS = {
    dialect: select(contact.c.id, contact.c.number, campaign.c.name)
    .join(campaign, campaign.c.id == contact.c.campaign_id)
    .where(
        is_among(contact.c.number, dialect=dialect),
        campaign.c.organisation == bindparam("of_organisation"),
        campaign.c.id != bindparam("not_campaign"),
        campaign.c.state != CampaignState.CANCELED,
    )
    for dialect in TEXTS_AMONG
}


class NumberKnowledge(Suppressions, CoolDowns):
    """The part of a transaction that knows numbers: suppressed, being called, called before."""

    def number_facts(
        self, numbers: Sequence[str], *, since: datetime, now: datetime
    ) -> dict[str, NumberFacts]:
        """Return what is known of every number, with attempts that were reserved after `since`."""
        suppressed = {entry.number: entry for entry in self._holding(numbers, now=now)}
        cooling = self._cooling(numbers, now=now)
        attempts = defaultdict[str, list[AnyRow]](list)
        hashes = self._hashes(numbers)
        for row in self._attempts_to([*numbers, *hashes], since=since):
            attempts[hashes.get(row.number, row.number)].append(row)
        return {
            number: NumberFacts(
                suppressed_because=suppressed[number].reason if number in suppressed else None,
                suppressed_until=suppressed[number].expires_at if number in suppressed else None,
                has_open_attempt=any(row.is_open for row in attempts[number]),
                dialed_at=tuple(
                    row.reserved_at for row in attempts[number] if row.reserved_at > since
                ),
                ended=tuple(
                    Ended(disposition=Disposition(row.disposition), ended_at=row.ended_at)
                    for row in attempts[number]
                    if not row.is_open and row.ended_at is not None
                ),
                cooling_until=cooling[number].until if number in cooling else None,
                cooling_because=cooling[number].why if number in cooling else None,
            )
            for number in numbers
        }

    def numbers_in_other_campaigns(
        self, numbers: Sequence[str], *, campaign_id: int, organisation: str
    ) -> dict[str, str]:
        """Return the campaign's name for each number that another campaign has as a contact.

        Campaigns of the organisation count that are not canceled; where several have the number,
        the one that had it first is told.
        """
        hashes = self._hashes(numbers)
        wanted = {"of_organisation": organisation, "not_campaign": campaign_id}
        wanted |= among([*numbers, *hashes])
        # Sorted here: a database asked for the order may read every contact for it.
        found = sorted(self._rows(IN_OTHER_CAMPAIGNS[self._dialect], wanted), reverse=True)
        return {hashes.get(row.number, row.number): row.name for row in found}

    def _attempts_to(self, numbers: Sequence[str], *, since: datetime) -> Sequence[AnyRow]:
        return self._rows(ATTEMPTS_TO[self._dialect], among(numbers) | {"since": since})
