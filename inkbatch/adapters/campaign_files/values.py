"""The types of single values in a campaign file: how each is read, written and told to editors."""

from datetime import date, timedelta
from typing import Annotated, Any

from pydantic import Field, PlainSerializer, PlainValidator, StringConstraints, WithJsonSchema

from inkbatch.adapters.campaign_files import texts
from inkbatch.domain.calling_window import Span
from inkbatch.domain.disposition import Disposition
from inkbatch.domain.expiry import Expiry

NAME_PATTERN = r"^\w[\w .-]{0,79}$"
REACHABLE = (Disposition.ANSWERED, Disposition.VOICEMAIL)
"""What a campaign may count as reached."""


def _reached(value: Any) -> Disposition:
    if value not in REACHABLE:
        raise ValueError(f"it is one of {', '.join(REACHABLE)}")
    return Disposition(value)


def _text_schema(pattern: str | None = None) -> WithJsonSchema:
    return WithJsonSchema({"type": "string"} | ({"pattern": pattern} if pattern else {}))


Duration = Annotated[
    timedelta,
    PlainValidator(texts.duration),
    PlainSerializer(texts.duration_text),
    _text_schema(texts.DURATION_PATTERN),
]
_WAIT_SCHEMA = {"type": "string", "pattern": f"{texts.DURATION_PATTERN}|^{texts.STOP}$"}
Wait = Annotated[
    texts.RetryRule,
    PlainValidator(texts.retry_rule),
    PlainSerializer(texts.retry_rule_value),
    WithJsonSchema(
        {
            "anyOf": [
                _WAIT_SCHEMA,
                {
                    "type": "object",
                    "properties": {
                        "after": {"type": "string", "pattern": texts.DURATION_PATTERN},
                        "other_hour": {"type": "boolean"},
                        "other_number": {"type": "boolean"},
                    },
                    "required": ["after"],
                    "additionalProperties": False,
                },
            ]
        }
    ),
]
Expires = Annotated[
    Expiry,
    PlainValidator(texts.expiry),
    PlainSerializer(texts.expiry_text),
    # No type: editors tell a bare date of TOML from a text, and only texts have a pattern.
    WithJsonSchema({"pattern": f"{texts.DATE_PATTERN}|{texts.DURATION_PATTERN}"}),
]
CalendarDay = Annotated[date, PlainValidator(texts.calendar_day), PlainSerializer(str)]
HolidayPlaces = Annotated[
    tuple[str, ...],
    PlainValidator(texts.holiday_places),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string"},
                {
                    "type": "array",
                    "items": {"type": "string"},
                    "maxItems": texts.HOLIDAY_PLACES_MAX,
                },
            ]
        }
    ),
]
UsState = Annotated[str, PlainValidator(texts.us_state), _text_schema("^[A-Z]{2}$")]
FieldName = Annotated[str, StringConstraints(pattern=r"^\w+$", max_length=texts.HEADER_LENGTH_MAX)]
CallsPerMinute = Annotated[
    int | None,
    PlainValidator(texts.calls_per_minute),
    PlainSerializer(texts.calls_per_minute_value),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "integer", "minimum": 1, "maximum": texts.CALLS_PER_MINUTE_MAX},
                {"const": texts.UNLIMITED},
            ]
        }
    ),
]
Hours = Annotated[
    Span, PlainValidator(texts.span), PlainSerializer(str), _text_schema(texts.SPAN_PATTERN)
]
DaySpans = Annotated[list[Hours], Field(max_length=24)]
Day = Annotated[date, PlainValidator(texts.day), PlainSerializer(str), _text_schema()]
Zone = Annotated[str, PlainValidator(texts.zone), _text_schema()]
ContactOrZone = Annotated[
    str | None,
    PlainValidator(texts.contact_or_zone),
    PlainSerializer(lambda zone: zone or texts.CONTACT_ZONE),
    _text_schema(),
]
Region = Annotated[str, PlainValidator(texts.region), _text_schema("^[A-Z]{2}$")]
Number = Annotated[str, PlainValidator(texts.phone_number), _text_schema(r"^\+[1-9][0-9]{6,14}$")]
Cron = Annotated[str, PlainValidator(texts.cron), _text_schema()]
AgentUrl = Annotated[str, PlainValidator(texts.agent_url_template), _text_schema("^wss?://")]
WebhookUrl = Annotated[str, PlainValidator(texts.webhook_url), _text_schema("^https?://")]
Reached = Annotated[
    Disposition,
    PlainValidator(_reached),
    PlainSerializer(str),
    WithJsonSchema({"enum": [str(disposition) for disposition in REACHABLE]}),
]
FilePath = Annotated[str, StringConstraints(min_length=1, max_length=1000)]
Header = Annotated[str, StringConstraints(max_length=texts.HEADER_LENGTH_MAX)]
PhoneHeaders = Annotated[
    str | tuple[str, ...],
    PlainValidator(texts.phone_headers),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "maxLength": texts.HEADER_LENGTH_MAX},
                {
                    "type": "array",
                    "minItems": 1,
                    "maxItems": texts.PHONE_COLUMNS_MAX,
                    "uniqueItems": True,
                    "items": {
                        "type": "string",
                        "minLength": 1,
                        "maxLength": texts.HEADER_LENGTH_MAX,
                    },
                },
            ]
        }
    ),
]
Name = Annotated[str, StringConstraints(pattern=NAME_PATTERN)]
