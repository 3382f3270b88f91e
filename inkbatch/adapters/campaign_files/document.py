"""The shape of `campaign.toml`: its keys, what each may hold, and what holds where it is silent.

A field's description says what is allowed; it is shown by editors and told with every error.
"""

from datetime import timedelta
from typing import Annotated, Any, Self

from pydantic import (
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)

from inkbatch.adapters.campaign_files.rule_document import CoolDownTable
from inkbatch.adapters.campaign_files.tables import CallingWindowTable, CapTable, Table
from inkbatch.adapters.campaign_files.texts import RetryRule
from inkbatch.adapters.campaign_files.values import (
    AgentUrl,
    CallsPerMinute,
    Cron,
    Expires,
    FieldName,
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
from inkbatch.domain.campaign import CatchUp, DuplicateScope
from inkbatch.domain.disposition import Disposition
from inkbatch.domain.expiry import Expiry
from inkbatch.domain.turns import Order

SCHEMA_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def campaign_json_schema() -> dict[str, Any]:
    """Return the JSON Schema of `campaign.toml`, for editors that complete and check it."""
    return {"$schema": SCHEMA_DIALECT, **CampaignDocument.model_json_schema()}


def _number_table(value: Any) -> Any:
    return value if isinstance(value, dict) else {"number": value}


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


class RetryTable(Table):
    """How long to wait after each disposition before the next try, or to stop.

    With { after = "5m", other_number = true } the next try goes to the contact's next number, where
    the list has several phone columns; with other_hour, to another part of the day.
    """

    no_answer: Wait = RetryRule(timedelta(hours=4))
    """A duration, "stop" or { after = "4h", other_hour = true }: it rang and nobody picked up."""
    voicemail: Wait = RetryRule(timedelta(hours=20))
    """A duration, "stop" or { after = "20h", other_hour = true }: a machine picked up."""
    rejected: Wait = RetryRule(None)
    """A duration such as "2d", or "stop": the person refused the call."""
    failed: Wait = RetryRule(timedelta(hours=2))
    """A duration such as "2h", or "stop": the call did not come about."""
    dial_failed: Wait = RetryRule(timedelta(hours=1))
    """A duration such as "1h", or "stop": the carrier could not dial."""
    invalid: Wait = RetryRule(None)
    """A duration such as "2d", or "stop": Inkbox says that the request is not valid."""


class AttemptsTable(Table):
    """How often, and how soon again, one person is tried."""

    max: Annotated[int, Field(ge=1, le=100)] = 4
    """A whole number from 1 to 100."""
    per: Annotated[list[CapTable], Field(max_length=10)] = Field(
        default=[CapTable.model_validate({"attempts": 3, "period": "24h"})]
    )
    """A list of at most 10 caps such as [{ attempts = 3, period = "24h" }]."""
    reached: Annotated[list[Reached], Field(min_length=1)] = Field(default=[Disposition.ANSWERED])
    """A list with one or both of "answered" and "voicemail"."""
    retry: RetryTable = RetryTable()
    """A table of waits by disposition."""


class PacingTable(Table):
    """How many calls at once and per minute, and how many processes may place them."""

    calls_at_once: Annotated[int, Field(ge=1, le=1000)] = 5
    """A whole number from 1 to 1000."""
    calls_per_minute: CallsPerMinute = 20
    """A whole number from 1 to 6000, or "unlimited"."""
    shifts_at_once: Annotated[int, Field(ge=1, le=20)] = 1
    """A whole number from 1 to 20: more for a very large campaign, on several machines."""


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


class PilotTable(Table):
    """The first calls, after which the campaign pauses until somebody resumes it."""

    calls: Annotated[int, Field(ge=1, le=10_000)]
    """A whole number from 1 to 10000 of calls."""


class ScheduleTable(Table):
    """When `inkbatch serve` starts the nightly run."""

    cron: Cron
    """A cron expression of five fields such as "30 8 * * 1-6"."""
    zone: Zone
    """An IANA zone such as "America/New_York"."""
    catch_up: Annotated[CatchUp, Field(strict=False)] = CatchUp.ONCE
    """What becomes of missed nights: "once" makes up for the last one, "none" for none."""


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
    notice_url: WebhookUrl | None = None
    """A URL that begins with https://, to which notices are posted."""
    rules: Annotated[list[FilePath], Field(max_length=20)] = Field(default=[])
    """A list of names of rule sets, such as ["us-federal"], or of paths of .toml files."""
    state_column: FieldName | None = None
    """The name of the list's column with the state of the USA, such as "state"."""
    expires: Expires = Expiry()
    """The last date of calling such as 2026-12-24, or a time after the import such as "14d"."""
    suppression_files: Annotated[list[FilePath], Field(max_length=100)] = Field(default=[])
    """A list of paths of files with numbers never to call."""
    duplicates: Annotated[DuplicateScope, Field(strict=False)] = DuplicateScope.CAMPAIGN
    """Either "campaign" or "organisation": where a person may be on the list only once."""
    priority: Annotated[int, Field(ge=-1000, le=1000)] = 0
    """A whole number from -1000 to 1000; the highest goes first."""
    order: Annotated[Order, Field(strict=False)] = Order.VALUE
    """Either "value", the most people reached for the budget, or "list", the file's order."""
    breaker: Annotated[int, Field(ge=1, le=100)] = 5
    """A whole number from 1 to 100: the dial failures in a row that pause the campaign."""
    columns: ColumnsTable = ColumnsTable()
    """A table of the call list's column headers."""
    calling_window: CallingWindowTable
    """A table of the hours when calls may be placed."""
    cool_down: CoolDownTable = CoolDownTable()
    """A table of durations by disposition in which nobody of any campaign calls the number."""
    attempts: AttemptsTable = AttemptsTable()
    """A table of how often one person is tried."""
    pacing: PacingTable = PacingTable()
    """A table of how many calls at once and per minute."""
    budget: BudgetTable = BudgetTable()
    """A table of the campaign's part in the budget."""
    pilot: PilotTable | None = None
    """A table with calls: after so many the campaign pauses itself once."""
    schedule: ScheduleTable | None = None
    """A table with cron and zone."""

    @model_validator(mode="after")
    def _numbers_are_distinct(self) -> Self:
        numbers = [entry.number for entry in self.from_numbers]
        twice = sorted({number for number in numbers if numbers.count(number) > 1})
        if twice:
            raise ValueError(f"from_numbers has {', '.join(twice)} more than once; keep one")
        return self
