"""What the agent says an attempt came to, and what follows from it.

A disposition tells what became of the call; a result tells what became of the conversation, which
only the agent knows. So a result outranks the disposition, whatever that is: an agent that talked
to somebody on a call that counts as voicemail, or that nobody can tell about, has reached them.

An attempt may get several results. All are kept, and one of them stands: the last that came, but
an opt-out is never taken back by a later one. Over the attempts of a contact, an opt-out ends it as
suppressed; else the last that came of the successes and of what stands for the latest attempt
decides: a call-back that was asked for before the latest attempt is settled by that attempt.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from inkbatch.domain.attempt import Attempt
from inkbatch.domain.contact import Contact, ContactState
from inkbatch.domain.retry_policy import Following, RetryPolicy, after_attempt
from inkbatch.domain.suppression import Suppression, on_the_list

ID_LENGTH_MAX = 200
WORD_LENGTH_MAX = 100
FIELDS_MAX = 100
FIELDS_BYTES_MAX = 64 * 1024
"""Of the fields as JSON."""

TRANSCRIPT_ENTRIES_MAX = 2_000
TRANSCRIPT_CHARACTERS_MAX = 200_000
"""Over all entries: five hours of talk."""

RESULTS_MAX = 100
"""Of one attempt; an opt-out has room beyond it."""

OPTED_OUT = "opted out on a call"


class Effect(StrEnum):
    """What a result does."""

    SUCCESS = "success"  # the contact is reached: nobody calls it again
    CALL_BACK = "call_back"  # the contact waits until the time it asked for
    DO_NOT_CALL = "do_not_call"  # the number goes to the suppression list, for all campaigns
    NONE = "none"  # a word for the report; the campaign's retry policy decides


class Party(StrEnum):
    """Who spoke."""

    REMOTE = "remote"  # the person called
    LOCAL = "local"  # the agent


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """One entry of a transcript; `ts_ms` counts milliseconds from the start of the talk."""

    party: Party
    text: str
    ts_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One result of one attempt.

    `id` makes it idempotent within its attempt. `word` is the campaign's own, shown in reports.
    `call_back_at` is aware UTC, and there if and only if the effect is to call back. Raises
    ValueError, with a sentence that quotes no value, beyond the limits of this module.
    """

    id: str
    attempt_id: str
    word: str
    effect: Effect
    posted_at: datetime
    call_back_at: datetime | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)
    transcript: tuple[Spoken, ...] = ()

    def __post_init__(self) -> None:
        _require_text("id", self.id, length_max=ID_LENGTH_MAX)
        _require_text("result", self.word, length_max=WORD_LENGTH_MAX)
        if (self.effect is Effect.CALL_BACK) is not (self.call_back_at is not None):
            raise ValueError("call_back_at goes with the effect call_back, and with no other")
        if len(self.fields) > FIELDS_MAX:
            raise ValueError(f"fields has more than {FIELDS_MAX} names")
        if len(self.transcript) > TRANSCRIPT_ENTRIES_MAX:
            raise ValueError(f"transcript has more than {TRANSCRIPT_ENTRIES_MAX:,} entries")
        if sum(len(spoken.text) for spoken in self.transcript) > TRANSCRIPT_CHARACTERS_MAX:
            raise ValueError(f"transcript has more than {TRANSCRIPT_CHARACTERS_MAX:,} characters")


def standing(results: Iterable[Result]) -> Result | None:
    """Return the one that counts of one attempt's results, given in the order they came."""
    last: Result | None = None
    for result in results:
        if last is None or last.effect is not Effect.DO_NOT_CALL:
            last = result
    return last


def require_room(results: Iterable[Result], *, attempt_id: str, effect: Effect) -> None:
    """Raise ValueError where an attempt has all the results it may have; a first opt-out fits."""
    kept = [result.effect for result in results if result.attempt_id == attempt_id]
    fits = effect is Effect.DO_NOT_CALL and Effect.DO_NOT_CALL not in kept
    if len(kept) >= RESULTS_MAX and not fits:
        raise ValueError(f"the attempt has {RESULTS_MAX} results already, and takes no more")


def opt_out(result: Result, *, number: str, campaign: str) -> Suppression:
    """Return the entry of the suppression list that a do_not_call makes; it never ends."""
    return Suppression(
        number=number,
        reason=OPTED_OUT,
        source=f"campaign {campaign}, attempt {result.attempt_id}",
        added_at=result.posted_at,
    )


def deciding(results: Sequence[Result], *, latest: Attempt) -> Result | None:
    """Return the result that moves a contact whose latest attempt is `latest`; None: no result.

    `results` are those of all the contact's attempts, in the order they came.
    """
    of_attempt = dict[str, list[Result]]()
    for result in results:
        of_attempt.setdefault(result.attempt_id, []).append(result)
    stand = [standing(group) for group in of_attempt.values()]
    candidates = [result for result in results if result in stand]
    for result in candidates:
        if result.effect is Effect.DO_NOT_CALL:
            return result
    acting = [
        result
        for result in candidates
        if result.effect is Effect.SUCCESS or result.attempt_id == latest.id
    ]
    return acting[-1] if acting else None


def what_follows(
    policy: RetryPolicy,
    ended: Attempt,
    *,
    contact: Contact,
    attempts_used: int,
    results: Sequence[Result],
) -> Following:
    """Return what follows the contact's latest attempt, which ended, with all results so far.

    `attempts_used` includes it if it used up a try. The campaign's `attempts.max` holds for
    call-backs too; window and caps are asked when the call-back is dialed.
    """
    result = deciding(results, latest=ended)
    match result.effect if result else Effect.NONE:
        case Effect.DO_NOT_CALL:
            return _final(ContactState.SUPPRESSED, ended, why=on_the_list(OPTED_OUT))
        case Effect.SUCCESS:
            return _final(ContactState.REACHED, ended, why="success, says the agent")
        case Effect.CALL_BACK if result and result.call_back_at:
            return _call_back(
                policy, ended, contact, at=result.call_back_at, attempts_used=attempts_used
            )
    return after_attempt(policy, ended, attempts_used=attempts_used)


def _call_back(
    policy: RetryPolicy, ended: Attempt, contact: Contact, *, at: datetime, attempts_used: int
) -> Following:
    asked = f"asked to be called back at {at:%Y-%m-%d %H:%M} UTC"
    if contact.expires_at is not None and at >= contact.expires_at:
        return _final(ContactState.EXPIRED, ended, why=f"{asked}, which is after its deadline")
    if attempts_used >= policy.attempts_max:
        used = f"all {policy.attempts_max} tries are used"
        return _final(ContactState.EXHAUSTED, ended, why=f"{asked}, but {used}")
    return Following(state=ContactState.WAITING, until=at, why=asked, comes_first=True)


def _final(state: ContactState, ended: Attempt, *, why: str) -> Following:
    if ended.ended_at is None:
        raise ValueError(f"{ended.label} has not ended")
    return Following(state=state, until=ended.ended_at, why=why)


def _require_text(name: str, text: str, *, length_max: int) -> None:
    if not text.strip() or len(text) > length_max or not text.isprintable():
        raise ValueError(f"{name} must be 1 to {length_max} printable characters")
