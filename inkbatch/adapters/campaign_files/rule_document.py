"""The shape of a rule file: what a law, or a house, says of hours, tries and cool-downs."""

from datetime import timedelta
from typing import Annotated, Self

from pydantic import Field, model_validator

from inkbatch.adapters.campaign_files.tables import CallingWindowTable, CapTable, Table
from inkbatch.adapters.campaign_files.values import CalendarDay, Duration, UsState
from inkbatch.domain.disposition import Disposition


class CoolDownTable(Table):
    """How long nobody of any campaign calls a number after a call that came to this."""

    answered: Duration | None = None
    """A duration such as "7d" after a person picked up."""
    voicemail: Duration | None = None
    """A duration such as "2d" after a machine picked up."""
    rejected: Duration | None = None
    """A duration such as "60d" after the person refused the call."""
    no_answer: Duration | None = None
    """A duration such as "4h" after nobody picked up."""

    @property
    def periods(self) -> dict[Disposition, timedelta]:
        """The cool-downs that are there, by disposition."""
        told = ((Disposition(name), getattr(self, name)) for name in type(self).model_fields)
        return {disposition: period for disposition, period in told if period is not None}


class SourceTable(Table):
    """Where a rule is written."""

    says: Annotated[str, Field(min_length=1, max_length=1000)]
    """A text: what it says, in a sentence."""
    where: Annotated[str, Field(min_length=1, max_length=300)]
    """A text: the statute and section."""
    read: Annotated[str, Field(min_length=1, max_length=300)]
    """A text: where it was looked up, an address of the web for instance."""


class RuleDocument(Table):
    """A rule file of inkbatch: hours, caps and cool-downs of one law or house."""

    title: Annotated[str, Field(min_length=1, max_length=100)]
    """A text of at most 100 characters."""
    checked: CalendarDay
    """The date, such as 2026-11-25, on which somebody last compared this with its sources."""
    state: UsState | None = None
    """The code of a state of the USA such as "FL" whose people it protects."""
    sources: Annotated[list[SourceTable], Field(max_length=50)] = Field(default=[])
    """A list of tables with says, where and read."""
    calling_window: CallingWindowTable | None = None
    """A table of the hours when calls may be placed."""
    per: Annotated[list[CapTable], Field(max_length=10)] = Field(default=[])
    """A list of at most 10 caps such as [{ attempts = 3, period = "24h" }]."""
    cool_down: CoolDownTable = CoolDownTable()
    """A table of durations by disposition."""

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.calling_window is None and not self.per and not self.cool_down.periods:
            raise ValueError("it has no calling_window, per or cool_down, so it rules nothing")
        return self
