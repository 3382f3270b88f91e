"""The tables that campaign files and rule files share."""

from itertools import pairwise
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from inkbatch.adapters.campaign_files.values import (
    ContactOrZone,
    Day,
    DaySpans,
    Duration,
    HolidayPlaces,
)
from inkbatch.domain.calling_window import Span


class Table(BaseModel):
    """A table of the file: unknown keys are refused, and no value is read as another type."""

    model_config = ConfigDict(
        extra="forbid", strict=True, frozen=True, allow_inf_nan=False, use_attribute_docstrings=True
    )


class CallingWindowTable(Table):
    """The hours of each day when calls may be placed; a day without hours is closed."""

    zone: ContactOrZone = None
    """Whose clock counts: "contact" or an IANA zone."""
    weekdays: DaySpans = []
    """Hours from Monday to Friday, a list such as ["09:00-12:30", "13:30-20:00"]."""
    weekends: DaySpans = []
    """Hours on Saturday and Sunday, a list such as ["10:00-18:00"]."""
    monday: DaySpans | None = None
    """Hours on Mondays, a list; it replaces `weekdays`."""
    tuesday: DaySpans | None = None
    """Hours on Tuesdays, a list; it replaces `weekdays`."""
    wednesday: DaySpans | None = None
    """Hours on Wednesdays, a list; it replaces `weekdays`."""
    thursday: DaySpans | None = None
    """Hours on Thursdays, a list; it replaces `weekdays`."""
    friday: DaySpans | None = None
    """Hours on Fridays, a list; it replaces `weekdays`."""
    saturday: DaySpans | None = None
    """Hours on Saturdays, a list; it replaces `weekends`."""
    sunday: DaySpans | None = None
    """Hours on Sundays, a list; it replaces `weekends`."""
    holidays: HolidayPlaces = ()
    """Where a public holiday shuts the day: "contact", a code such as "AU" or "AU-NSW", a list."""
    exceptions: dict[Day, DaySpans] = {}
    """Hours on single dates, a table such as 2026-12-25 = []."""

    @property
    def week(self) -> tuple[tuple[Span, ...], ...]:
        """The spans of each weekday in order, Monday first."""
        named = (self.monday, self.tuesday, self.wednesday, self.thursday, self.friday)
        weekdays = (self.weekdays if spans is None else spans for spans in named)
        named_late = (self.saturday, self.sunday)
        weekends = (self.weekends if spans is None else spans for spans in named_late)
        return tuple(tuple(sorted(spans)) for spans in (*weekdays, *weekends))

    @model_validator(mode="after")
    def _opens(self) -> Self:
        if not any(self.week):
            raise ValueError('no day has hours; write some, such as weekdays = ["09:00-20:00"]')
        return self

    @model_validator(mode="after")
    def _spans_are_apart(self) -> Self:
        for spans in (*self.week, *map(sorted, self.exceptions.values())):
            for earlier, later in pairwise(spans):
                if later.start_minute < earlier.end_minute:
                    raise ValueError(f"{earlier} and {later} overlap; make one span of them")
        return self


class CapTable(Table):
    """At most so many attempts to one person within any such period."""

    attempts: Annotated[int, Field(ge=1, le=100)]
    """A whole number from 1 to 100."""
    period: Duration
    """A duration such as "20h" or "7d"."""
