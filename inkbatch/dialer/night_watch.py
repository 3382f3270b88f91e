"""Whether a night is over, and what somebody who does not look is to be told then.

Nothing here may keep a dial: it looks after a pass is done, and an error of its own is logged.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass, field

from inkbatch.dialer.limits import standing_now
from inkbatch.dialer.logbook import log
from inkbatch.dialer.run import PassResult
from inkbatch.dialer.shift import Shift
from inkbatch.domain.notice import (
    TONIGHT,
    NightFigures,
    Notice,
    NoticeKind,
    breaker_notice,
    is_nights_end,
    notices_of_night,
)

Tell = Callable[[Notice], None]
"""Takes a notice to be told; returns at once and raises nothing."""


@dataclass(slots=True)
class NightWatch:
    """Looks at a shift after each pass; each kind of notice is told once until calls go on."""

    shift: Shift
    tell: Tell
    _told: set[NoticeKind] = field(default_factory=set)

    def after_pass(self, result: PassResult) -> None:
        """Tell what there is to be told now."""
        try:
            self._look(result)
        except Exception as error:  # noqa: BLE001 (whatever it is, dialing goes on)
            log.warning("notices_failed", extra={"fields": {"error": type(error).__name__}})

    def _look(self, result: PassResult) -> None:
        if result.placed:
            self._told.clear()
        trouble, name = self.shift.trouble, self.shift.record.name
        if trouble.stop_reason is not None:
            attempts = (trouble.failed_attempts, trouble.agentless_attempts)
            at_fault = max(attempts, key=len)
            self._tell_once(breaker_notice(name, attempts=at_fault, told_at=result.at))
        if is_nights_end(result.wake_at, now=result.at) and not self.shift.stopping.is_set():
            night = night_figures(self.shift, result)
            for notice in notices_of_night(name, night, told_at=result.at):
                self._tell_once(notice)

    def _tell_once(self, notice: Notice) -> None:
        if notice.kind not in self._told:
            self._told.add(notice.kind)
            self.tell(notice)


def night_figures(shift: Shift, result: PassResult) -> NightFigures:
    """Return where the campaign stands after the last pass of a night."""
    with shift.store.reading() as tx:
        contacts = tx.counts(shift.record.id, now=result.at).contacts
        since = result.at - TONIGHT
        calls = tx.dialed_since(shift.record.id, since=since, limit=sys.maxsize)
        first = standing_now(shift, tx).first
    return NightFigures(
        calls=len(calls),
        reached=contacts.get("reached", 0),
        left=sum(contacts.get(state, 0) for state in ("due", "waiting", "in_call")),
        due=contacts.get("due", 0),
        review=contacts.get("review", 0),
        bound_by=first.name if first else None,
        wake_at=result.wake_at,
    )
