"""The summary of a campaign, whose numbers add up to the rows of the file."""

from collections import Counter

from inkbatch.cli.output import console, counts_table
from inkbatch.ports import CampaignCounts


def show_summary(counts: CampaignCounts) -> None:
    """Print rows, contacts and attempts; each table ends with its sum."""
    attempts = {**counts.attempts, **counts.open_attempts}
    console.print(counts_table("Rows of the call list", where_rows_stand(counts), total="rows"))
    console.print(counts_table("Attempts", attempts, total="attempts"))
    console.print(f"Talk time: {counts.talk_minutes:.1f} minutes", highlight=False)


def where_rows_stand(counts: CampaignCounts) -> Counter[str]:
    """Return every row of the file once: by its contact's state, else by its own status.

    Suppressed are both the rows that never became contacts and the contacts who opted out later.
    """
    others = {status: count for status, count in counts.rows.items() if status not in CALLED}
    return Counter(counts.contacts) + Counter(others)


CALLED = frozenset({"accepted", "repaired"})
"""Rows that became contacts; they are shown by the contact's state instead."""
