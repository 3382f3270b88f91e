"""What a person can choose about a sandbox."""

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from inkbatch.sandbox.carrier import Carrier
from inkbatch.sandbox.faults.orders import FaultOrders
from inkbatch.sandbox.media.options import MediaOptions
from inkbatch.sandbox.organisations import ORGANISATION_A, ORGANISATION_B, Organisation
from inkbatch.sandbox.population import Population

WINDOW_MAX = timedelta(days=366)


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxOptions:
    """Limits of each organisation per rolling window, customers, callees, faults and talks.

    A limit of None is lifted. The population dials, unless there is another `carrier`; call ids
    and contact rules stay the population's. Raises ValueError for a limit or window that is not
    above 0, and for two organisations that share a name, a key or a number. With a `ledger` file
    its calls outlive the sandbox.
    """

    calls_limit: int | None = 100
    minutes_limit: float | None = 100
    window: timedelta = timedelta(days=1)
    population: Population = field(default_factory=Population)
    carrier: Carrier | None = None
    media: MediaOptions = field(default_factory=MediaOptions)
    organisations: tuple[Organisation, ...] = (ORGANISATION_A, ORGANISATION_B)
    faults: FaultOrders = field(default_factory=FaultOrders)
    ledger: Path | None = None

    def __post_init__(self) -> None:
        for name, limit in (
            ("calls_limit", self.calls_limit),
            ("minutes_limit", self.minutes_limit),
            ("window", self.window.total_seconds()),
        ):
            if limit is not None and not limit > 0:  # also: what is no number
                raise ValueError(
                    f"{name} is {limit:g}; it must be above 0, or None to lift a limit"
                )
        if self.window > WINDOW_MAX:
            raise ValueError(f"window is {self.window}; it must be at most {WINDOW_MAX.days} days")
        for what, values in (
            ("name", [each.name for each in self.organisations]),
            ("api_key", [each.api_key for each in self.organisations]),
            ("phone number", [n.number for each in self.organisations for n in each.phone_numbers]),
        ):
            if len(set(values)) < len(values):
                raise ValueError(f"two organisations share a {what}; each needs its own")
