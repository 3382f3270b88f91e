"""Which column holds what."""

from pathlib import Path

import pytest

from inkbatch.adapters.call_lists.columns import USUAL_HEADERS, Places, field_names, locate
from inkbatch.domain.call_list import Columns
from inkbatch.domain.errors import CallListError

FILE = Path("people.csv")


def found(headers, **columns):
    return locate(Columns(**columns), headers=headers, file=FILE)


def test_usual_headers_are_recognised():
    """Nobody has to name columns that are called as columns usually are."""
    headers = ["Name", "Mobile Phone", "TimeZone", "Country", "Priority", "Not before", "Deadline"]
    assert found(headers) == Places(phone=1, zone=2, region=3, priority=4, not_before=5, deadline=6)


@pytest.mark.parametrize("usual", USUAL_HEADERS["phone"])
def test_every_usual_name_of_a_phone_column_is_known(usual):
    """The first try of most people works."""
    assert found(["name", usual.replace("_", " ").title()]).phone == 1


def test_a_named_column_wins_over_a_usual_one():
    """What the campaign file says is not second-guessed."""
    assert found(["Phone", "Handy"], phone="Handy").phone == 1


def test_a_named_column_is_found_in_another_spelling():
    """Case and blanks of a header do not matter as long as one column is meant."""
    assert found(["PHONE no", "x"], phone="Phone no").phone == 0


def test_an_empty_name_means_no_such_column():
    """A column that only looks like a time zone can be left alone."""
    assert found(["Phone", "Zone"], zone="").zone is None


def test_country_is_preferred_to_region():
    """Where both are there, the region is usually a part of the country."""
    assert found(["Phone", "Region", "Country"]).region == 2


@pytest.mark.parametrize(
    ("headers", "columns", "message"),
    [
        (["Name", "Fax"], {}, "no phone column.*'Name', 'Fax'.*under \\[columns\\]"),
        (["Name", "Phone"], {"phone": "Telefon"}, "no column 'Telefon'.*'Name', 'Phone'"),
        (["Phone", "Mobile"], {}, "several columns .*'Phone', 'Mobile'"),
        (["Phone", "Phone"], {"phone": "Phone"}, "2 columns 'Phone'"),
        (["Phone"], {"deadline": "By"}, "no column 'By', which \\[columns\\] deadline names"),
        (["Phone"], {"phone": ""}, "no phone column"),
    ],
)
def test_a_doubtful_column_is_refused_with_the_columns_there_are(headers, columns, message):
    """The message is enough to mend the campaign file."""
    with pytest.raises(CallListError, match=message):
        found(headers, **columns)


def test_fields_have_predictable_names():
    """A template's author can tell a placeholder from the header alone."""
    headers = [
        "First name",
        "first-name",
        "  E-Mail (work) ",
        "",
        "Prénom",
        "FIRST  NAME",
        "column 4",
    ]
    assert field_names(headers) == (
        "first_name",
        "first_name_2",
        "e_mail_work",
        "column_4",
        "prénom",
        "first_name_3",
        "column_4_2",
    )
