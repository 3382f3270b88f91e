"""What a check-up finds: what was looked at, what was seen, and what to do about it."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """How much a finding matters."""

    FINE = "fine"  # nothing to do
    BEWARE = "beware"  # calls can be made, but something will bite
    WRONG = "wrong"  # as it stands, calls cannot be made or their outcome is lost


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line of a check-up; `advice` says what to do now, and is empty where all is fine."""

    what: str
    verdict: Verdict
    saw: str
    advice: str = ""


def fine(what: str, saw: str) -> Finding:
    """Return that something is as it should be."""
    return Finding(what=what, verdict=Verdict.FINE, saw=saw)


def beware(what: str, saw: str, *, advice: str) -> Finding:
    """Return that something will bite."""
    return Finding(what=what, verdict=Verdict.BEWARE, saw=saw, advice=_sentence(advice))


def wrong(what: str, saw: str, *, advice: str) -> Finding:
    """Return that something does not work."""
    return Finding(what=what, verdict=Verdict.WRONG, saw=saw, advice=_sentence(advice))


def _sentence(text: str) -> str:
    """Begin with a capital letter: the messages of errors follow the program's name elsewhere."""
    return text[:1].upper() + text[1:]
