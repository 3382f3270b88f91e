"""The customers of a sandbox as a person wrote them down."""

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from inkbatch.sandbox.documents import read_document
from inkbatch.sandbox.organisations import (
    FilterMode,
    IncomingCallAction,
    NumberStatus,
    NumberType,
    Organisation,
    PhoneNumber,
)
from inkbatch.sandbox.script import E164
from inkbatch.sandbox.wire import WebhookURL, WebSocketURL

Name = Annotated[str, Field(min_length=1, max_length=200)]
Key = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[\x21-\x7e]+$")]


def load_organisations(path: Path) -> tuple[Organisation, ...]:
    """Read a TOML file with a table `[[organisation]]` for each.

    ::

        [[organisation]]
        name = "clinic"
        api_key = "clinic-key"
        signing_key = "whsec_clinic"                     # optional, as is all below but `number`
        calls_limit = 50
        minutes_limit = 30.5
        [[organisation.number]]
        number = "+14155550100"
        status = "active"
        client_websocket_url = "wss://agent.example/talk"

    Raises ScriptError when the file cannot be read, is no TOML or holds anything else.
    """
    document = read_document(path, _Document)
    return tuple(_organisation(told) for told in document.organisation)


class _Number(BaseModel):
    model_config = ConfigDict(extra="forbid")

    number: E164
    type: NumberType = NumberType.LOCAL
    status: NumberStatus = NumberStatus.ACTIVE
    incoming_call_action: IncomingCallAction = IncomingCallAction.AUTO_REJECT
    client_websocket_url: WebSocketURL | None = None
    incoming_call_webhook_url: WebhookURL | None = None
    filter_mode: FilterMode = FilterMode.BLACKLIST


class _Organisation(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: Name
    api_key: Key
    signing_key: Key = "whsec_sandbox"
    calls_limit: Annotated[int, Field(gt=0)] | None = None
    minutes_limit: Annotated[float, Field(gt=0)] | None = None
    number: Annotated[list[_Number], Field(min_length=1, max_length=1000)]


class _Document(BaseModel):
    model_config = ConfigDict(extra="forbid")

    organisation: Annotated[list[_Organisation], Field(min_length=1, max_length=1000)]


def _organisation(told: _Organisation) -> Organisation:
    return Organisation(
        name=told.name,
        api_key=told.api_key,
        signing_key=told.signing_key,
        calls_limit=told.calls_limit,
        minutes_limit=told.minutes_limit,
        phone_numbers=tuple(PhoneNumber(**number.model_dump()) for number in told.number),
    )
