"""What a campaign came to after all the kills, judged from the sandbox's ledger."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from tests.acceptance.books import (
    LedgerLine,
    attempts_in,
    contacts_in,
    dialed_ids,
    disagreements,
    rows_of,
)
from tests.ledger_oracle import by_number

TALKED_TO = ("completed", "answered")


@dataclass(frozen=True)
class Findings:
    """Sentences: who was called twice, and what nobody accounts for; and how the contacts ended."""

    doubles: list
    losses: list
    contacts: Counter
    calls: int


def findings(ledger, database_url, *, rows, tries_max):
    """Judge one campaign whose last run has ended."""
    contacts = contacts_in(database_url)
    states = Counter(contact["state"] for contact in contacts)
    listed = rows_of(database_url, "SELECT COUNT(*) AS count FROM contact")[0]["count"]
    losses = [
        *disagreements(ledger, attempts_in(database_url)),
        *(f"{state}: {count} contacts" for state, count in states.items() if state in UNFINISHED),
        *([f"{listed} contacts of {rows} rows"] if listed != rows else []),
    ]
    return Findings(
        doubles=[*_twice_for_one_attempt(ledger), *_twice_at_all(ledger, tries_max)],
        losses=losses,
        contacts=states,
        calls=len(ledger),
    )


UNFINISHED = ("due", "waiting", "in_call")


def _twice_for_one_attempt(ledger):
    counted = Counter(dialed_ids(ledger))
    return [
        f"attempt {each} was dialed {count} times" for each, count in counted.items() if count > 1
    ]


def _twice_at_all(ledger, tries_max):
    for number, calls in by_number(map(LedgerLine, ledger)).items():
        if len(calls) > tries_max:
            yield f"{number} was called {len(calls)} times"
        for call, following in pairwise(calls):
            if _was_answered(call):
                yield f"{number} was called again after it had answered"
            elif call.ended_at is None or _moment(following.created_at) < _moment(call.ended_at):
                yield f"{number} was called again while its phone rang"


def _was_answered(call):
    return call.started_at is not None and call.hangup_reason not in ("voicemail", "rejected")


def _moment(text):
    return datetime.fromisoformat(text)
