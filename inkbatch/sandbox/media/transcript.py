"""What was said in a call, and by whom, as webhooks and the sandbox's own endpoint tell it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

ENTRIES_MAX = 1_000
TEXT_LENGTH_MAX = 4_000


class Party(StrEnum):
    """Who speaks, with Inkbox's words: the agent is local, the callee remote."""

    LOCAL = "local"
    REMOTE = "remote"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One turn; `ts_ms` counts from the answer to the first word."""

    party: Party
    text: str
    ts_ms: int

    def json(self) -> dict[str, Any]:
        """Return the entry as webhooks carry it."""
        return {"party": self.party, "text": self.text, "ts_ms": self.ts_ms}


class Transcript:
    """The turns of one call in the order of their first words, at most ENTRIES_MAX."""

    def __init__(self) -> None:
        """Begin with nothing said."""
        self._entries: list[Entry] = []

    def add(self, party: Party, text: str, *, seconds: float) -> None:
        """Keep what a party began to say so many seconds after the answer; blanks are nothing."""
        text = text.strip()[:TEXT_LENGTH_MAX]
        if text and len(self._entries) < ENTRIES_MAX:
            self._entries.append(Entry(party=party, text=text, ts_ms=round(seconds * 1000)))

    def entries(self) -> tuple[Entry, ...]:
        """Return the turns so far."""
        return tuple(sorted(self._entries, key=lambda entry: entry.ts_ms))
