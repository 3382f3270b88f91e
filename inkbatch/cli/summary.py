"""The summary of a campaign, whose numbers add up to the rows of the file."""

from inkbatch.cli.output import console, counts_table
from inkbatch.ports import CampaignCounts


def show_summary(counts: CampaignCounts) -> None:
    """Print rows, contacts and attempts; each table ends with its sum."""
    rows = dict(counts.rows)
    contacts = {state: count for state, count in counts.contacts.items() if count}
    others = {status: count for status, count in rows.items() if status not in CALLED}
    attempts = {**counts.attempts, **counts.open_attempts}
    console.print(counts_table("Rows of the call list", {**contacts, **others}, total="rows"))
    console.print(counts_table("Attempts", attempts, total="attempts"))
    console.print(f"Talk time: {counts.talk_minutes:.1f} minutes", highlight=False)


CALLED = frozenset({"accepted", "repaired"})
"""Rows that became contacts; they are shown by the contact's state instead."""
