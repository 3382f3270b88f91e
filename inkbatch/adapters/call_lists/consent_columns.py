"""Columns that may say who must not be called: none of them is passed over in silence."""

from collections.abc import Sequence
from pathlib import Path

from inkbatch.adapters.call_lists.header_words import consent_role, mentions_consent
from inkbatch.domain.errors import CallListError

HEADERS_TOLD_MAX = 10


def notes_on_consent(
    headers: Sequence[str], file: Path, *, taken: frozenset[int], is_named: bool
) -> tuple[str, ...]:
    """Tell of columns that may say no and are not `taken`, where [columns] names what to go by.

    Raises CallListError where it does not: whom such a column names would be called.
    """
    passed_over = [
        place
        for place, header in enumerate(headers)
        if place not in taken and (consent_role(header) or mentions_consent(header))
    ]
    if not passed_over:
        return ()
    if not is_named:
        raise _doubtful(headers, file, passed_over)
    return (
        (
            f"{_first_of([headers[place] for place in passed_over])} may say who must not be "
            "called, but is not looked at, since [columns] says what to go by: make one column of "
            "several if more than one counts"
        ),
    )


def _doubtful(headers: Sequence[str], file: Path, passed_over: Sequence[int]) -> CallListError:
    doubtful = [
        header
        for place, header in enumerate(headers)
        if consent_role(header) or place in passed_over
    ]
    return CallListError(
        f"{file} does not tell for sure which column says who must not be called: "
        f"{_first_of(doubtful)}; name the one to go by under [columns] consent or do_not_call, or "
        'write do_not_call = "" if none says it'
    )


def _first_of(headers: Sequence[str]) -> str:
    more = ", ..." if len(headers) > HEADERS_TOLD_MAX else ""
    return ", ".join(map(repr, headers[:HEADERS_TOLD_MAX])) + more
