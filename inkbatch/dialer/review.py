"""What nobody can tell by itself waits for a person: the review queue, and what goes into it.

A contact is in review when its latest attempt may have rung and nothing proves that it did or did
not. A person looks at what is known and releases it, which lets it be called again, or closes it.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from inkbatch.dialer.aftermath import end_attempt
from inkbatch.dialer.breaker import GO_ON, stop_dialing
from inkbatch.dialer.shift import Shift
from inkbatch.domain.attempt import Attempt, AttemptState, Loss
from inkbatch.domain.call import Call
from inkbatch.domain.contact import Contact, ContactState
from inkbatch.domain.phone_number import masked
from inkbatch.ports import CampaignRecord, Store, Transaction

LISTED_MAX = 10_000
"""So many contacts of one campaign are read for review at most."""

RELEASED = "released from review"
CLOSED = "closed in review"

MAY_GO_TO_REVIEW = frozenset(
    {ContactState.WAITING, ContactState.REACHED, ContactState.EXHAUSTED, ContactState.EXPIRED}
)
"""A contact that was taken out, suppressed or is being called again stays where it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewItem:
    """A contact in review and what is known of its latest attempt; the number is masked.

    `loss` is how its answer was lost (None where its call was known and never seen to end),
    `reason` what was noticed, `looks` how often it was looked for in vain.
    """

    contact_id: int
    row_number: int
    number: str
    why: str
    attempt_id: str | None
    ordinal: int | None
    from_number: str | None
    dialed_at: datetime | None
    lost_at: datetime | None
    given_up_at: datetime | None
    loss: Loss | None
    looks: int
    call_id: str | None
    reason: str | None


def review_queue(store: Store, record: CampaignRecord) -> list[ReviewItem]:
    """Return who of a campaign waits for a person, in the order of the list."""
    with store.reading() as tx:
        contacts = tx.contacts_in_review(record.id, limit=LISTED_MAX)
        return [_item(contact, tx.latest_attempt(contact)) for contact in contacts]


def _item(contact: Contact, attempt: Attempt | None) -> ReviewItem:
    return ReviewItem(
        contact_id=contact.id,
        row_number=contact.row_number,
        number=masked(contact.number),
        why=contact.why,
        attempt_id=attempt.id if attempt else None,
        ordinal=attempt.ordinal if attempt else None,
        from_number=masked(attempt.from_number) if attempt else None,
        dialed_at=attempt.reserved_at if attempt else None,
        lost_at=attempt.lost_at if attempt else None,
        given_up_at=attempt.ended_at if attempt else None,
        loss=attempt.loss if attempt else None,
        looks=attempt.looks + 1 if attempt and attempt.lost_at else 0,
        call_id=attempt.call_id if attempt else None,
        reason=attempt.reason if attempt else None,
    )


def release(
    store: Store, record: CampaignRecord, contact_ids: Collection[int], *, why: str, now: datetime
) -> int:
    """Let these be called again, at hours and within caps as ever; return how many were moved."""
    return _move(store, record, contact_ids, ContactState.WAITING, why=why, now=now)


def close(
    store: Store,
    record: CampaignRecord,
    contact_ids: Collection[int],
    *,
    reached: bool,
    why: str,
    now: datetime,
) -> int:
    """Call these no more, as reached or as withdrawn; return how many were moved."""
    state = ContactState.REACHED if reached else ContactState.WITHDRAWN
    return _move(store, record, contact_ids, state, why=why, now=now)


def _move(
    store: Store,
    record: CampaignRecord,
    contact_ids: Collection[int],
    state: ContactState,
    *,
    why: str,
    now: datetime,
) -> int:
    """Move those that are in review at this moment; whoever was faster has decided already."""
    moved = 0
    with store.transaction(organisation=record.organisation) as tx:
        for contact_id in contact_ids:
            contact = tx.contact(contact_id)
            if contact.campaign_id == record.id and contact.state is ContactState.REVIEW:
                if state is ContactState.WAITING:
                    _let_wait(tx, contact, why=why, now=now)
                else:
                    tx.set_contact(contact_id, state, until=now, why=why)
                moved += 1
    return moved


def claimed_twice(shift: Shift, tx: Transaction, attempt: Attempt, call: Call) -> None:
    """A call that belongs to one attempt was told as another's: both go to review, dialing stops.

    One of the two was told wrongly, and nobody can say which. `attempt` is open and has no call.
    """
    now = shift.clock.now()
    other = tx.attempt_of_call(call.id)
    named = other.id if other else "another attempt"
    reason = f"call {call.id} is told as this attempt's and as that of attempt {named}"
    _end_unknown(shift, tx, attempt, reason=reason, now=now)
    if other is not None:
        reason = f"its call {call.id} is told as that of attempt {attempt.id} too"
        _doubt(shift, tx, other, reason=reason, now=now)
    stop = (
        f"call {call.id} is told as that of two attempts, {attempt.id} and {named}. Both wait for "
        f"a person: inkbatch review {shift.record.name}. Then {GO_ON}"
    )
    stop_dialing(shift, tx, reason=stop)


def _end_unknown(
    shift: Shift, tx: Transaction, attempt: Attempt, *, reason: str, now: datetime
) -> None:
    if attempt.state is AttemptState.RESERVED:
        attempt = attempt.lose_reply(Loss.REPLY_LOST, at=now, reason=reason)
        if not tx.advance(attempt, from_state=AttemptState.RESERVED):
            return
    doubtful = replace(attempt, loss=Loss.REPLY_LOST, reason=reason)
    ended = doubtful.find_nothing(at=now)
    end_attempt(shift, tx, ended, from_state=AttemptState.UNCONFIRMED, now=now)


def _doubt(shift: Shift, tx: Transaction, other: Attempt, *, reason: str, now: datetime) -> None:
    """Put the attempt that had the call first, and its contact, into doubt."""
    if other.state is AttemptState.PLACED:
        ended = other.lose_sight(at=now, reason=reason)
        end_attempt(shift, tx, ended, from_state=AttemptState.PLACED, now=now)
        return
    contact = tx.contact(other.contact_id)
    latest = tx.latest_attempt(contact)
    if contact.state in MAY_GO_TO_REVIEW and latest is not None and latest.id == other.id:
        tx.set_contact(contact.id, ContactState.REVIEW, until=now, why=reason)


def release_unfound(shift: Shift, tx: Transaction, ended: Attempt, *, now: datetime) -> None:
    """Let be called again whose attempt nobody found, where the settings ask for that.

    It risks a second call: Inkbox may have placed the first and not listed it yet.
    """
    if not shift.timing.release_unfound:
        return
    contact = tx.contact(ended.contact_id)
    if contact.state is ContactState.REVIEW:
        period = _minutes(shift.timing.quiet_time)
        why = f"{RELEASED} by itself: not in the call list within {period}, as the settings allow"
        _let_wait(tx, contact, why=why, now=now)


def _let_wait(tx: Transaction, contact: Contact, *, why: str, now: datetime) -> None:
    """Let it be called again, even where what nobody can tell of was its last try."""
    left = max(contact.attempts_used - 1, 0)
    tx.set_contact(contact.id, ContactState.WAITING, until=now, why=why, attempts_used=left)


def _minutes(period: timedelta) -> str:
    return f"{period.total_seconds() / 60:g} minutes"


def named_in(items: Sequence[ReviewItem], ids: Sequence[str]) -> tuple[list[ReviewItem], list[str]]:
    """Return the items of these contact or attempt ids, and the ids that name none.

    The beginning of an attempt's id is enough where it names one alone.
    """
    named, unknown = dict[int, ReviewItem](), list[str]()
    for each in ids:
        matching = [item for item in items if _is_named(item, each)]
        if len(matching) == 1:
            named[matching[0].contact_id] = matching[0]
        else:
            unknown.append(each)
    return list(named.values()), unknown


BEGINNING_CHARACTERS = 6


def _is_named(item: ReviewItem, given: str) -> bool:
    if given == str(item.contact_id):
        return True
    return len(given) >= BEGINNING_CHARACTERS and (item.attempt_id or "").startswith(given)
