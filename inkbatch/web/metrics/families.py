"""The metrics: their names, what they say, and how each is read off a stand.

Names and units are Prometheus' own (base units, last in the name). All are gauges: the database
may forget people, and a review may change what an attempt came to.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from inkbatch.domain.campaign import CampaignState
from inkbatch.domain.contact import ContactState
from inkbatch.web.metrics.stands import BudgetStand, CampaignStand

OF_CAMPAIGNS: Mapping[str, tuple[str, Callable[[CampaignStand], float | None]]] = {
    "inkbatch_talk_seconds": (
        "How long the ended calls of a campaign lasted in all.",
        lambda each: 60 * each.counts.talk_minutes,
    ),
    "inkbatch_review_queue_contacts": (
        "People whose phone may have rung unseen, for somebody to decide.",
        lambda each: each.in_review,
    ),
    "inkbatch_oldest_due_contact_age_seconds": (
        "For how long the person who is due longest has waited; 0 where nobody is due.",
        lambda each: each.oldest_due_seconds,
    ),
    "inkbatch_running_shifts": (
        "Processes that hold a dialing lock of a campaign.",
        lambda each: each.shifts,
    ),
    "inkbatch_last_dial_timestamp_seconds": (
        "When a campaign dialed last; missing before it ever did.",
        lambda each: _epoch(each.last_dialed_at),
    ),
    "inkbatch_breaker_tripped": (
        "1 where failures in a row paused a campaign, until a person resumes it.",
        lambda each: each.is_tripped,
    ),
}
"""One value for each campaign."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """A count for each value of `label`; those in `always` are told even if they are 0."""

    help: str
    label: str
    counts: Callable[[CampaignStand], Mapping[str, int]]
    always: Sequence[str] = ()


TALLIES: Mapping[str, Tally] = {
    "inkbatch_contacts": Tally(
        help="People of a campaign by where they stand; the states add up to everybody.",
        label="state",
        counts=lambda each: each.counts.contacts,
        always=tuple(ContactState),
    ),
    "inkbatch_attempts": Tally(
        help="Ended attempts of a campaign by what they came to.",
        label="outcome",
        counts=lambda each: each.counts.attempts,
    ),
    "inkbatch_open_attempts": Tally(
        help="Attempts of a campaign that have not ended, by where they stand.",
        label="state",
        counts=lambda each: each.counts.open_attempts,
    ),
    "inkbatch_campaign_state": Tally(
        help="1 for the state that a campaign is in, 0 for the others.",
        label="state",
        counts=lambda each: {each.record.state: 1},
        always=tuple(CampaignState),
    ),
}
"""Several values for each campaign."""

OF_BUDGETS: Mapping[str, tuple[str, Callable[[BudgetStand], float | None]]] = {
    "inkbatch_budget_used_calls": (
        "Calls used or reserved in the rolling 24 hours.",
        lambda each: each.usage.calls,
    ),
    "inkbatch_budget_limit_calls": (
        "Calls that the server allows in the rolling 24 hours.",
        lambda each: each.limits.calls,
    ),
    "inkbatch_budget_calls_free_timestamp_seconds": (
        "When the next calls of the budget come back; missing where none are to.",
        lambda each: _epoch(each.calls_free_at),
    ),
    "inkbatch_budget_used_seconds": (
        "Time in calls used or reserved in the rolling 24 hours.",
        lambda each: 60 * each.usage.minutes,
    ),
    "inkbatch_budget_limit_seconds": (
        "Time in calls that the server allows in the rolling 24 hours.",
        lambda each: 60 * each.limits.minutes,
    ),
    "inkbatch_budget_seconds_free_timestamp_seconds": (
        "When the next minutes of the budget come back; missing where none are to.",
        lambda each: _epoch(each.minutes_free_at),
    ),
}
"""One value for each organisation."""


@dataclass(frozen=True, eq=False, kw_only=True)  # a registry keeps collectors as keys
class Families(Collector):
    """Every family, whether or not there is anything to tell of."""

    campaigns: Sequence[CampaignStand]
    budgets: Sequence[BudgetStand]

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield the families."""
        for name, (help_, value) in OF_CAMPAIGNS.items():
            family = GaugeMetricFamily(name, help_, labels=("organisation", "campaign"))
            for each in self.campaigns:
                _add(family, _labels(each), value(each))
            yield family
        for name, tally in TALLIES.items():
            yield self._counted(name, tally)
        for name, (help_, amount) in OF_BUDGETS.items():
            family = GaugeMetricFamily(name, help_, labels=("organisation",))
            for budget in self.budgets:
                _add(family, (budget.organisation,), amount(budget))
            yield family

    def _counted(self, name: str, tally: Tally) -> GaugeMetricFamily:
        labels = ("organisation", "campaign", tally.label)
        family = GaugeMetricFamily(name, tally.help, labels=labels)
        for each in self.campaigns:
            counts = {**dict.fromkeys(map(str, tally.always), 0), **tally.counts(each)}
            for key, count in counts.items():
                _add(family, (*_labels(each), str(key)), count)
        return family


def _labels(stand: CampaignStand) -> tuple[str, str]:
    return stand.record.organisation, stand.record.name


def _add(family: GaugeMetricFamily, labels: Sequence[str], value: float | None) -> None:
    if value is not None:
        family.add_metric(labels, float(value))


def _epoch(at: datetime | None) -> float | None:
    return None if at is None else at.timestamp()
