"""Files of numbers never to call."""

from datetime import UTC, datetime, timedelta

import pytest
import xlsxwriter

from inkbatch.adapters.call_lists import read_suppression_file
from inkbatch.adapters.call_lists.suppression_files import read_suppressions, read_until
from inkbatch.domain.errors import CallListError

NOW = datetime(2026, 11, 22, tzinfo=UTC)
HER, HIM, LONDON = "+14155550132", "+14155550133", "+442079460123"


@pytest.fixture
def write(tmp_path):
    """Write a file of this text."""

    def to(text, name="do_not_call.csv"):
        path = tmp_path / name
        path.write_text(text, "utf-8")
        return path

    return to


@pytest.fixture
def read(write):
    """Read a file of this text."""

    def from_(text, *, name="do_not_call.csv", **options):
        given = {"default_region": "US", "now": NOW, **options}
        return read_suppressions(write(text, name), **given)

    return from_


def numbers(found):
    return [entry.number for entry in found.suppressions]


def test_numbers_and_reasons_are_read(read):
    """Each number is suppressed in E.164 for its reason, or for standing in the file."""
    found = read(f"Phone,Reason\n(415) 555-0132,opted out\n\n{LONDON},\n")
    assert [(entry.number, entry.reason) for entry in found.suppressions] == [
        (HER, "opted out"),
        (LONDON, "listed in do_not_call.csv"),
    ]
    for entry in found.suppressions:
        assert (entry.added_at, entry.source, entry.expires_at) == (NOW, "do_not_call.csv", None)
    assert (found.unread, found.rows_unread, found.expired) == ((), 0, 0)


def test_what_a_row_does_not_say_is_said_for_all(read):
    """A reason and an end given for the file hold for the rows without their own."""
    later = NOW + timedelta(days=30)
    found = read(
        f"Telefon;Grund;Gültig bis\n{HER};zog um;2026-11-30\n{HIM};;\n",
        reason="asked by letter",
        expires_at=later,
    )
    assert [(entry.reason, entry.expires_at) for entry in found.suppressions] == [
        ("zog um", datetime(2026, 12, 1, 12, tzinfo=UTC)),
        ("asked by letter", later),
    ]


def test_a_last_day_is_over_when_it_is_over_everywhere():
    """Nobody is called on the last day of a suppression, in Honolulu no more than in Auckland."""
    assert read_until("2026-12-31") == datetime(2027, 1, 1, 12, tzinfo=UTC)
    assert read_until("2026-12-31T17:00Z") == datetime(2026, 12, 31, 17, tzinfo=UTC)
    assert read_until("") is None


def test_a_suppression_that_is_over_is_counted_and_left_out(read):
    """An old list does not claim to add what no longer holds."""
    found = read(f"Phone,until\n{HER},2026-11-19\n{HIM},2026-11-22\n")
    assert (numbers(found), found.expired) == ([HIM], 1)


@pytest.mark.parametrize(
    ("headers", "found"),
    [
        ("Name,Mobile,Work phone", [HER, HIM]),
        ("Name,Phone 1,Phone 2", [HER, HIM]),
        ("Name,Handynummer,Festnetz", [HER, HIM]),
        ("Name,Column B,Column C", [HER, HIM]),
        ("Name,Phone,Remark", [HER, HIM]),
        ("Name,Phone,Fax", [HER, HIM]),
        ("Name,Phone,Tel (alt)", [HER, HIM]),
        ("Name,Number,Remark", [HER, HIM]),
    ],
)
def test_all_numbers_of_a_person_are_suppressed(read, headers, found):
    """Who asked not to be called is called at none of several numbers, whatever their headers."""
    assert numbers(read(f"{headers}\nAda,{HER},{HIM}\n")) == found


def test_one_of_several_numbers_is_enough(read):
    """A row is unreadable only where a filled cell is, or where it has no number at all."""
    found = read(f"Name,Mobile,Phone\nAda,{HER},\nBob,,{HIM}\nCyd,,\nDan,12,{LONDON}\n")
    assert numbers(found) == [HER, HIM, LONDON]
    assert [sentence[:6] for sentence in found.unread] == ["row 4:", "row 5:"]


@pytest.mark.parametrize(
    "text",
    [
        f"{HER}\n{HIM}\n",
        f"{HER}\r\n{HIM}\r\n",
        "(415) 555-0132\n(415) 555-0133\n",
        f"Ada,{HER}\nBob,{HIM}\n",
        f"Do not call\n{HER}\n{HIM}\n",
    ],
)
def test_a_bare_list_of_numbers_loses_none(read, text):
    """The commonest do-not-call list has no header; its first number is no header either."""
    found = read(text)
    assert (numbers(found), found.unread) == ([HER, HIM], ())


@pytest.mark.parametrize("header", ["4155550132 opted out", f"Phone {HER}"])
def test_a_number_where_a_header_should_be_is_not_passed_over(read, header):
    """Whoever stands there would be called: the row is told, and holds up the whole file."""
    found = read(f"{header}\n{HIM}\n")
    assert numbers(found) == [HIM]
    assert [told.partition(":")[0] for told in found.unread] == ["row 1"]


def test_a_number_above_wider_rows_is_not_taken_for_a_column_name(write):
    """A first row that is shorter than the others looks like a title, but holds somebody."""
    path = write(f"{HER}\n{HIM},opted out,by mail\n{LONDON},asked,by phone\n")
    with pytest.raises(CallListError, match="where its column names should be"):
        read_suppressions(path, default_region="US", now=NOW)


def test_a_number_in_a_column_without_a_name_is_suppressed_too(read):
    """A stray delimiter moves a number to the right; other stray texts do no harm."""
    found = read(f"Phone,Reason\n{HER},asked,4155550133\n{LONDON},,thrice,\n")
    assert (numbers(found), found.unread) == ([HER, HIM, LONDON], ())


def test_the_country_of_a_row_says_how_its_number_is_meant(read):
    """A national number abroad suppresses the person meant and no stranger."""
    found = read(f"Phone,Country\n020 7946 0123,GB\n4155550132,\n{HIM},Atlantis\n")
    assert numbers(found) == [LONDON, HER, HIM]
    (sentence,) = read("Phone,Country\n4155550132,Atlantis\n").unread
    assert "row 2: this is no known country" in sentence


def test_a_state_of_a_row_is_not_taken_for_its_country(read):
    """The person who asked in Delaware is suppressed, and nobody in Germany instead."""
    found = read("Phone,Region\n4155550132,DE\n4155550133,CA\n")
    assert (numbers(found), found.unread) == ([HER, HIM], ())


@pytest.mark.parametrize(
    ("header", "cell", "is_told"),
    [("Land", "Bayern", True), ("Region", "CA", True), ("Land", "GB", False), ("City", "x", False)],
)
def test_a_column_that_may_be_the_country_is_told_if_not_believed(read, header, cell, is_told):
    """Whoever meant the country by it sees that numbers without a plus were read without it."""
    notes = read(f"Phone,{header}\n{HER},{cell}\n{HIM},{cell}\n").notes
    assert any(f'"{header}" is not taken for the country' in note for note in notes) == is_told


def test_without_a_country_a_national_number_is_not_guessed(read):
    """No region was given: the number is reported and not taken for an American one."""
    found = read("Phone\n4155550132\n", default_region=None)
    assert (numbers(found), found.rows_unread) == ([], 1)


def test_an_end_that_cannot_be_read_is_reported(read):
    """A suppression is never taken to last longer or shorter than its row says."""
    found = read(f"Phone,expires\n{HER},next year\n{HIM},\n")
    assert numbers(found) == [HIM]
    assert found.unread[0].startswith("row 2: this is no ")


def test_no_value_of_a_cell_is_in_a_sentence(read):
    """What cannot be read may be a phone number, and sentences may be logged."""
    (sentence,) = read("Phone\n415555013\n").unread
    assert not any(digit in sentence.removeprefix("row 2") for digit in "013456789")


def test_the_sheet_that_was_named_is_read_and_the_others_are_told(tmp_path):
    """A workbook keeps its numbers on some sheet; real dates end a suppression as typed ones do."""
    path = tmp_path / "do_not_call.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        for name, number in (("Mail", HER), ("Phone", HIM)):
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, ["Phone", "Until"])
            sheet.write_string(1, 0, number)
            sheet.write_datetime(1, 1, datetime(2026, 12, 31), day)  # noqa: DTZ001 (as XLSX has it)
    first = read_suppressions(path, default_region=None, now=NOW)
    named = read_suppressions(path, default_region=None, now=NOW, sheet="Phone")
    assert (numbers(first), numbers(named)) == ([HER], [HIM])
    assert "Phone" in " ".join(first.notes)
    assert named.suppressions[0].expires_at == read_until("2026-12-31")


def test_a_file_without_phone_numbers_is_refused(write):
    """Nothing is suppressed by a file of something else, and the person is told what to do."""
    path = write("Name,City\nAda,London\n")
    with pytest.raises(CallListError, match="name the one that does Phone"):
        read_suppressions(path, default_region="US", now=NOW)


def test_one_unreadable_number_refuses_a_campaigns_file(write):
    """Nobody who asked not to be called is called because of a typing mistake."""
    path = write("Phone\n4155550132\n415555013\n")
    with pytest.raises(CallListError, match="row 3: the number is too short"):
        read_suppression_file(path, default_region="US", now=NOW)


def test_a_campaigns_file_that_can_be_read_is_returned(write):
    """The entries of a clean file are what the campaign suppresses."""
    read = read_suppression_file(write(f"Phone\n{HER}\n"), default_region=None, now=NOW)
    (entry,) = read.suppressions
    assert (entry.number, entry.source) == (HER, "do_not_call.csv")


def test_many_unreadable_numbers_do_not_fill_the_screen(write):
    """The first five rows are named, the rest counted."""
    path = write("Phone\n" + "x\n" * 9)
    with pytest.raises(CallListError, match=r"row 6: .*; and 4 more\. ") as caught:
        read_suppression_file(path, default_region="US", now=NOW)
    assert "row 7" not in str(caught.value)
