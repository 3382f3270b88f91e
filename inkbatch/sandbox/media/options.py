"""What a person can choose about media streams."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

from inkbatch.sandbox.loopback import is_loopback


class MediaMode(StrEnum):
    """Whether answered calls reach the agent at all."""

    REAL = "real"
    SKIP = "skip"


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaOptions:
    """How answered calls are talked.

    Nobody is connected to but agents on loopback, and the hosts that are allowed by name. Speech
    takes `words_per_minute`. Where time is skipped an agent has `agent_patience` of real time to
    say something before the callee's time goes on. With `calls_max` so many calls are talked,
    the first that a person answers; others go as their seed has them. Recordings of agents' audio
    are written to the folder `recordings`, as `<call id>.wav`. Raises ValueError for a figure that
    is not above 0.
    """

    mode: MediaMode = MediaMode.SKIP
    hosts_allowed: frozenset[str] = frozenset()
    words_per_minute: float = 150.0
    agent_patience: timedelta = timedelta(seconds=2)
    connect_timeout: timedelta = timedelta(seconds=5)
    streams_max: int = 500
    calls_max: int | None = None
    recordings: Path | None = None

    def __post_init__(self) -> None:
        for name, figure in (
            ("words_per_minute", self.words_per_minute),
            ("agent_patience", self.agent_patience.total_seconds()),
            ("connect_timeout", self.connect_timeout.total_seconds()),
            ("streams_max", self.streams_max),
            ("calls_max", self.calls_max),
        ):
            if figure is not None and figure <= 0:
                raise ValueError(f"{name} is {figure:g}; it must be above 0")

    def streams_to(self, url: str | None) -> bool:
        """Tell whether a call with this client_websocket_url is connected to its agent."""
        return self.mode is MediaMode.REAL and url is not None and self.allows(url)

    def allows(self, url: str) -> bool:
        """Tell whether a URL leads to loopback, or to a host that was allowed by name."""
        try:
            host = urlsplit(url).hostname or ""
        except ValueError:
            return False
        return host in self.hosts_allowed or is_loopback(host)
