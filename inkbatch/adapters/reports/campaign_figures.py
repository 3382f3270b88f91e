"""Takes the figures of a campaign from the store, all as of one instant."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from typing import TypeVar

from sqlalchemy import Connection, Engine

from inkbatch.adapters.reports import counting
from inkbatch.adapters.reports.attempt_columns import (
    MADE_STATES,
    Attempts,
    People,
    read_attempts,
    read_people,
)
from inkbatch.adapters.reports.attempt_counts import (
    AttemptGroup,
    attempt_groups,
    attempts_per_contact,
    hours_of_week,
)
from inkbatch.adapters.reports.budget_use import budget_use
from inkbatch.adapters.reports.durations import talk_lengths, times_to_reach
from inkbatch.adapters.reports.figures import Figures, Try
from inkbatch.adapters.reports.idle_time import Worked, hours_of, idle_time, rules_of, zones_of
from inkbatch.adapters.reports.result_counts import (
    Results,
    call_backs_due,
    has_results,
    read_results,
    result_counts,
)
from inkbatch.adapters.store.engine import reading
from inkbatch.adapters.store.side_by_side import same_state
from inkbatch.domain.attempt import AttemptState
from inkbatch.domain.campaign_forecast import CampaignForecast
from inkbatch.domain.contact import ContactState, count_left
from inkbatch.domain.disposition import RANG, Disposition
from inkbatch.domain.rate import Rate
from inkbatch.ports import CampaignRecord

Used = TypeVar("Used")


def campaign_figures(
    engine: Engine,
    campaign: CampaignRecord,
    *,
    now: datetime,
    forecast: CampaignForecast | None = None,
) -> Figures:
    """Return the figures of a stored campaign as of `now`, read in one transaction.

    `forecast` is what is to be expected of it, where that can be told.
    """
    with reading(engine).connect() as connection:
        return figures_in(connection, campaign, now=now, forecast=forecast)


def figures_in(
    connection: Connection,
    campaign: CampaignRecord,
    *,
    now: datetime,
    forecast: CampaignForecast | None = None,
) -> Figures:
    """Return the same, read in a transaction that is open already."""
    rules = rules_of(connection, campaign.id)
    first_at, last_at = counting.first_and_last(connection, campaign.id)
    used = partial(budget_use, organisation=campaign.organisation, since=first_at, now=now)
    ledger = partial(used, rules=rules["budget"])
    (people, attempts, results), (budget, steps) = _read(connection, campaign.id, ledger)
    made, groups = attempts.only(attempts.made), attempt_groups(attempts)
    hours, try_hours, calling_days = hours_of_week(made, people)
    contacts = counting.contacts_by_state(connection, campaign.id, now=now)
    return Figures(
        campaign=campaign.name,
        organisation=campaign.organisation,
        campaign_state=campaign.state,
        campaign_state_reason=campaign.state_reason,
        at=now,
        first_attempt_at=first_at,
        last_attempt_at=last_at,
        calling_days=calling_days,
        rows=counting.rows_by_status(connection, campaign.id),
        contacts=contacts,
        dispositions=_dispositions(groups),
        open_attempts=_open_attempts(groups),
        minutes=_minutes(groups),
        attempts_per_contact=_made_per_contact(attempts_per_contact(made), sum(contacts.values())),
        tries=_tries(groups),
        hours=hours,
        try_hours=try_hours,
        answer_rate=_answer_rate(groups),
        reach_rate=Rate(hits=contacts.get(ContactState.REACHED, 0), cases=sum(contacts.values())),
        budget=budget,
        forecast=forecast,
        not_reached=counting.reasons_not_reached(connection, campaign.id, contacts=contacts),
        set_aside=counting.reasons_set_aside(connection, campaign.id),
        review=counting.review_queue(connection, campaign.id),
        results=result_counts(results, attempts),
        call_backs=call_backs_due(connection, results, attempts=attempts, people=people),
        talk_lengths=talk_lengths(attempts),
        times_to_reach=times_to_reach(made, people),
        idle=idle_time(
            connection,
            campaign,
            worked=Worked(
                hours_dialed=hours_of(made.reserved_at),
                zones=zones_of(people),
                steps=steps,
                rules=rules,
            ),
            since=first_at,
            until=now if count_left(contacts) else last_at,
        ),
    )


def _read(
    connection: Connection, campaign_id: int, ledger: Callable[[Connection], Used]
) -> tuple[tuple[People, Attempts, Results], Used]:
    """Return the campaign's tables and what the ledger says, both at once where that can be."""
    with same_state(connection) as beside, ThreadPoolExecutor(1) as thread:
        used = thread.submit(ledger, beside) if beside else None
        people = read_people(connection, campaign_id)
        with_ids = has_results(connection, campaign_id)
        attempts, ids = read_attempts(connection, campaign_id, people, with_ids=with_ids)
        results = read_results(connection, campaign_id, ids=ids)
        return (people, attempts, results), used.result() if used else ledger(connection)


def _dispositions(groups: Iterable[AttemptGroup]) -> dict[str, int]:
    counts = {
        str(disposition): sum(
            group.attempts for group in groups if group.disposition == disposition
        )
        for disposition in Disposition
    }
    return {disposition: count for disposition, count in counts.items() if count}


def _open_attempts(groups: Iterable[AttemptGroup]) -> dict[str, int]:
    done = {AttemptState.ENDED, AttemptState.WITHDRAWN}
    counts = {
        str(state): sum(group.attempts for group in groups if group.state == state)
        for state in AttemptState
        if state not in done
    }
    return {state: count for state, count in counts.items() if count}


def _minutes(groups: Sequence[AttemptGroup]) -> dict[str, float]:
    return {
        disposition: sum(group.minutes for group in groups if group.disposition == disposition)
        for disposition in _dispositions(groups)
    }


def _made_per_contact(called: Mapping[int, int], contacts: int) -> dict[int, int]:
    return {0: contacts - sum(called.values()), **called}


def _tries(groups: Sequence[AttemptGroup]) -> tuple[Try, ...]:
    made = [group for group in groups if group.state in MADE_STATES]
    by_ordinal = {
        ordinal: [group for group in made if group.ordinal == ordinal]
        for ordinal in sorted({group.ordinal for group in made})
    }
    return tuple(
        Try(
            ordinal=ordinal,
            attempts=sum(group.attempts for group in tries),
            answer_rate=_answer_rate(tries),
            dispositions=_dispositions(tries),
        )
        for ordinal, tries in by_ordinal.items()
    )


def _answer_rate(groups: Iterable[AttemptGroup]) -> Rate:
    counts = _dispositions(list(groups))
    return Rate(
        hits=counts.get(Disposition.ANSWERED, 0),
        cases=sum(counts.get(disposition, 0) for disposition in RANG),
    )
