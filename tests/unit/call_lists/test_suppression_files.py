"""Files of numbers never to call."""

from datetime import UTC, datetime

import pytest

from inkbatch.adapters.call_lists import read_suppression_file
from inkbatch.domain.errors import CallListError

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def read(tmp_path, text):
    path = tmp_path / "do_not_call.csv"
    path.write_text(text, "utf-8")
    return read_suppression_file(path, default_region="US", now=NOW)


def test_numbers_and_reasons_are_read(tmp_path):
    """Each number is suppressed in E.164 for its reason, or for standing in the file."""
    found = read(tmp_path, "Phone,Reason\n(415) 555-0132,opted out\n\n+442079460123,\n")
    assert [(one.number, one.reason) for one in found] == [
        ("+14155550132", "opted out"),
        ("+442079460123", "listed in do_not_call.csv"),
    ]
    assert all(one.added_at == NOW and one.source == "do_not_call.csv" for one in found)


def test_one_unreadable_number_refuses_the_file(tmp_path):
    """Nobody who asked not to be called is called because of a typing mistake."""
    with pytest.raises(CallListError, match="row 3: the number is too short"):
        read(tmp_path, "Phone\n4155550132\n415555013\n")


def test_many_unreadable_numbers_do_not_fill_the_screen(tmp_path):
    """The first five rows are named, the rest counted."""
    with pytest.raises(CallListError, match=r"row 6: .*; and 4 more$"):
        read(tmp_path, "Phone\n" + "x\n" * 9)
