"""Whether a person may be called."""

import pytest

from inkbatch.adapters.call_lists.cells import BadCell
from inkbatch.adapters.call_lists.consent import (
    NO,
    REFUSALS,
    YES,
    may_be_called,
    must_not_be_called,
)


@pytest.mark.parametrize("text", ["no", "Nein", "FALSE", "0", "0.0", "non", "não", "opt-out", "✗"])
def test_a_clear_no_forbids_the_call(text):
    """A refusal holds in whatever language it was written."""
    assert not may_be_called(text)


@pytest.mark.parametrize("text", ["", "yes", "Ja", "TRUE", "1", "1.0", "sí", "Opted in", "x", "✓"])
def test_a_yes_and_an_empty_cell_forbid_nothing(text):
    """An empty cell states nothing; whoever needs a statement fills the column."""
    assert may_be_called(text)


@pytest.mark.parametrize("text", ["yes", "1", "x", "Opted out", "DNC", "unsubscribed", "never"])
def test_under_do_not_call_a_yes_forbids(text):
    """The column asks the other way round, and a refusal in words is one in both."""
    assert must_not_be_called(text)


@pytest.mark.parametrize("text", ["", "no", "0", "false", "nein"])
def test_under_do_not_call_a_no_and_an_empty_cell_forbid_nothing(text):
    """Most cells of such a column are empty or no."""
    assert not must_not_be_called(text)


@pytest.mark.parametrize("text", ["perhaps", "2026-11-30", "-", "?", "n/a", "yes, by mail only"])
@pytest.mark.parametrize("read", [may_be_called, must_not_be_called])
def test_other_words_are_refused(text, read):
    """Consent is never guessed."""
    with pytest.raises(BadCell, match="write yes or no"):
        read(text)


def test_no_word_says_both():
    """Yes, no and refusal have no word in common."""
    assert len(YES | NO | REFUSALS) == len(YES) + len(NO) + len(REFUSALS)
