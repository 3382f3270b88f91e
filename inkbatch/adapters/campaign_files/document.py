"""The shape of `campaign.toml`: its keys, what each may hold, and what holds where it is silent.

A field's description says what is allowed; it is shown by editors and told with every error.
"""

from datetime import timedelta
from itertools import pairwise
from typing import Annotated, Any, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)

from inkbatch.adapters.campaign_files.values import (
    AgentUrl,
    CallsPerMinute,
    ContactOrZone,
    Cron,
    Day,
    DaySpans,
    Duration,
    FilePath,
    Header,
    Name,
    Number,
    PhoneHeaders,
    Reached,
    Region,
    Wait,
    WebhookUrl,
    Zone,
)
from inkbatch.domain.calling_window import Span
from inkbatch.domain.campaign import DuplicateScope
from inkbatch.domain.disposition import Disposition

SCHEMA_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def campaign_json_schema() -> dict[str, Any]:
    """Return the JSON Schema of `campaign.toml`, for editors that complete and check it."""
    return {"$schema": SCHEMA_DIALECT, **CampaignDocument.model_json_schema()}


def _number_table(value: Any) -> Any:
    return value if isinstance(value, dict) else {"number": value}


class Table(BaseModel):
    """A table of the file: unknown keys are refused, and no value is read as another type."""

    model_config = ConfigDict(
        extra="forbid", strict=True, frozen=True, allow_inf_nan=False, use_attribute_docstrings=True
    )


class FromNumberTable(Table):
    """A number to call from, with its id at Inkbox where it is not to be looked up."""

    number: Number
    """A phone number in E.164 form."""
    phone_number_id: Annotated[str, StringConstraints(min_length=1)] | None = None
    """The number's id at Inkbox, a text."""


class ColumnsTable(Table):
    """Headers of the call list's columns; usual headers are recognised where a key is absent."""

    phone: PhoneHeaders | None = None
    """The header of the column with the phone number, or a list of them in the order to try."""
    zone: Header | None = None
    """The header of the column with the time zone; "" for none."""
    region: Header | None = None
    """The header of the column with the country; "" for none."""
    priority: Header | None = None
    """The header of the column with the contact's priority; "" for none."""
    not_before: Header | None = None
    """The header of the column with the first time of calling; "" for none."""
    deadline: Header | None = None
    """The header of the column with the time after which calling is pointless; "" for none."""
    consent: Header | None = None
    """The header of the column in which a no forbids to call; "" for none."""
    do_not_call: Header | None = None
    """The header of the column in which a yes forbids to call; "" for none."""


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


class RetryTable(Table):
    """How long to wait after each disposition before the next try, or to stop."""

    no_answer: Wait = timedelta(hours=4)
    """A duration such as "4h", or "stop": it rang and nobody picked up."""
    voicemail: Wait = timedelta(hours=20)
    """A duration such as "20h", or "stop": a machine picked up."""
    rejected: Wait = None
    """A duration such as "2d", or "stop": the person refused the call."""
    failed: Wait = timedelta(hours=2)
    """A duration such as "2h", or "stop": the call did not come about."""
    dial_failed: Wait = timedelta(hours=1)
    """A duration such as "1h", or "stop": the carrier could not dial."""
    invalid: Wait = None
    """A duration such as "2d", or "stop": Inkbox says that the request is not valid."""


class AttemptsTable(Table):
    """How often, and how soon again, one person is tried."""

    max: Annotated[int, Field(ge=1, le=100)] = 4
    """A whole number from 1 to 100."""
    per: Annotated[list[CapTable], Field(max_length=10)] = [
        CapTable.model_validate({"attempts": 3, "period": "24h"})
    ]
    """A list of at most 10 caps such as [{ attempts = 3, period = "24h" }]."""
    reached: Annotated[list[Reached], Field(min_length=1)] = [Disposition.ANSWERED]
    """A list with one or both of "answered" and "voicemail"."""
    retry: RetryTable = RetryTable()
    """A table of waits by disposition."""


class PacingTable(Table):
    """How many calls at once and per minute."""

    calls_at_once: Annotated[int, Field(ge=1, le=1000)] = 5
    """A whole number from 1 to 1000."""
    calls_per_minute: CallsPerMinute = 20
    """A whole number from 1 to 6000, or "unlimited"."""


Share = Annotated[float, Field(ge=0, le=1)]


class BudgetTable(Table):
    """The campaign's part in the rolling 24 hours."""

    head_room_calls: Annotated[int, Field(ge=0)] = 0
    """A whole number of calls, 0 or more, left for others."""
    head_room_minutes: Annotated[float, Field(ge=0)] = 0.0
    """Minutes, 0 or more, left for others."""
    predicted_minutes: Annotated[float, Field(gt=0)] = 1.0
    """Minutes above 0 to reserve for a call, at most minutes_max."""
    minutes_max: Annotated[float, Field(gt=0, le=1440)] = 10.0
    """Minutes above 0, at most 1440, that a call may last."""
    overrun_minutes: Annotated[float, Field(ge=0)] = 0.0
    """Minutes, 0 or more, by which calls that run to minutes_max may pass the limit together."""
    guaranteed_share: Share | None = None
    """A share of calls and minutes from 0 to 1, kept for this campaign while it has people."""
    guaranteed_calls: Annotated[int, Field(ge=0)] | None = None
    """A whole number of calls in 24 hours, 0 or more, kept for it; it replaces the share."""
    guaranteed_minutes: Annotated[float, Field(ge=0)] | None = None
    """Minutes in 24 hours, 0 or more, kept for it; it replaces the share."""
    ceiling_share: Share | None = None
    """A share of calls and minutes from 0 to 1 that this campaign never passes."""
    ceiling_calls: Annotated[int, Field(ge=0)] | None = None
    """A whole number of calls in 24 hours, 0 or more, never passed; it replaces the share."""
    ceiling_minutes: Annotated[float, Field(ge=0)] | None = None
    """Minutes in 24 hours, 0 or more, never passed; it replaces the share."""

    @model_validator(mode="after")
    def _prediction_fits(self) -> Self:
        if self.predicted_minutes > self.minutes_max:
            raise ValueError(
                f"predicted_minutes = {self.predicted_minutes:g} is more than "
                f"minutes_max = {self.minutes_max:g}; make it at most that"
            )
        return self

    @model_validator(mode="after")
    def _guarantee_is_below_the_ceiling(self) -> Self:
        for what in ("share", "calls", "minutes"):
            guaranteed, ceiling = (
                getattr(self, f"{part}_{what}") for part in ("guaranteed", "ceiling")
            )
            if guaranteed is not None and ceiling is not None and guaranteed > ceiling:
                raise ValueError(
                    f"guaranteed_{what} = {guaranteed:g} is more than "
                    f"ceiling_{what} = {ceiling:g}; make it at most that"
                )
        return self


class ScheduleTable(Table):
    """When `inkbatch serve` starts the nightly run."""

    cron: Cron
    """A cron expression of five fields such as "30 8 * * 1-6"."""
    zone: Zone
    """An IANA zone such as "America/New_York"."""


class CampaignDocument(Table):
    """A campaign of inkbatch: one goal, one call list, its rules, its schedule."""

    model_config = ConfigDict(title="inkbatch campaign")

    name: Name
    """A text of at most 80 letters, digits, spaces, dots, dashes and underscores."""
    call_list: FilePath
    """The path of a .csv, .tsv, .xlsx or .parquet file, relative to the campaign's folder."""
    sheet: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    """The name of the workbook's sheet to read; without it, the first visible one with rows."""
    from_numbers: Annotated[
        list[Annotated[FromNumberTable, BeforeValidator(_number_table)]],
        Field(min_length=1, max_length=100),
        WithJsonSchema(
            {
                "type": "array",
                "minItems": 1,
                "maxItems": 100,
                "items": {"anyOf": [{"type": "string"}, FromNumberTable.model_json_schema()]},
            }
        ),
    ]
    """A list of numbers such as ["+14155550100"], or of tables with number and phone_number_id."""
    default_region: Region | None = None
    """An ISO 3166 code of two capital letters such as "US"."""
    client_websocket_url: AgentUrl | None = None
    """The agent's WebSocket URL, with placeholders such as {contact.first_name}."""
    webhook_url: WebhookUrl | None = None
    """A URL that begins with https://."""
    suppression_files: Annotated[list[FilePath], Field(max_length=100)] = []
    """A list of paths of files with numbers never to call."""
    duplicates: Annotated[DuplicateScope, Field(strict=False)] = DuplicateScope.CAMPAIGN
    """Either "campaign" or "organisation": where a person may be on the list only once."""
    priority: Annotated[int, Field(ge=-1000, le=1000)] = 0
    """A whole number from -1000 to 1000; the highest goes first."""
    breaker: Annotated[int, Field(ge=1, le=100)] = 5
    """A whole number from 1 to 100: the dial failures in a row that pause the campaign."""
    columns: ColumnsTable = ColumnsTable()
    """A table of the call list's column headers."""
    calling_window: CallingWindowTable
    """A table of the hours when calls may be placed."""
    attempts: AttemptsTable = AttemptsTable()
    """A table of how often one person is tried."""
    pacing: PacingTable = PacingTable()
    """A table of how many calls at once and per minute."""
    budget: BudgetTable = BudgetTable()
    """A table of the campaign's part in the budget."""
    schedule: ScheduleTable | None = None
    """A table with cron and zone."""

    @model_validator(mode="after")
    def _numbers_are_distinct(self) -> Self:
        numbers = [entry.number for entry in self.from_numbers]
        twice = sorted({number for number in numbers if numbers.count(number) > 1})
        if twice:
            raise ValueError(f"from_numbers has {', '.join(twice)} more than once; keep one")
        return self
