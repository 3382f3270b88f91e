"""What somebody who does not look at a campaign is told of it, without a number or a name.

A night is what is dialed from four in the morning to four of the next, where the schedule's clock
is; it is over as soon as nothing more is to be done before that, and is told of once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum

NIGHT_ENDS = time(4)
"""Calls to the far west end after midnight; at this hour the fewest lists are called."""


class NoticeKind(StrEnum):
    """Why somebody is told."""

    NOTHING_DIALED = "nothing_dialed"  # people were due, and no call was placed
    BREAKER_TRIPPED = "breaker_tripped"  # dialing stopped by itself; a person must look
    REVIEW_WAITING = "review_waiting"  # contacts of whom only a person can decide
    NIGHT_REPORT = "night_report"  # what the night came to
    RUN_FAILED = "run_failed"  # a scheduled run ended by an error


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One thing to be told: a sentence for people, figures for machines.

    `figures` are counts, ids of attempts and ISO times; nothing in them or in `text` is a phone
    number, a name or what somebody said or wrote.
    """

    kind: NoticeKind
    campaign: str
    at: datetime
    text: str
    figures: Mapping[str, int | str | Sequence[str] | None] = field(default_factory=dict)

    @property
    def event(self) -> str:
        """Its name among events."""
        return f"inkbatch.{self.kind}"


@dataclass(frozen=True, slots=True, kw_only=True)
class NightFigures:
    """Where a campaign stands when its night is over.

    `due` people could be called as far as their waits go. `bound_by` is the name of the limit
    that lets nobody be dialed now, None where none does; `contacts` is that of their own hours.
    """

    calls: int
    reached: int
    left: int
    due: int
    review: int
    bound_by: str | None
    wake_at: datetime | None


THEIR_HOURS = "contacts"
"""The limit that is none: nobody's calling hours and waits allow a call now."""

WHAT_KEEPS = {
    "campaign": "it is paused",
    "hold": "Inkbox asked everybody to wait",
    "pilot": "its pilot is not over",
    "calls": "the budget has no call left",
    "minutes": "the budget has no minutes left",
    "share": "the budget is kept for other campaigns",
}
"""The limits in words; what else keeps a call is an error, which stands in the log."""


def night_of(moment: datetime, zone: tzinfo) -> date:
    """Return the date of the night that a moment belongs to."""
    here = moment.astimezone(zone)
    return here.date() if here.time() >= NIGHT_ENDS else here.date() - timedelta(days=1)


def night_began_at(moment: datetime, zone: tzinfo) -> datetime:
    """Return when the night of a moment began."""
    return datetime.combine(night_of(moment, zone), NIGHT_ENDS, zone).astimezone(UTC)


def is_nights_end(wake_at: datetime | None, *, now: datetime, zone: tzinfo) -> bool:
    """Tell whether what follows at `wake_at` (None: nothing) is another night."""
    return wake_at is None or night_of(wake_at, zone) > night_of(now, zone)


def notices_of_night(
    campaign: str, night: NightFigures, *, told_at: datetime
) -> tuple[Notice, ...]:
    """Return what is to be told when a night is over; nothing of a quiet one, as on a Sunday."""

    def notice(kind: NoticeKind, text: str, **figures: int | str | None) -> Notice:
        return Notice(kind=kind, campaign=campaign, at=told_at, text=text, figures=figures)

    found = list[Notice]()
    if night.due and not night.calls and night.bound_by != THEIR_HOURS:
        why = WHAT_KEEPS.get(night.bound_by or "", "an error, which its log tells")
        text = (
            f"{campaign}: nobody was called tonight, though {_people(night.due)} due: {why}. "
            "See: inkbatch why"
        )
        kept = {"due": night.due, "bound_by": night.bound_by}
        found.append(notice(NoticeKind.NOTHING_DIALED, text, **kept))
    if night.review:
        text = (
            f"{campaign}: {_people(night.review)} waiting for somebody to decide. "
            "See: inkbatch review"
        )
        found.append(notice(NoticeKind.REVIEW_WAITING, text, review=night.review))
    if night.calls:
        found.append(notice(NoticeKind.NIGHT_REPORT, _report(campaign, night), **_plain(night)))
    return tuple(found)


def breaker_notice(campaign: str, *, attempts: Sequence[str], told_at: datetime) -> Notice:
    """Return that dialing stopped by itself; `attempts` are the ids of those that did it."""
    named = (
        f" by {len(attempts)} attempts in a row, and goes on only once somebody has looked"
        if attempts
        else ""
    )
    return Notice(
        kind=NoticeKind.BREAKER_TRIPPED,
        campaign=campaign,
        at=told_at,
        text=f"{campaign}: dialing stopped by itself{named}. See: inkbatch why",
        figures={"attempts": tuple(attempts)},
    )


def failure_notice(
    campaign: str, error: Exception, *, told_at: datetime, again_in: timedelta | None
) -> Notice:
    """Return that a run ended by an error: its kind alone, since its text may quote a file.

    `again_in` None says that only the next night tries again.
    """
    kind = type(error).__name__
    again = (
        f"It is tried again in {again_in.total_seconds() / 60:.0f} minutes"
        if again_in
        else "It is not tried again before the next night"
    )
    return Notice(
        kind=NoticeKind.RUN_FAILED,
        campaign=campaign,
        at=told_at,
        text=f"{campaign}: the run failed ({kind}). {again}. What it said is in its log; see also: "
        "inkbatch doctor",
        figures={
            "error": kind,
            "again_at": (told_at + again_in).isoformat() if again_in else None,
        },
    )


def _report(campaign: str, night: NightFigures) -> str:
    calls = f"{night.calls} {'call' if night.calls == 1 else 'calls'} tonight"
    text = f"{campaign}: {calls}; {_people(night.reached)} reached so far, {night.left} left"
    text += f", {night.review} in review" if night.review else ""
    if night.wake_at is not None:
        return f"{text}. It goes on {night.wake_at:%a %Y-%m-%d %H:%M} UTC."
    return f"{text}. Nothing more is planned."


def _plain(night: NightFigures) -> dict[str, int | str | None]:
    return {
        "calls": night.calls,
        "reached": night.reached,
        "left": night.left,
        "due": night.due,
        "review": night.review,
        "bound_by": night.bound_by,
        "wake_at": night.wake_at.isoformat() if night.wake_at else None,
    }


def _people(count: int) -> str:
    return "1 person is" if count == 1 else f"{count} people are"
