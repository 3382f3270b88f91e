"""When somebody may be called, kept until that changes: every pass asks the same of the same zones.

It says whom a pass looks at; right before a dial the window itself is asked.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from inkbatch.domain.calling_rules import StrictestWindow


class _Span(NamedTuple):
    """From `since` up to but without `until` a window is open, or it is shut."""

    since: datetime
    until: datetime
    is_open: bool


@dataclass(slots=True)
class Openings:
    """What one window was found to do around the last moment asked, by zones."""

    window: StrictestWindow
    _spans: dict[tuple[str, ...], _Span] = field(default_factory=dict)

    def next_open(self, now: datetime, zones: tuple[str, ...]) -> datetime | None:
        """Return what the window would: the first instant, not before `now`, at which it is open.

        Where it never opens that is not kept, since it looks no further than a year ahead.
        """
        span = self._spans.get(zones)
        if span is None or not span.since <= now < span.until:
            opens_at = self.window.next_open(now, zones)
            if opens_at is None:
                return None
            is_open = opens_at == now
            until = self.window.closes_at(now, zones) if is_open else opens_at
            span = self._spans[zones] = _Span(now, until, is_open)
        return now if span.is_open else span.until
