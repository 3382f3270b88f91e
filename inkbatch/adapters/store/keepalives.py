"""A lost network, or a machine that died, is noticed within about half a minute, by both sides."""

from typing import Any

IDLE_SECONDS, INTERVAL_SECONDS, PROBES = 10, 5, 3
UNANSWERED_MILLISECONDS = 30_000

KEEPALIVES: dict[str, Any] = {
    "keepalives": 1,
    "keepalives_idle": IDLE_SECONDS,
    "keepalives_interval": INTERVAL_SECONDS,
    "keepalives_count": PROBES,
    "tcp_user_timeout": UNANSWERED_MILLISECONDS,
    "connect_timeout": 10,
}
"""What libpq is told of our side of a connection; so long giving up a lock takes at most, too."""

KEPT_ALIVE_BY_THE_SERVER = (
    f"SELECT set_config('tcp_keepalives_idle', '{IDLE_SECONDS}', false),"
    f" set_config('tcp_keepalives_interval', '{INTERVAL_SECONDS}', false),"
    f" set_config('tcp_keepalives_count', '{PROBES}', false),"
    f" set_config('tcp_user_timeout', '{UNANSWERED_MILLISECONDS}', false)"
)
"""What the server is told of its side: by itself it takes two hours to notice that we are gone."""
