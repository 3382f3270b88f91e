"""What the API takes and gives; the values of the domain are given as they are."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from inkbatch.domain.budget import Limits, Release, Usage
from inkbatch.ports import CampaignCounts

TEXT_LENGTH_MAX = 4_000


def _storable(text: str) -> str:
    if any(letter == "\0" or "\ud800" <= letter <= "\udfff" for letter in text):
        raise ValueError("holds a character that cannot be kept")
    return text.strip()


Text = Annotated[str, Field(max_length=TEXT_LENGTH_MAX), AfterValidator(_storable)]


class Taken(BaseModel):
    """A body; keys that are not known are refused, so that a mistyped one is noticed."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class Problem(BaseModel):
    """What went wrong (RFC 9457); `detail` says what to do now."""

    type: str
    title: str
    status: int
    detail: str


class Done(BaseModel):
    """What was done, and where it stands now."""

    slug: str
    state: str


class CampaignSummary(BaseModel):
    """A campaign in the list of all; `people` is None before its list is taken in."""

    slug: str
    name: str
    state: str
    people: int | None
    left: int | None
    problem: str | None


class Campaigns(BaseModel):
    """All campaigns, first those that somebody may have to look at."""

    campaigns: list[CampaignSummary]


class BudgetNow(BaseModel):
    """The rolling 24 hours: what is used or reserved, what is allowed, and what comes back when."""

    limits: Limits
    usage: Usage
    releases: list[Release]


class CampaignNow(BaseModel):
    """Where one campaign stands; `sentence` says it for people.

    `next_wake` is when what holds it back lets go, None where no time is known; `failed` is what
    the last run that was started from here said when it failed.
    """

    slug: str
    name: str
    state: str
    state_reason: str | None
    sentence: str
    at: datetime | None = None
    counts: CampaignCounts | None = None
    people: int | None = None
    left: int | None = None
    budget: BudgetNow | None = None
    binding: str | None = None
    next_wake: datetime | None = None
    is_running: bool = False
    failed: str | None = None
    problem: str | None = None


class NewCampaign(Taken):
    """A campaign to make: its name, and the id of the upload that becomes its list."""

    name: Annotated[Text, Field(min_length=1, max_length=80)]
    upload: Annotated[str, Field(max_length=100)]


class Settings(BaseModel):
    """A campaign's file: its text, and the same as JSON."""

    toml: str
    settings: dict[str, Any]


class AttemptLine(BaseModel):
    """An attempt; the number is masked. `contact_id` leads to the person's story."""

    id: str
    contact_id: int
    row_number: int
    number: str
    zones: tuple[str, ...]
    ordinal: int
    state: str
    disposition: str | None
    dialed_at: datetime | None
    ended_at: datetime | None
    talk_minutes: float | None
    reason: str | None
    result: str | None


class Attempts(BaseModel):
    """Some attempts, the latest first; `next_cursor` leads to those after them."""

    attempts: list[AttemptLine]
    next_cursor: str | None


class PersonLine(BaseModel):
    """Somebody of the list; the number is masked."""

    id: int
    row_number: int
    number: str
    zones: tuple[str, ...]
    state: str
    waits_until: datetime
    why: str
    attempts_used: int


class People(BaseModel):
    """Some people, in the order of the list; `next_cursor` leads to those after them."""

    people: list[PersonLine]
    next_cursor: str | None


class ResultTold(BaseModel):
    """What the agent said of an attempt; `fields` and `transcript` are told to operators alone."""

    word: str
    effect: str
    posted_at: datetime
    call_back_at: datetime | None
    fields: Mapping[str, Any] | None
    transcript: list[dict[str, Any]] | None


class AttemptTold(BaseModel):
    """One attempt of a person's story."""

    id: str
    ordinal: int
    state: str
    disposition: str | None
    reason: str | None
    from_number: str
    reserved_at: datetime | None
    placed_at: datetime | None
    ended_at: datetime | None
    talk_minutes: float | None
    call_id: str | None
    results: list[ResultTold]


class RowTold(BaseModel):
    """A row of a file that stands for the person."""

    file: str
    row_number: int
    status: str
    reason: str | None


class ObstacleTold(BaseModel):
    """A rule that says no now; `until` None: for good, or until something else changes."""

    rule: str
    until: datetime | None
    why: str


class Story(BaseModel):
    """A person's whole story, the latest attempt first; `fields` are told to operators alone."""

    id: int
    number: str
    zones: tuple[str, ...]
    state: str
    why: str
    waits_until: datetime
    expires_at: datetime | None
    attempts_used: int
    never_call: str | None
    rows: list[RowTold]
    attempts: list[AttemptTold]
    obstacles: list[ObstacleTold]
    next_at: datetime | None
    binds_last: str | None
    never: str | None
    fields: Mapping[str, str] | None


class UploadTold(BaseModel):
    """An upload, and what was found in it once `is_checked`."""

    id: str
    name: str
    campaign: str | None
    is_checked: bool
    rows_seen: int
    problem: str | None = None
    by_status: dict[str, int] = {}
    callable_rows: int | None = None
    columns: list[dict[str, Any]] = []
    notes: list[str] = []
    findings: list[dict[str, Any]] = []


class ReadAs(Taken):
    """How an upload is to be read: the country of numbers without a plus, and each role's header.

    A role is phone (one header or several), zone, region, priority, not_before, deadline, consent
    or do_not_call; "" says that there is no such column.
    """

    region: Annotated[Text, Field(max_length=60)] = ""
    columns: dict[str, Text | list[Text]] = {}


class SuppressionTold(BaseModel):
    """A number never to call; masked."""

    number: str
    reason: str
    source: str
    added_at: datetime
    expires_at: datetime | None


class Suppressions(BaseModel):
    """Some of the list; `has_more` says that the search fits further ones."""

    suppressions: list[SuppressionTold]
    has_more: bool


class Suppress(Taken):
    """A number never to call; `until` is the last day such as 2027-01-31, empty for good."""

    number: Annotated[Text, Field(min_length=1, max_length=60)]
    region: Annotated[Text, Field(max_length=60)] = ""
    reason: Annotated[Text, Field(max_length=200)] = ""
    until: Annotated[Text, Field(max_length=40)] = ""


class Unsuppress(Taken):
    """A number that may be called again, in E.164 form."""

    number: Annotated[Text, Field(min_length=1, max_length=60)]


class Imported(BaseModel):
    """How many numbers of a file are new on the list."""

    added: int
