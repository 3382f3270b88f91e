"""What the frames and exports hold, column by column: one place for types and their meaning.

COLUMNS.md beside this file is made from it, and a test holds the two together.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import pandas as pd
import pyarrow as pa

from inkbatch.domain.attempt import AttemptState
from inkbatch.domain.campaign import CampaignState
from inkbatch.domain.contact import ContactState
from inkbatch.domain.disposition import Disposition
from inkbatch.domain.list_row import RowStatus
from inkbatch.domain.result import Effect, Party

FIELD_PREFIX: Final = "field_"
SCHEMA_VERSION: Final = 1
"""Goes up when a column is renamed, retyped or taken away; new ones may come at any time."""

WORD: Final = pa.dictionary(pa.int32(), pa.string())


class Kind(StrEnum):
    """What a column holds."""

    COUNT = "count"
    NUMBER = "number"
    TEXT = "text"
    TIME = "time"
    WORD = "word"

    @property
    def arrow(self) -> pa.DataType:
        """Its type in Arrow and Parquet."""
        types = {
            Kind.COUNT: pa.int64(),
            Kind.NUMBER: pa.float64(),
            Kind.TEXT: pa.string(),
            Kind.TIME: pa.timestamp("us", tz="UTC"),
            Kind.WORD: WORD,
        }
        return types[self]

    @property
    def pandas(self) -> str:
        """Its type in pandas."""
        types = {
            Kind.COUNT: "Int64",
            Kind.NUMBER: "float64",
            Kind.TEXT: "str",
            Kind.TIME: "datetime64[us, UTC]",
            Kind.WORD: "category",
        }
        return types[self]


@dataclass(frozen=True, slots=True)
class Column:
    """One column; `words` are all that a column of words may hold, None where they vary."""

    name: str
    kind: Kind
    meaning: str
    words: type[StrEnum] | None = None

    @property
    def dtype(self) -> str | pd.CategoricalDtype:
        """Its type in pandas, with its categories where they are known beforehand."""
        if self.words is None:
            return self.kind.pandas
        return pd.CategoricalDtype([word.value for word in self.words])


CAMPAIGN = Column("campaign", Kind.WORD, "name of the campaign")
ATTEMPT_ID = Column("attempt_id", Kind.TEXT, "id of the attempt, as in the agent's URL")
CONTACT_ID = Column("contact_id", Kind.COUNT, "id of the contact")
ROW_NUMBER = Column("row_number", Kind.COUNT, "row of the file, the header is 1")
ZONES = Column("zones", Kind.WORD, "candidate time zones of the contact, joined by `|`")

RESULT: Final = (
    Column("result", Kind.TEXT, "the agent's word for it, of the result that stands"),
    Column("result_effect", Kind.WORD, "what that result did", Effect),
    Column("call_back_at", Kind.TIME, "when the person asked to be called back"),
    Column("result_fields", Kind.TEXT, "what else the agent posted, as JSON"),
)

ATTEMPTS: Final = (
    CAMPAIGN,
    ATTEMPT_ID,
    CONTACT_ID,
    ROW_NUMBER,
    Column("ordinal", Kind.COUNT, "which try of the contact it is, from 1"),
    Column("state", Kind.WORD, "state of the attempt", AttemptState),
    Column("disposition", Kind.WORD, "what it came to; missing until it ended", Disposition),
    Column("from_number", Kind.WORD, "number it was placed from, E.164"),
    Column("number", Kind.TEXT, "number called, E.164"),
    ZONES,
    Column("reserved_at", Kind.TIME, "when the intent to dial was stored"),
    Column("placed_at", Kind.TIME, "when Inkbox took the call"),
    Column("ended_at", Kind.TIME, "when it was known to have ended"),
    Column("local_hour", Kind.COUNT, "hour of `reserved_at` in the contact's first zone, 0 to 23"),
    Column("local_weekday", Kind.COUNT, "weekday of `reserved_at` there, 0 is Monday"),
    Column("talk_minutes", Kind.NUMBER, "minutes from the answer to the end"),
    Column("call_id", Kind.TEXT, "id of the call at Inkbox"),
    Column("reason", Kind.TEXT, "why it came to that, where there is more to say"),
    *RESULT,
)
CONTACTS: Final = (
    CAMPAIGN,
    CONTACT_ID,
    ROW_NUMBER,
    Column("number", Kind.TEXT, "phone number, E.164"),
    ZONES,
    Column("state", Kind.WORD, "where the contact stands, due told from waiting", ContactState),
    Column("why", Kind.TEXT, "the reason for that state"),
    Column("waits_until", Kind.TIME, "not called before"),
    Column("attempts_used", Kind.COUNT, "tries that count against its limit"),
    Column("enrolled_at", Kind.TIME, "when it came onto the list"),
    Column("last_disposition", Kind.WORD, "of its last ended attempt", Disposition),
    Column("talk_minutes", Kind.NUMBER, "minutes talked over all its ended attempts"),
)
CALLS: Final = (
    Column("call_id", Kind.TEXT, "id of the call at Inkbox"),
    Column("campaign", Kind.WORD, "name of the campaign; missing for calls that are not ours"),
    Column("attempt_id", Kind.TEXT, "its attempt; missing for calls that are not ours"),
    CONTACT_ID,
    Column("direction", Kind.WORD, "outbound or inbound, as Inkbox says"),
    Column("local_number", Kind.WORD, "the organisation's number, E.164"),
    Column("remote_number", Kind.TEXT, "the other number, E.164"),
    Column("status", Kind.WORD, "wire status as last told"),
    Column("hangup_reason", Kind.WORD, "who or what ended it, as Inkbox says"),
    Column("created_at", Kind.TIME, "when Inkbox made it"),
    Column("started_at", Kind.TIME, "when it was answered"),
    Column("ended_at", Kind.TIME, "when it ended"),
    Column("disposition", Kind.WORD, "what its attempt came to", Disposition),
    Column("talk_minutes", Kind.NUMBER, "minutes from the answer to the end"),
)
BUDGET: Final = (
    Column("organisation", Kind.WORD, "whose budget"),
    Column("campaign", Kind.WORD, "name of the campaign; missing for use that is not ours"),
    Column("source", Kind.WORD, "`attempt`, `foreign` (calls of others) or `unplaced`"),
    Column("attempt_id", Kind.TEXT, "its attempt, where it has one"),
    Column("call_id", Kind.TEXT, "its call, where it is foreign"),
    Column("calls", Kind.COUNT, "calls in use while it counts"),
    Column("minutes", Kind.NUMBER, "minutes in use while it counts"),
    Column("minutes_max", Kind.NUMBER, "how long its call may last"),
    Column("counts_from", Kind.TIME, "from when on it counts"),
    Column("calls_until", Kind.TIME, "when its calls are free again; missing while open"),
    Column("minutes_until", Kind.TIME, "when its minutes are free again; missing while open"),
)
ROWS: Final = (
    Column("file_name", Kind.WORD, "name of the file"),
    ROW_NUMBER,
    Column("status", Kind.WORD, "what became of the row", RowStatus),
    Column("reason", Kind.TEXT, "why"),
    Column("column", Kind.TEXT, "the column that gave the reason"),
    Column("value", Kind.TEXT, "what stood in it"),
    Column("duplicate_of", Kind.COUNT, "the row whose number it repeats"),
    Column("contact_id", Kind.COUNT, "the contact that it became"),
    Column("enrolled_at", Kind.TIME, "when the file was read"),
)
TRANSCRIPTS: Final = (
    ATTEMPT_ID,
    Column("result_id", Kind.TEXT, "id of the result that it came with"),
    Column("posted_at", Kind.TIME, "when the agent posted it"),
    Column("entry", Kind.COUNT, "its place in the talk, from 1"),
    Column("party", Kind.WORD, "`local` is the agent, `remote` the person called", Party),
    Column("ts_ms", Kind.COUNT, "milliseconds from the start of the talk"),
    Column("text", Kind.TEXT, "what was said"),
)
COMPARISON: Final = (
    CAMPAIGN,
    Column("state", Kind.WORD, "active, paused or canceled", CampaignState),
    Column("contacts", Kind.COUNT, "people that its rows stand for"),
    Column("reached", Kind.COUNT, "those who were reached"),
    Column("reached_share", Kind.NUMBER, "their share, 0 to 1"),
    Column("reached_low", Kind.NUMBER, "lower end of its 95 % interval (Wilson)"),
    Column("reached_high", Kind.NUMBER, "upper end of it"),
    Column("rang", Kind.COUNT, "attempts at which a phone rang for certain"),
    Column("answered", Kind.COUNT, "those that were answered"),
    Column("answer_share", Kind.NUMBER, "their share, 0 to 1"),
    Column("answer_low", Kind.NUMBER, "lower end of its 95 % interval"),
    Column("answer_high", Kind.NUMBER, "upper end of it"),
    Column("calls", Kind.COUNT, "attempts that ended"),
    Column("minutes", Kind.NUMBER, "minutes talked, voicemail included"),
    Column("calls_per_reached", Kind.NUMBER, "calls for each person reached"),
    Column("minutes_per_reached", Kind.NUMBER, "minutes for each person reached"),
)
OUTCOMES: Final = (
    CAMPAIGN,
    Column("ordinal", Kind.COUNT, "which try of a contact, from 1"),
    Column("disposition", Kind.WORD, "what the attempts came to", Disposition),
    Column("attempts", Kind.COUNT, "how many ended so"),
    Column("minutes", Kind.NUMBER, "minutes talked on them"),
)
IDLE: Final = (
    CAMPAIGN,
    Column("reason", Kind.WORD, "why nobody was called; missing for the hours dialed in"),
    Column("hours", Kind.COUNT, "whole hours of the last 30 days while people were left"),
)
TIMES_TO_REACH: Final = (
    CAMPAIGN,
    CONTACT_ID,
    Column("enrolled_at", Kind.TIME, "when the person came onto the list"),
    Column("first_attempt_at", Kind.TIME, "when the first attempt was reserved"),
    Column("reached_at", Kind.TIME, "when the last answered attempt was reserved"),
    Column("hours_from_enrolment", Kind.NUMBER, "from `enrolled_at` to `reached_at`, at least 0"),
    Column("hours_from_first_attempt", Kind.NUMBER, "from `first_attempt_at` to `reached_at`"),
)


def schema_of(columns: tuple[Column, ...], *, own: tuple[str, ...] = ()) -> pa.Schema:
    """Return the Arrow schema; `own` are the columns of the person's file, texts that come last."""
    fields = [pa.field(column.name, column.kind.arrow) for column in columns]
    fields += [pa.field(name, pa.string()) for name in own]
    return pa.schema(fields, metadata={"inkbatch.schema": str(SCHEMA_VERSION)})


def columns_document(frames: dict[str, tuple[Column, ...]]) -> str:
    """Return COLUMNS.md: a table for each frame."""
    introduction = (
        f"Schema version {SCHEMA_VERSION}. It goes up when a column is renamed, retyped or taken "
        "away; new columns may come at any time. A Parquet file says its version in its metadata "
        "as `inkbatch.schema`. What is not known is missing, never 0. After these come the "
        f"columns of the person's own file in `contacts` and `rows`, each a text named "
        f"`{FIELD_PREFIX}<its name>`."
    )
    parts = ["# The columns of frames and exports", introduction]
    for name, columns in frames.items():
        lines = [
            f"## {name}\n",
            "| column | Parquet | pandas | what |",
            "| --- | --- | --- | --- |",
        ]
        lines += [
            f"| `{each.name}` | {_parquet(each.kind)} | {each.kind.pandas} | {_meaning(each)} |"
            for each in columns
        ]
        parts.append("\n".join(lines))
    return "\n\n".join(parts) + "\n"


def _parquet(kind: Kind) -> str:
    return "string, dictionary" if kind is Kind.WORD else str(kind.arrow)


def _meaning(column: Column) -> str:
    meaning = column.meaning.replace("|", "\\|")
    if column.words is None:
        return meaning
    return f"{meaning}: {', '.join(word.value for word in column.words)}"
