"""Our terms as people on the page read them."""

from inkbatch.domain.attempt import AttemptState
from inkbatch.domain.contact import ContactState
from inkbatch.domain.disposition import Disposition
from inkbatch.domain.list_row import RowStatus

CONTACT_STATES = {
    ContactState.REACHED: "Reached",
    ContactState.IN_CALL: "In a call",
    ContactState.DUE: "Ready to call",
    ContactState.WAITING: "Waiting for a later time",
    ContactState.REVIEW: "For review",
    ContactState.EXHAUSTED: "No tries left",
    ContactState.EXPIRED: "Deadline passed",
    ContactState.SUPPRESSED: "Never call",
    ContactState.WITHDRAWN: "Taken out",
}
"""In the order of the bar of all people: done, still to do, given up."""

OUTCOMES = {
    Disposition.ANSWERED: "Answered",
    Disposition.VOICEMAIL: "Voicemail",
    Disposition.NO_ANSWER: "No answer",
    Disposition.REJECTED: "Declined",
    Disposition.FAILED: "Call failed",
    Disposition.DIAL_FAILED: "Could not be dialed",
    Disposition.BLOCKED: "Blocked at Inkbox",
    Disposition.REFUSED: "Our number was refused",
    Disposition.INVALID: "Number not valid",
    Disposition.UNKNOWN: "Unclear, for review",
}
PROGRESS = {
    AttemptState.PLANNED: "About to dial",
    AttemptState.RESERVED: "Dialing",
    AttemptState.PLACED: "In progress",
    AttemptState.UNCONFIRMED: "Being looked up",
    AttemptState.ENDED: "Ended",
    AttemptState.WITHDRAWN: "Taken back",
}
ROW_STATUSES = {
    RowStatus.ACCEPTED: "Ready to call",
    RowStatus.REPAIRED: "Repaired",
    RowStatus.DUPLICATE: "Duplicates",
    RowStatus.SUPPRESSED: "Never call",
    RowStatus.REJECTED: "Cannot be called",
}
CAMPAIGN_STATES = {
    "draft": "Draft",
    "running": "Dialing",
    "waiting": "Waiting",
    "active": "Not running",
    "paused": "Paused",
    "canceled": "Canceled",
    "done": "Finished",
    "broken": "Needs a look",
}
LIMITS = {
    "campaign": "Campaign",
    "hold": "Pause by Inkbox",
    "pilot": "Pilot",
    "contacts": "People and their hours",
    "calls at once": "Calls at the same time",
    "calls per minute": "Calls a minute",
    "calls": "Calls in 24 hours",
    "minutes": "Minutes in 24 hours",
    "share": "Share of the budget",
}
ROLES = {
    "phone": "Phone number",
    "zone": "Time zone",
    "region": "Country",
    "priority": "Priority",
    "not_before": "Not before",
    "deadline": "Deadline",
    "consent": "Consent",
    "do_not_call": "Do not call",
}
"""What a column of a call list can be used as."""

LABELS: dict[str, str] = {
    str(key): label
    for labels in (PROGRESS, OUTCOMES, CONTACT_STATES)
    for key, label in labels.items()
}
HANG_UPS = {
    "local": "The agent hung up",
    "remote": "The person hung up",
    "voicemail": "",
    "rejected": "",
}
TONES = {
    "answered": "good",
    "reached": "good",
    "accepted": "good",
    "voicemail": "soft",
    "no_answer": "calm",
    "repaired": "soft",
    "duplicate": "calm",
    "rejected": "bad",
    "suppressed": "calm",
    "unknown": "warn",
    "review": "warn",
}
"""The colour of a mark; everything else is calm."""


def title(term: str) -> str:
    """Return a term of ours as a label."""
    return LABELS.get(str(term), str(term).replace("_", " ").capitalize())


def outcome(term: str) -> str:
    """Return what an attempt came to, or where it stands."""
    return title(term)


def row_status(term: str) -> str:
    """Return what became of a row of a list."""
    return ROW_STATUSES[RowStatus(term)]


def tone(term: str) -> str:
    """Return the colour of a mark for a term."""
    return TONES.get(str(term), "calm")


def ended_by(reason: str | None) -> str:
    """Return why an attempt ended; Inkbox has single words for who hung up."""
    told = (reason or "").strip()
    return HANG_UPS.get(told, f"{told[:1].upper()}{told[1:]}")


def counted(count: float, thing: str, things: str | None = None) -> str:
    """Return a count with its noun: «1 call», «1,204 calls»."""
    return f"{count:,.0f} {thing if count == 1 else things or thing + 's'}"


def share(part: float, whole: float) -> str:
    """Return a share in whole percent, never a rounded 0 or 100."""
    if not whole:
        return "\N{EN DASH}"
    percent = 100 * part / whole
    if 0 < percent < 1:
        return "<1%"
    return ">99%" if 99 < percent < 100 else f"{percent:.0f}%"  # noqa: PLR2004 (what rounds to 100)
