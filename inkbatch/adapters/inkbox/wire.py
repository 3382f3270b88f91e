"""The JSON of Inkbox's calls API as typed models, and what they mean in our words.

Only what nothing can be done without is required: the id of a call, and of a number its id and
number. Unknown keys are ignored, and any other value that cannot be read counts as absent, since
a call that was placed must not be lost over the form of a time stamp.
"""

from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    ConfigDict,
    StringConstraints,
    TypeAdapter,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)

from inkbatch.domain.call import Call, OwnNumber, RateLimit


def _or_none(value: Any, read: ValidatorFunctionWrapHandler) -> Any:
    try:
        return read(value)
    except ValidationError:
        return None


def _utc_or_none(value: Any, read: ValidatorFunctionWrapHandler) -> datetime | None:
    try:
        told: datetime | None = read(value)
        return None if told is None else _utc(told)
    except (ValidationError, OverflowError):
        return None


def _utc(told: datetime) -> datetime:
    return told.replace(tzinfo=UTC) if told.tzinfo is None else told.astimezone(UTC)


Required = Annotated[str, StringConstraints(min_length=1)]
Text = Annotated[str | None, WrapValidator(_or_none)]
Flag = Annotated[bool | None, WrapValidator(_or_none)]
Figure = Annotated[float | None, WrapValidator(_or_none)]
Instant = Annotated[datetime | None, WrapValidator(_utc_or_none)]


class WireModel(BaseModel):
    """What all have in common; a message about a bad value never shows the value."""

    model_config = ConfigDict(
        extra="ignore", frozen=True, hide_input_in_errors=True, allow_inf_nan=False
    )


class WireCall(WireModel):
    """The call object."""

    id: Required
    local_phone_number: Text = None
    remote_phone_number: Text = None
    direction: Text = None
    status: Text = None
    hangup_reason: Text = None
    client_websocket_url: Text = None
    created_at: Instant = None
    started_at: Instant = None
    ended_at: Instant = None
    use_inkbox_tts: Flag = None
    use_inkbox_stt: Flag = None

    def as_call(self, *, phone_number_id: str | None, now: datetime) -> Call:
        """Return the call; without `created_at` it dates from its first known time, else `now`."""
        return Call(
            id=self.id,
            phone_number_id=phone_number_id,
            local_number=self.local_phone_number or "",
            remote_number=self.remote_phone_number or "",
            direction=self.direction or "outbound",
            status=self.status or "unknown",
            hangup_reason=self.hangup_reason,
            client_websocket_url=self.client_websocket_url,
            created_at=self.created_at or self.started_at or self.ended_at or now,
            started_at=self.started_at,
            ended_at=self.ended_at,
            agent_reached=self._agent_reached(),
        )

    def _agent_reached(self) -> bool | None:
        """Return whether the agent took the handshake, by which it chooses the pipelines.

        They are null until then. None where nobody answered, or the server does not tell them.
        """
        if self.started_at is None or not {"use_inkbox_tts", "use_inkbox_stt"} <= (
            self.model_fields_set
        ):
            return None
        return self.use_inkbox_tts is not None or self.use_inkbox_stt is not None


class WireRateLimit(WireModel):
    """The organisation's rolling 24 hours; a missing `used` follows from `remaining`."""

    calls_used: Figure = None
    calls_remaining: Figure = None
    calls_limit: Figure = None
    minutes_used: Figure = None
    minutes_remaining: Figure = None
    minutes_limit: Figure = None

    def as_rate_limit(self) -> RateLimit | None:
        """Return the limits, None unless both can be told."""
        calls_used = _used(self.calls_used, self.calls_remaining, self.calls_limit)
        minutes_used = _used(self.minutes_used, self.minutes_remaining, self.minutes_limit)
        if calls_used is None or minutes_used is None:
            return None
        if self.calls_limit is None or self.minutes_limit is None:
            return None
        return RateLimit(
            calls_used=int(calls_used),
            calls_limit=int(self.calls_limit),
            minutes_used=minutes_used,
            minutes_limit=self.minutes_limit,
        )


def _used(used: float | None, remaining: float | None, limit: float | None) -> float | None:
    if used is not None or remaining is None or limit is None:
        return used
    return limit - remaining


class WirePlaced(WireCall):
    """The answer to place-call: the call object with the limits beside it."""

    rate_limit: Annotated[WireRateLimit | None, WrapValidator(_or_none)] = None


class WireNumber(WireModel):
    """One of the organisation's numbers; without a status it is not taken for active."""

    id: Required
    number: Required
    status: Text = None
    client_websocket_url: Text = None

    def as_own_number(self) -> OwnNumber:
        """Return it in our words."""
        return OwnNumber(
            id=self.id,
            number=self.number,
            status=self.status or "unknown",
            client_websocket_url=self.client_websocket_url,
        )


class WireComplaint(WireModel):
    """The body of an error: `detail` is a text, an object with a code, or FastAPI's list."""

    detail: Any = None
    rate_limit: Annotated[WireRateLimit | None, WrapValidator(_or_none)] = None

    @property
    def code(self) -> str | None:
        """The machine-readable code, such as `recipient_blocked`."""
        code = self.detail.get("error") if isinstance(self.detail, dict) else None
        return code if isinstance(code, str) else None

    @property
    def text(self) -> str:
        """What the server says, without the values that FastAPI's list repeats."""
        if isinstance(self.detail, str):
            return self.detail
        if isinstance(self.detail, dict):
            told = (self.detail.get(key) for key in ("message", "reason", "detail", "error"))
            return next((text for text in told if isinstance(text, str)), "")
        if isinstance(self.detail, list):
            return "; ".join(_problem(item) for item in self.detail if isinstance(item, dict))
        return ""


def _problem(item: dict[str, Any]) -> str:
    place = item.get("loc")
    field = place[-1] if isinstance(place, list) and place else "body"
    return f"{field}: {item.get('msg', 'not valid')}"


Calls = TypeAdapter(list[WireCall], config=ConfigDict(hide_input_in_errors=True))
Numbers = TypeAdapter(list[WireNumber], config=ConfigDict(hide_input_in_errors=True))


def complaint_in(body: bytes) -> WireComplaint:
    """Return what an error's body says; an empty one when it is not JSON, as from a proxy."""
    try:
        return WireComplaint.model_validate_json(body)
    except ValidationError:
        return WireComplaint()
