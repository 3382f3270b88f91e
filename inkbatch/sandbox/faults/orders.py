"""What faults can be ordered, each with the requests, calls or webhooks that it is limited to."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

SECONDS_MAX = 86_400
FAULTS_MAX = 100


class When(StrEnum):
    """On which side of the request's effect a fault lies."""

    BEFORE = "before"  # the sandbox never sees the request: nothing is placed
    AFTER = "after"  # the request is carried out: a call is placed, and its answer lost


class Fault(BaseModel):
    """How often a fault strikes: `rate` of its occasions from `after` on, `times` in all.

    An occasion is a request of the API, a call that is looked up, or a webhook event. The
    descriptions of the fields say what is allowed, here and in error messages.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    rate: float = Field(1.0, ge=0, le=1, description="a share from 0 to 1")
    times: int | None = Field(None, ge=1, description="a whole number from 1")
    after: int = Field(0, ge=0, description="a whole number from 0")


class RequestFault(Fault):
    """Strikes requests to the API whose method and path are named, by default all of them."""

    methods: tuple[Literal["GET", "POST", "PUT", "PATCH", "DELETE"], ...] = Field(
        (), description="a list of GET, POST, PUT, PATCH, DELETE"
    )
    paths: tuple[Annotated[str, Field(max_length=200)], ...] = Field(
        (),
        max_length=FAULTS_MAX,
        description='a list of paths below /api/v1/phone such as "/place-call" or "/numbers/*"',
    )


class Latency(RequestFault):
    """The request is carried out some real seconds late, even if its client has gone by then."""

    fault: Literal["latency"]
    seconds: float = Field(gt=0, le=600, description="seconds above 0, at most 600")


class Hang(RequestFault):
    """No answer ever comes; the connection stays open until the client closes it."""

    fault: Literal["hang"]
    when: When = Field(description='"before" or "after" the request is carried out')


class Reset(RequestFault):
    """The connection is reset (TCP RST) instead of an answer."""

    fault: Literal["reset"]
    when: When = Field(description='"before" or "after" the request is carried out')


class HalfResponse(RequestFault):
    """The request is carried out, and the connection closed after half of the answer's body."""

    fault: Literal["half_response"]


class Garbage(RequestFault):
    """The request is carried out and answered with 200 and a body that is no JSON."""

    fault: Literal["garbage"]


class ServerError(RequestFault):
    """A gateway's error page instead of an answer of the API."""

    fault: Literal["server_error"]
    status: Literal[500, 502, 503, 504] = Field(description="500, 502, 503 or 504")
    when: When = Field(description='"before" or "after" the request is carried out')


class RateLimited(RequestFault):
    """A 429 out of the blue; the request is not carried out."""

    fault: Literal["rate_limited"]
    retry_after_seconds: int = Field(
        1, ge=0, le=SECONDS_MAX, description=f"whole seconds from 0 to {SECONDS_MAX}"
    )


class ClockSkew(RequestFault):
    """The answer's `Date` is ahead of the sandbox's clock, or behind it with a minus sign."""

    fault: Literal["clock_skew"]
    seconds: int = Field(
        ge=-SECONDS_MAX,
        le=SECONDS_MAX,
        description=f"whole seconds from -{SECONDS_MAX} to {SECONDS_MAX}",
    )


class ListLag(Fault):
    """A new call appears in lists of calls only after some seconds of the sandbox's clock."""

    fault: Literal["list_lag"]
    seconds: float = Field(
        gt=0, le=SECONDS_MAX, description=f"seconds above 0, at most {SECONDS_MAX}"
    )


class DeletedCall(Fault):
    """A call is in no list of calls and cannot be got: 404. The ledger still has it."""

    fault: Literal["deleted_call"]


class DuplicateWebhook(Fault):
    """An event is delivered twice, with the same event id."""

    fault: Literal["duplicate_webhook"]


class LateWebhook(Fault):
    """An event is held back, so that later ones overtake it; in seconds of the sandbox's clock."""

    fault: Literal["late_webhook"]
    seconds: float = Field(
        5.0, gt=0, le=SECONDS_MAX, description=f"seconds above 0, at most {SECONDS_MAX}"
    )


class DropWebhook(Fault):
    """An event is never sent."""

    fault: Literal["drop_webhook"]


OnRequest = Latency | Hang | Reset | HalfResponse | Garbage | ServerError | RateLimited | ClockSkew
OnCall = ListLag | DeletedCall
OnWebhook = DuplicateWebhook | LateWebhook | DropWebhook
AnyFault = OnRequest | OnCall | OnWebhook


class FaultOrders(BaseModel):
    """All faults of a sandbox. The same seed makes the same choices at the same occasions."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    seed: int = Field(1, description="a whole number")
    faults: tuple[Annotated[AnyFault, Field(discriminator="fault")], ...] = Field(
        (), max_length=FAULTS_MAX, description=f"a list of at most {FAULTS_MAX} tables"
    )
