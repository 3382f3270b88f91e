"""Who has an account at the sandbox: organisations, their API keys and their phone numbers."""

from dataclasses import dataclass, field
from enum import StrEnum
from uuid import NAMESPACE_URL, UUID, uuid5


class NumberStatus(StrEnum):
    """Whether a phone number may place calls."""

    ACTIVE = "active"
    INACTIVE = "inactive"


def phone_number_id(number: str) -> UUID:
    """Return the id of an E.164 number: the same in every sandbox, on every machine."""
    return uuid5(NAMESPACE_URL, f"tel:{number}")


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneNumber:
    """A number that an organisation rents, with the URL its calls fall back to."""

    number: str
    status: NumberStatus = NumberStatus.ACTIVE
    client_websocket_url: str | None = None
    id: UUID = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "id", phone_number_id(self.number))


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation:
    """One customer of Inkbox: limits are counted over all its numbers together.

    Webhooks and the handshakes of its media streams are signed with the `signing_key`.
    """

    name: str
    api_key: str = field(repr=False)
    signing_key: str = field(default="whsec_sandbox", repr=False)
    phone_numbers: tuple[PhoneNumber, ...]


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
