"""What a forecast is made from: the rest of a campaign in figures, and what follows each try.

The facts are taken from the store or from a call list that was not imported yet; replaying them
is an adapter's work (`adapters.forecasting`), since it is done some hundreds of times at once.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from inkbatch.domain.attempt import Attempt, AttemptState
from inkbatch.domain.budget import Limits, Need, Release, Usage
from inkbatch.domain.calling_rules import CallingRules
from inkbatch.domain.campaign import Campaign
from inkbatch.domain.contact import ContactState
from inkbatch.domain.disposition import Disposition
from inkbatch.domain.retry_policy import RetryPolicy, after_attempt

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cohort:
    """Contacts who are alike for a forecast; `place` is the text of the campaign's state column."""

    zones: tuple[str, ...]
    contacts: int
    due_at: datetime
    attempts_used: int = 0
    priority: int = 0
    deadline: datetime | None = None
    enrolled_at: datetime | None = None
    place: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EndedTry:
    """What one of the campaign's own attempts came to; `held_minutes` from intent to hang-up."""

    ordinal: int
    disposition: Disposition
    talk_minutes: float
    held_minutes: float


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetAhead:
    """What the campaign may use in any 24 hours, what of it is used now, and when that ends.

    What is used beyond the `releases` is taken to come back a whole window later.
    """

    usable: Limits
    overrun_minutes: float = 0.0
    used: Usage = field(default_factory=lambda: Usage(calls=0, minutes=0.0))
    releases: tuple[Release, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignAhead:
    """Where a campaign stands at `at`; nothing is dialed before `starts_at`.

    `need` is what one call reserves, `poll_every` how late its end is seen at most. `assumes` are
    sentences about what is taken for granted.
    """

    campaign: Campaign
    at: datetime
    starts_at: datetime
    cohorts: tuple[Cohort, ...]
    tries: tuple[EndedTry, ...]
    need: Need
    budget: BudgetAhead
    poll_every: timedelta = timedelta(seconds=10)
    assumes: tuple[str, ...] = ()

    @property
    def contacts(self) -> int:
        """How many people are still to be called."""
        return sum(cohort.contacts for cohort in self.cohorts)

    @property
    def seed(self) -> int:
        """The same for as long as nothing happens, so that a second look tells the same."""
        told = f"{self.campaign.name}:{self.contacts}:{len(self.tries)}"
        return int.from_bytes(hashlib.sha256(told.encode()).digest()[:8])


@dataclass(frozen=True, slots=True, kw_only=True)
class Next:
    """What follows a try: `wait` None is the end, in which `is_reached` says a good one."""

    wait: timedelta | None
    is_reached: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Following:
    """What follows the tries of a campaign's contacts, by its policy and the rules that hold."""

    policy: RetryPolicy
    rules: CallingRules
    _known: dict[tuple[Disposition, int], Next] = field(default_factory=dict)

    def after(self, disposition: Disposition, *, ordinal: int) -> Next:
        """Return what follows the `ordinal`-th try, counted from 1."""
        key = (disposition, ordinal)
        if key not in self._known:
            self._known[key] = self._after(disposition, ordinal=ordinal)
        return self._known[key]

    def _after(self, disposition: Disposition, *, ordinal: int) -> Next:
        follows = after_attempt(
            self.policy, _ended(disposition, ordinal=ordinal), attempts_used=ordinal
        )
        if follows.state is not ContactState.WAITING:
            return Next(wait=None, is_reached=follows.state is ContactState.REACHED)
        wait = follows.until - EPOCH
        cool_down = self.rules.cool_down_after(disposition)
        cooled = cool_down.period if cool_down else timedelta()
        return Next(wait=max(wait, cooled, self._capped(wait, ordinal=ordinal)))

    def _capped(self, wait: timedelta, *, ordinal: int) -> timedelta:
        """Return how long the caps hold a contact back whose tries came after equal waits."""
        return max(
            (
                cap.period - (cap.attempts - 1) * wait
                for cap in self.rules.caps
                if ordinal >= cap.attempts
            ),
            default=timedelta(),
        )


def _ended(disposition: Disposition, *, ordinal: int) -> Attempt:
    return Attempt(
        id="foreseen",
        campaign_id=0,
        contact_id=0,
        number="",
        from_number="",
        ordinal=ordinal,
        state=AttemptState.ENDED,
        shift_id="",
        predicted_minutes=0.0,
        created_at=EPOCH,
        ended_at=EPOCH,
        disposition=disposition,
    )
