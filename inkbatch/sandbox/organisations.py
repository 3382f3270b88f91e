"""Who has an account at the sandbox: organisations, their API keys and their phone numbers."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from uuid import NAMESPACE_URL, UUID, uuid5

_RENTED_AT = datetime(2026, 1, 1, tzinfo=UTC)


class NumberStatus(StrEnum):
    """Whether a phone number may place calls."""

    ACTIVE = "active"
    INACTIVE = "inactive"


class NumberType(StrEnum):
    """What kind of phone number it is."""

    LOCAL = "local"
    TOLL_FREE = "toll_free"


class IncomingCallAction(StrEnum):
    """What happens to a call to the number; the values that the official client knows."""

    AUTO_ACCEPT = "auto_accept"
    AUTO_REJECT = "auto_reject"
    WEBHOOK = "webhook"
    HOSTED_AGENT = "hosted_agent"
    FORWARD = "forward"


class ForwardingTarget(StrEnum):
    """Where calls to the number are forwarded to."""

    PHONE = "phone"
    SIP = "sip"


class FilterMode(StrEnum):
    """Whether contact rules name those who may not reach the number, or those who may."""

    BLACKLIST = "blacklist"
    WHITELIST = "whitelist"


def phone_number_id(number: str) -> UUID:
    """Return the id of an E.164 number: the same in every sandbox, on every machine."""
    return uuid5(NAMESPACE_URL, f"tel:{number}")


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneNumber:
    """A number that an organisation rents, with the URL its calls fall back to."""

    number: str
    type: NumberType = NumberType.LOCAL
    status: NumberStatus = NumberStatus.ACTIVE
    incoming_call_action: IncomingCallAction = IncomingCallAction.AUTO_REJECT
    client_websocket_url: str | None = None
    incoming_call_webhook_url: str | None = None
    forwarding_target_type: ForwardingTarget | None = None
    forwarding_phone_number: str | None = None
    forwarding_sip_uri: str | None = None
    filter_mode: FilterMode = FilterMode.BLACKLIST
    updated_at: datetime = _RENTED_AT
    id: UUID = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "id", phone_number_id(self.number))

    @property
    def created_at(self) -> datetime:
        """When the number was rented: all were on the same day."""
        return _RENTED_AT


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation:
    """One customer of Inkbox: limits are counted over all its numbers together.

    Webhooks and the handshakes of its media streams are signed with the `signing_key`. A limit of
    None is the sandbox's own (`SandboxOptions`).
    """

    name: str
    api_key: str = field(repr=False)
    signing_key: str = field(default="whsec_sandbox", repr=False)
    phone_numbers: tuple[PhoneNumber, ...]
    calls_limit: int | None = None
    minutes_limit: float | None = None


ORGANISATION_A = Organisation(
    name="A",
    api_key="sandbox",
    phone_numbers=(
        PhoneNumber(number="+14155550100"),
        PhoneNumber(number="+14155550101"),
        PhoneNumber(number="+14155550102", status=NumberStatus.INACTIVE),
    ),
)
ORGANISATION_B = Organisation(
    name="B",
    api_key="sandbox-b",
    signing_key="whsec_sandbox-b",
    phone_numbers=(PhoneNumber(number="+12125550100"),),
)
