"""What becomes of a row, by its number and by its other cells."""

from hypothesis import given, settings
from hypothesis import strategies as st

from inkbatch.adapters.call_lists import open_call_list, read_call_list
from inkbatch.adapters.call_lists.columns import Places, field_names
from inkbatch.adapters.call_lists.layout import Layout
from inkbatch.adapters.call_lists.rows import RowReader
from inkbatch.domain.call_list import Columns
from inkbatch.domain.list_row import RowStatus


def read_text(folder, text, **columns):
    path = folder / "people.csv"
    path.write_text(text, "utf-8")
    return read_call_list(path, columns=Columns(**columns), default_region="US")


def test_of_several_phone_columns_the_first_that_holds_a_number_is_called(tmp_path):
    """Mobile, then work: what is passed over is told, and all of them stay as fields."""
    text = (
        "Name,Work,Mobile\nAda,2125550101,4155550132\nBen,2125550102,\nClara,2125550103,415555013\n"
        "Dalia,ask,none\nEmeka,,\n"
    )
    call_list = read_text(tmp_path, text, phone=("Mobile", "Work"))
    ada, ben, clara, dalia, emeka = call_list.rows
    assert [row.number for row in (ada, ben, clara)] == [
        "+14155550132",
        "+12125550102",
        "+12125550103",
    ]
    assert (ada.reason, ben.reason) == (None, None)
    assert [one.number for one in ada.numbers] == ["+14155550132", "+12125550101"]
    assert [one.zones for one in ada.numbers] == [
        ("America/Los_Angeles",),
        ("America/New_York",),
    ]
    assert ben.numbers == clara.numbers == ()
    assert clara.status is RowStatus.ACCEPTED
    assert (
        clara.reason
        == "the number is too short: check it for missing digits; 'Work' is called instead"
    )
    assert (clara.column, clara.value) == ("Mobile", "415555013")
    assert (dalia.status, dalia.column, dalia.value) == (RowStatus.REJECTED, "Mobile", "none")
    assert emeka.reason == "there is no phone number: fill it in"
    assert call_list.columns == tuple(ada.fields) == ("name", "work", "mobile")


def test_a_later_number_that_cannot_be_called_is_left_out_and_told(tmp_path):
    """A wrong work number costs nobody the call to the mobile; an empty one is no mistake."""
    text = (
        "Mobile,Work,Zone\n4155550132,212555013,\n4155550133,n/a,\n4155550134,(415) 555-0134,\n"
        "4155550135,2125550105,Denver\n4155550136,+80012345678,\n4155550137,212 555 0107 x9,\n"
        "4155550138,12125550108,\n"
    )
    wrong, none, same, zoned, nowhere, extended, repaired = read_text(
        tmp_path, text, phone=("Mobile", "Work")
    ).rows
    assert (wrong.number, wrong.numbers) == ("+14155550132", ())
    assert wrong.reason.startswith("'Work' is left out: the number is too short")
    assert (wrong.column, wrong.value) == ("Work", "212555013")
    assert (none.reason, same.reason) == (None, None)
    assert none.numbers == same.numbers == ()
    assert {one.zones for one in zoned.numbers} == {("America/Denver",)}
    assert nowhere.numbers == extended.numbers == ()
    assert nowhere.reason.startswith("'Work' is left out: the number does not tell its time zone")
    assert extended.reason.endswith("may have an extension")
    assert [one.number for one in repaired.numbers] == ["+14155550138", "+12125550108"]
    assert repaired.reason == "'Work': the plus before the country code was missing"


def test_an_extension_is_kept_under_a_name_of_its_own(tmp_path):
    """It can be said by the agent, and hides no column of the file."""
    (row,) = read_text(tmp_path, "Phone\n+1 415 555 0132 ext. 7\n").rows
    assert (row.number, row.fields) == ("+14155550132", {"extension": "7"})
    (row,) = read_text(tmp_path, "Phone,Extension\n+1 415 555 0132 ext. 7,desk\n").rows
    assert row.fields == {"extension": "desk", "phone_extension": "7"}


def test_the_kind_of_number_is_recorded(tmp_path):
    """A report can tell mobiles from landlines."""
    text = "Phone\n+14155550132\n+442079460123\n+447400123456\n+18005550199\n"
    kinds = [row.number_type for row in read_text(tmp_path, text).rows]
    assert kinds == ["fixed_line_or_mobile", "fixed_line", "mobile", "toll_free"]


def test_a_zone_that_contradicts_the_number_is_followed_and_told(tmp_path):
    """A person who moved is called in the morning of where they are; a slip can be mended."""
    text = (
        "Phone,Time zone\n+14155550132,America/New_York\n+14155550133,America/Vancouver\n"
        "+14155550134,America/Los_Angeles\n4155550135.0,America/New_York\n"
    )
    moved, near, same, repaired = read_text(tmp_path, text).rows
    assert (moved.status, moved.zones) == (RowStatus.ACCEPTED, ("America/New_York",))
    assert moved.reason.startswith("the number speaks for America/Los_Angeles; this column")
    assert (moved.column, moved.value) == ("Time zone", "America/New_York")
    assert (near.reason, same.reason) == (None, None)
    assert repaired.status is RowStatus.REPAIRED
    assert "its .0 was dropped; the number speaks for" in repaired.reason


def test_who_does_not_consent_is_not_called_by_any_row(tmp_path):
    """A no holds for the number, wherever in the file it stands; empty states nothing."""
    text = (
        "Phone,Consent,Do not call\n+14155550132,yes,\n+14155550133,,no\n+1 415 555 0134,,\n"
        "+14155550134,No,\n+14155550135,,yes\n+14155550135,yes,\n+14155550136,perhaps,\n"
    )
    rows = list(read_text(tmp_path, text).rows)
    assert [row.status.value for row in rows] == ["accepted"] * 2 + ["rejected"] * 5
    assert [row.column for row in rows[2:]] == [
        "Phone",
        "Consent",
        "Do not call",
        "Phone",
        "Consent",
    ]
    assert rows[2].reason.startswith("another row with this number says")
    assert rows[3].reason.startswith("the person does not want to be called")
    assert "write yes or no" in rows[6].reason


def test_suppressed_numbers_are_told_apart(tmp_path):
    """`check` of a campaign shows whom its own files forbid to call."""
    path = tmp_path / "people.csv"
    path.write_text("Phone\n+14155550132\n+14155550133\n+14155550132\n")
    rows = open_call_list(
        path,
        columns=Columns(),
        default_region=None,
        suppressed={"+14155550132": "asked not to be called"},
    )
    first, other, again = rows
    assert (first.status, other.status) == (RowStatus.SUPPRESSED, RowStatus.ACCEPTED)
    assert first.reason == "on the suppression list: asked not to be called"
    assert (again.status, again.duplicate_of) == (RowStatus.DUPLICATE, 2)


cells = st.one_of(
    st.sampled_from(["", "+14155550132", "4155550132", "4155550132.0", "415555013", "4.1E+09"]),
    st.sampled_from(
        ["US", "Nowhere", "America/New_York", "EST", "2026-11-30", "7", "+442079460123", "no"]
    ),
    st.text(max_size=20),
)


def read_row(reader, row_number, row):
    return reader.settle(reader.understand(row_number, row), row)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(*[cells] * 8), max_size=25), st.sampled_from(["US", "GB", None]))
def test_every_row_is_accounted_for(table, region):
    """Whatever a file holds, each row is there once, in order, with a reason if not called."""
    headers = ("Mobile", "Work", "Zone", "Country", "Priority", "After", "Before", "Consent")
    places = Places(
        phones=(0, 1), zone=2, region=3, priority=4, not_before=5, deadline=6, consent=7
    )
    layout = Layout(places=places, labels=headers, names=field_names(headers))
    reader = RowReader(layout, default_region=region, suppressed={}, refused=frozenset())
    rows = [read_row(reader, row_number, row) for row_number, row in enumerate(table, start=2)]
    assert [row.row_number for row in rows] == list(range(2, len(table) + 2))
    contacts = [row for row in rows if row.becomes_contact]
    assert len({row.number for row in contacts}) == len(contacts)
    assert all(row.number and row.zones and row.number_type for row in contacts)
    for row in rows:
        assert row.status is RowStatus.ACCEPTED or row.reason
        if row.status is RowStatus.DUPLICATE:
            assert rows[row.duplicate_of - 2].number == row.number
            assert rows[row.duplicate_of - 2].becomes_contact
