"""Which answer a sentence is: by phrases, the longest of which counts.

"No problem" holds "no", and "yes, but call me later" holds "yes"; in both the longer phrase says
what is meant. Who asks not to be called is always understood first.
"""

import re
from collections.abc import Collection, Mapping, Sequence

from inkbatch.agent.script.clock_times import has_time

DO_NOT_CALL, TIME = "do_not_call", "time"
WORD = re.compile(r"[\w']+")

ANSWERS: Mapping[str, Sequence[str]] = {
    DO_NOT_CALL: (
        "do not call", "don't call", "dont call", "never call", "stop calling", "no more calls",
        "take me off", "remove me", "remove my number", "delete my number", "opt out",
        "unsubscribe", "leave me alone",
    ),
    "later": (
        "later", "call me later", "call back", "call me back", "another time", "not now",
        "not a good time", "bad time", "i'm busy", "i am busy", "in a meeting", "i'm driving",
        "i am driving", "tomorrow",
    ),
    "no": (
        "no", "nope", "nah", "no thanks", "no thank you", "not really", "i can't", "i cannot",
        "i can not", "i can't make it", "i won't", "i will not", "not coming", "cancel",
        "wrong number",
    ),
    "yes": (
        "yes", "yeah", "yep", "yup", "sure", "of course", "okay", "ok", "certainly", "absolutely",
        "definitely", "correct", "that's right", "that works", "no problem", "i'll be there",
        "i will be there", "see you then", "i can make it", "i'm coming", "sounds good",
    ),
}  # fmt: skip
"""What is understood without [answers] in the script; that adds to these, or adds new ones."""


def recognised(
    text: str, *, among: Collection[str], phrases: Mapping[str, Sequence[str]]
) -> str | None:
    """Return which of the answers `among` the text is, None if none of them.

    `phrases` are those of every answer. The answer `time` is a text that names a time of day.
    """
    words = _words(text)
    if DO_NOT_CALL in among and _longest(words, phrases.get(DO_NOT_CALL, ())):
        return DO_NOT_CALL
    if TIME in among and has_time(text):
        return TIME
    lengths = {
        answer: longest
        for answer, known in phrases.items()
        if answer in among and (longest := _longest(words, known))
    }
    return max(lengths, key=lengths.__getitem__) if lengths else None


def with_added(answers: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    """Return the phrases of every answer, those of the script first."""
    names = dict.fromkeys((*answers, *ANSWERS))
    return {name: (*answers.get(name, ()), *ANSWERS.get(name, ())) for name in names}


def _longest(words: str, phrases: Sequence[str]) -> int:
    """Return how many characters the longest phrase has that stands in the text as words."""
    found = [known for phrase in phrases if (known := _words(phrase)) in words]
    return max(map(len, found), default=0)


def _words(text: str) -> str:
    """Return the words in lower case between single blanks, with one at either end."""
    words = WORD.findall(text.casefold().replace("\u2019", "'"))
    return f" {' '.join(words)} "
