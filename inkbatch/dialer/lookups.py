"""Reading at Inkbox number after number: one whose calls cannot be read holds up no other."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from inkbatch.dialer.shift import Shift
from inkbatch.domain.attempt import Attempt
from inkbatch.domain.call import OwnNumber
from inkbatch.domain.errors import KeyRefused, RateLimited, TelephonyError

Read = Callable[[OwnNumber, Sequence[Attempt], datetime], Awaitable[None]]
"""Reads the calls of one number back to a time, and deals with the attempts from it."""


async def read_each_number(shift: Shift, attempts: Sequence[Attempt], read: Read) -> None:
    """Let `read` deal with the attempts of each number; those that work come first.

    A number whose calls cannot be read is left alone for a while where another number's can be:
    its attempts are looked at later. Raises the TelephonyError where no number's calls can be
    read, or where the key or the rate limit is what stands in the way.
    """
    failed, answers = list[tuple[OwnNumber, list[Attempt], TelephonyError]](), False
    for own, group, since in by_own_number(shift, attempts):
        try:
            await read(own, group, since)
        except (KeyRefused, RateLimited):
            raise
        except TelephonyError as error:
            failed.append((own, group, error))
        else:
            answers = True
            shift.trouble.readable(own.id)
    for own, group, refusal in failed:
        if not answers and not await _another_answers(shift, own):
            raise refusal
        _look_later(shift, own, group)
    if answers:
        shift.trouble.reachable()


def by_own_number(
    shift: Shift, attempts: Sequence[Attempt]
) -> Iterator[tuple[OwnNumber, list[Attempt], datetime]]:
    """Group attempts by the number they were dialed from, with the time to look back to."""
    groups = defaultdict[str, list[Attempt]](list)
    for attempt in attempts:
        groups[attempt.from_number].append(attempt)
    for number, group in groups.items():
        own = shift.own_number(number)
        if own is not None:
            oldest = min(attempt.reserved_at or attempt.created_at for attempt in group)
            yield own, group, oldest - shift.timing.skew_max


async def _another_answers(shift: Shift, silent: OwnNumber) -> bool:
    """Whether the calls of another of our numbers can be read: then only this one is in trouble."""
    others = (own for own in shift.usable_numbers if own.id != silent.id)
    other = next(others, None)
    if other is None:
        return False
    try:
        await shift.telephony.list_calls(other.id, limit=1, offset=0)
    except TelephonyError:
        return False
    return True


def _look_later(shift: Shift, own: OwnNumber, group: Sequence[Attempt]) -> None:
    """Put the looks off; none of them was made, so none counts."""
    at = shift.clock.now() + shift.trouble.unreadable_number(own.id)
    with shift.store.transaction() as tx:
        for attempt in group:
            tx.look_again(replace(attempt, look_at=at))
