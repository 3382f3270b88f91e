"""The pilot of a campaign: its first calls, after which it pauses until somebody has looked.

A returned value says where the pilot stands: so many calls left, waiting for those in progress,
or over. What it told is given with how sure one may be of it, since a pilot is small.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from statistics import fmean

from inkbatch.domain.budget import Limits
from inkbatch.domain.disposition import RANG, Disposition
from inkbatch.domain.forecast import forecast
from inkbatch.domain.rate import Rate

RESAMPLES, SEED = 2_000, 20_260_101
"""The bootstrap draws so often, always the same, so that the figures stay from look to look."""

WEIGHT = 1_000_000
"""A bound of the answer rate is given to the forecast as if so many attempts had shown it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pilot:
    """After `calls` ended calls the campaign pauses itself."""

    calls: int

    def __post_init__(self) -> None:
        if self.calls < 1:
            raise ValueError("a pilot has at least one call")


@dataclass(frozen=True, slots=True, kw_only=True)
class CallsMade:
    """Calls of a campaign that may have rung: those not ended (unconfirmed ones too), and ended."""

    in_progress: int
    ended: int


@dataclass(frozen=True, slots=True)
class PilotLeft:
    """So many calls may still be placed, at least one."""

    calls: int


@dataclass(frozen=True, slots=True)
class PilotWaits:
    """All calls of the pilot were placed; these have not ended."""

    in_progress: int


@dataclass(frozen=True, slots=True)
class PilotOver:
    """All calls of the pilot ended: pause now."""


def pilot_stands(pilot: Pilot, made: CallsMade) -> PilotLeft | PilotWaits | PilotOver:
    """Return what the pilot says of the next dial; a call counts from its intent on."""
    left = pilot.calls - made.in_progress - made.ended
    if left > 0:
        return PilotLeft(left)
    return PilotWaits(made.in_progress) if made.ended < pilot.calls else PilotOver()


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """A figure and its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PilotFigures:
    """What the pilot's calls came to.

    `answer_rate` is a share of the calls that rang (Wilson's interval). `minutes` is the mean of a
    call, those without an answer included, with a bootstrap interval. `nights` are full budgets
    for the rest of the list: at best, and at worst, within both intervals; None without a case.
    """

    calls: int
    answer_rate: Rate
    minutes: Bounds
    nights: tuple[int, int] | None

    def __str__(self) -> str:
        rate, minutes = self.answer_rate, self.minutes
        parts = [f"{self.calls} calls ended"]
        if rate.low is not None and rate.high is not None:
            share = f"{rate.low:.0%} to {rate.high:.0%}"
            parts.append(f"{rate.hits} of {rate.cases} that rang were answered ({share})")
        parts.append(
            f"{minutes.value:.1f} minutes a call ({minutes.low:.1f} to {minutes.high:.1f})"
        )
        if self.nights is not None:
            best, worst = self.nights
            days = f"{best}" if best == worst else f"{best} to {worst}"
            parts.append(f"the rest of the list takes {days} full budgets of 24 hours")
        return "; ".join(parts)


def pilot_figures(
    calls: Sequence[tuple[Disposition, float]], *, tries_left: Mapping[int, int], limits: Limits
) -> PilotFigures:
    """Return what ended calls, each a disposition and its minutes, say of the rest of the list.

    `tries_left` maps tries left to the number of contacts that still wait.
    """
    rang = [disposition for disposition, _ in calls if disposition in RANG]
    rate = Rate(hits=rang.count(Disposition.ANSWERED), cases=len(rang))
    minutes = mean_with_bounds([talked for _, talked in calls])
    return PilotFigures(
        calls=len(calls),
        answer_rate=rate,
        minutes=minutes,
        nights=_nights(rate, minutes, tries_left=tries_left, limits=limits),
    )


def mean_with_bounds(values: Sequence[float]) -> Bounds:
    """Return the mean and the 95 % percentile interval of its bootstrap; all 0 without a value.

    Efron, B. (1979), Annals of Statistics 7. It asks for no shape of the values, of which many
    are 0 here; of 20 skewed ones it is somewhat narrow, as the t interval is.
    """
    if not values:
        return Bounds(value=0.0, low=0.0, high=0.0)
    random = Random(SEED)
    means = sorted(fmean(random.choices(values, k=len(values))) for _ in range(RESAMPLES))
    edge = RESAMPLES // 40
    return Bounds(value=fmean(values), low=means[edge], high=means[-edge - 1])


def _nights(
    rate: Rate, minutes: Bounds, *, tries_left: Mapping[int, int], limits: Limits
) -> tuple[int, int] | None:
    if rate.low is None or rate.high is None:
        return None
    ends = [
        forecast(
            tries_left=dict(tries_left),
            attempts_ended=WEIGHT,
            reached=round(share * WEIGHT),
            minutes_a_call=minutes_a_call,
            limits=limits,
        ).days_left
        for share in (rate.high, rate.low)
        for minutes_a_call in (minutes.low, minutes.high)
    ]
    return min(ends), max(ends)
