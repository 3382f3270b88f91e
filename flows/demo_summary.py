"""What the demo shows at its end, with the limits checked against the sandbox's own ledger."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from inkbatch.cli.output import say
from inkbatch.cli.summary import show_summary
from inkbatch.ports import CampaignCounts
from inkbatch.sandbox import LedgerCall, Sandbox

DAY = timedelta(hours=24)
TOO_MANY = 429


def show_demo_summary(counts: CampaignCounts, sandbox: Sandbox, *, nights: int, out: Path) -> None:
    """Print counts that add up to the rows of the file, and what the ledger says of the limits."""
    ledger = sandbox.ledger()
    show_summary(counts)
    contacts = sum(counts.contacts.values())
    reached = counts.contacts.get("reached", 0)
    say(f"{reached} of {contacts} people were reached on {nights} days.")
    say(
        f"Busiest 24 hours in the sandbox's ledger: {most_calls(ledger)} calls, "
        f"{most_minutes(ledger):.1f} minutes; "
        f"{sandbox.answers_by_status().get(TOO_MANY, 0)} requests over the limit."
    )
    say(f"Report: {out / 'report.html'}  (exports and database beside it)")


def most_calls(ledger: Sequence[LedgerCall]) -> int:
    """Return the most calls created in any rolling 24 hours."""
    created = sorted(call.created_at for call in ledger)
    return max(
        (sum(at - DAY < other <= at for other in created) for at in created),
        default=0,
    )


def most_minutes(ledger: Sequence[LedgerCall]) -> float:
    """Return the most minutes talked within any rolling 24 hours."""
    talks = [
        (call.started_at, call.ended_at) for call in ledger if call.started_at and call.ended_at
    ]
    ends = [ended for _, ended in talks]
    return max((_talked(talks, until=end) for end in ends), default=0.0)


def _talked(talks: Sequence[tuple[datetime, datetime]], *, until: datetime) -> float:
    since = until - DAY
    inside = (min(ended, until) - max(started, since) for started, ended in talks)
    return sum(max(part.total_seconds(), 0.0) for part in inside) / 60
