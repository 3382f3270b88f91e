"""The analyst's frames: every attempt, contact and row, with types that hold when empty."""

from datetime import timedelta

import pandas as pd
import pytest

from inkbatch.adapters.reports import campaign_figures, rows_frame

ATTEMPT_TYPES = {
    "campaign": "category",
    "attempt_id": "str",
    "contact_id": "Int64",
    "row_number": "Int64",
    "ordinal": "Int64",
    "state": "category",
    "disposition": "category",
    "from_number": "category",
    "number": "str",
    "zones": "category",
    "reserved_at": "datetime64[us, UTC]",
    "placed_at": "datetime64[us, UTC]",
    "ended_at": "datetime64[us, UTC]",
    "local_hour": "Int64",
    "local_weekday": "Int64",
    "talk_minutes": "float64",
    "call_id": "str",
    "reason": "str",
    "result": "str",
    "result_effect": "category",
    "call_back_at": "datetime64[us, UTC]",
    "result_fields": "str",
}
CONTACT_TYPES = {
    "campaign": "category",
    "contact_id": "Int64",
    "row_number": "Int64",
    "number": "str",
    "zones": "category",
    "state": "category",
    "why": "str",
    "waits_until": "datetime64[us, UTC]",
    "attempts_used": "Int64",
    "last_disposition": "category",
    "talk_minutes": "float64",
    "enrolled_at": "datetime64[us, UTC]",
}


def types_of(frame: pd.DataFrame) -> dict[str, str]:
    return {name: str(dtype) for name, dtype in frame.dtypes.items()}


def test_columns_and_types_of_attempts_hold_with_and_without_attempts(campaign):
    """An analyst's code runs the same on the first day as on the last."""
    empty = campaign.attempts_frame()
    contact = campaign.contact()
    campaign.attempt(contact, "answered")
    campaign.attempt(contact)
    campaign.save()
    filled = campaign.attempts_frame()
    assert types_of(empty) == types_of(filled) == ATTEMPT_TYPES
    assert (len(empty), len(filled)) == (0, 2)


def test_columns_and_types_of_contacts_hold_with_and_without_contacts(campaign, now):
    """The person's own columns come last, as field_<name>, and are texts."""
    assert types_of(campaign.contacts_frame(now)) == CONTACT_TYPES
    campaign.contact(fields={"first_name": "Ada", "why": "vip"})
    campaign.contact(fields={})
    campaign.save()
    filled = campaign.contacts_frame(now)
    own = {"field_first_name": "str", "field_why": "str"}
    assert types_of(filled) == CONTACT_TYPES | own
    assert filled["field_why"].tolist()[0] == "vip"
    assert filled["field_why"].isna().tolist() == [False, True]


@pytest.mark.parametrize(
    ("zones", "hour", "weekday"),
    [
        ("America/Los_Angeles", 23, 6),
        ("Europe/London|America/Los_Angeles", 7, 0),
        ("Asia/Kolkata", 13, 0),
    ],
)
def test_local_hour_and_weekday_are_those_of_the_first_zone(campaign, start, zones, hour, weekday):
    """15:00 UTC less eight hours of a Monday is still Sunday in California, and so on."""
    at = start.replace(hour=7, minute=40)
    campaign.attempt(campaign.contact(zones=zones), "answered", reserved_at=at)
    campaign.save()
    attempt = campaign.attempts_frame().iloc[0]
    assert (attempt["local_hour"], attempt["local_weekday"]) == (hour, weekday)


def test_due_is_told_from_waiting(campaign, now):
    """A waiting contact whose time has come is due, exactly from that instant on."""
    for wait in (timedelta(0), timedelta(microseconds=1)):
        campaign.contact(waits_until=now + wait)
    campaign.contact("reached", waits_until=now - timedelta(days=1))
    campaign.save()
    frame = campaign.contacts_frame(now)
    assert frame["state"].tolist() == ["due", "waiting", "reached"]
    figures = campaign_figures(campaign.engine, campaign.record, now=now)
    assert figures.contacts == {"due": 1, "waiting": 1, "reached": 1}


def test_a_contact_tells_its_last_disposition_and_all_its_minutes(campaign, now):
    """The last ended attempt counts, not the one still open; minutes are of all attempts."""
    contact = campaign.contact("in_call")
    campaign.attempt(contact, "voicemail", talk_minutes=0.5)
    campaign.attempt(contact, "answered", talk_minutes=2.0)
    campaign.attempt(contact)
    campaign.save()
    found = campaign.contacts_frame(now).iloc[0]
    assert found["last_disposition"] == "answered"
    assert found["talk_minutes"] == 2.5


def test_every_row_of_the_file_is_in_the_rows(campaign, start, now):
    """Rows that became contacts show the contact's fields, the others their own."""
    campaign.contact(fields={"first_name": "Ada"})
    campaign.row("rejected", reason="too short", value="12", fields={"first_name": "Bob"})
    campaign.contact(fields={"first_name": "Cy"}, row={"status": "repaired", "reason": "spaces"})
    campaign.row("duplicate", duplicate_of=2)
    campaign.contact(fields={"first_name": "Di"})
    campaign.save()
    frame = rows_frame(campaign.engine, campaign.record.id)
    assert frame["row_number"].tolist() == [2, 3, 4, 5, 6]
    told = ["accepted", "rejected", "repaired", "duplicate", "accepted"]
    assert frame["status"].tolist() == told
    assert frame["field_first_name"].fillna("").tolist() == ["Ada", "Bob", "Cy", "", "Di"]
    assert frame["reason"].fillna("").tolist() == ["", "too short", "spaces", "", ""]
    assert frame["duplicate_of"].dropna().tolist() == [2]
    assert set(frame["enrolled_at"]) == {start}
    figures = campaign_figures(campaign.engine, campaign.record, now=now)
    assert figures.rows == {"accepted": 2, "repaired": 1, "duplicate": 1, "rejected": 1}


def test_another_campaign_stays_out(new_campaign, now):
    """A frame holds one campaign only."""
    ours, theirs = new_campaign("ours"), new_campaign("theirs")
    theirs.contact(number="+13125550100")
    theirs.save()
    assert ours.contacts_frame(now).empty
    assert rows_frame(ours.engine, ours.record.id).empty
