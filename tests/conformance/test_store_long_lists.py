"""Rows given by column, as nearly all of a long list are, in SQLite and in PostgreSQL alike."""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from itertools import count

import hypothesis
import pandas as pd
import pytest
from hypothesis import HealthCheck
from hypothesis import strategies as st
from sqlalchemy import func, inspect, select

from inkbatch.adapters.reports import Wanted, as_frame, contacts_table, rows_frame
from inkbatch.adapters.store.intake import LONG_LIST_ROWS
from inkbatch.adapters.store.tables import contact, list_file
from inkbatch.domain.errors import StoreError
from inkbatch.domain.list_row import Row, RowStatus
from inkbatch.domain.row_batch import RowBatch
from inkbatch.domain.suppression import Suppression

NUMBERS = [f"+141555501{place:02d}" for place in range(12)]
SUPPRESSED, EARLIER, ELSEWHERE = NUMBERS[:3]
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=8)
ORGANISATIONS = (f"organisation {number}" for number in count())


def odd_changes(now):
    """What makes an accepted row one that is given by itself."""
    later = now + timedelta(days=1)
    return (
        {},
        {"priority": 3},
        {"not_before": later, "expires_at": later},
        {"reason": "no such hour", "column": "not before", "value": "25:00"},
        {"status": RowStatus.REPAIRED, "reason": "spaces taken out", "column": "phone"},
        {"status": RowStatus.REJECTED, "number": None, "reason": "too short", "value": "12"},
        {"status": RowStatus.DUPLICATE, "reason": "the same number as row 2", "duplicate_of": 2},
    )


@st.composite
def lists(draw, now):
    """Batches of rows: plain ones first of their number, any others of any number."""
    names = draw(st.lists(TEXTS, unique=True, max_size=2))
    types = draw(st.sampled_from([("mobile",), ("mobile", "voip", None)]))
    plain, odd = [], []
    for row_number in range(2, draw(st.integers(2, 10))):
        row = Row(
            row_number,
            RowStatus.ACCEPTED,
            draw(st.sampled_from(NUMBERS)),
            draw(st.sampled_from([("America/New_York",), ("America/Denver", "America/Phoenix")])),
            {name: draw(TEXTS) for name in names},
            number_type=draw(st.sampled_from(types)),
        )
        if row.number in {each.number for each in (*plain, *odd)} or draw(st.booleans()):
            odd.append(row._replace(**draw(st.sampled_from(odd_changes(now)))))
        else:
            plain.append(row)
    return plain, odd, draw(st.integers(1, 5))


def batches_of(given, plain, odd, *, rows_at_once):
    """Divide rows into batches, those that are plain by column."""
    numbers = {row.row_number for row in plain}
    rows = sorted((*plain, *odd), key=lambda row: row.row_number)
    return [
        RowBatch(
            plain=given.plain(*(row for row in some if row.row_number in numbers)),
            others=[row for row in some if row.row_number not in numbers],
        )
        for some in (rows[at : at + rows_at_once] for at in range(0, len(rows), rows_at_once))
    ]


def told_of(given, *batches):
    """Enroll a list where some numbers are known, and return all that people see of it."""
    organisation = next(ORGANISATIONS)
    other, campaign = (given.campaign(name, organisation=organisation) for name in ("one", "two"))
    before = given.call_list(given.row(2, number=EARLIER), sha256="b" * 64)
    elsewhere = given.call_list(given.row(2, number=ELSEWHERE))
    call_list = given.batched(*batches)
    with given.store.transaction() as tx:
        tx.suppress([suppression(given, SUPPRESSED)])
        tx.enroll(other.id, elsewhere, now=given.now)
        tx.enroll(campaign.id, before, now=given.now)
        done = tx.enroll(campaign.id, call_list, now=given.now, organisation=organisation)
        again = tx.enroll(campaign.id, call_list, now=given.now, organisation=organisation)
        counts = tx.counts(campaign.id, now=given.now)
    assert (again.known_rows, again.contacts_added) == (done.rows, 0)
    return done, counts, *frames_of(given, campaign)


def frames_of(given, campaign):
    """Return contacts and rows as exports show them, without the ids that the database chose."""
    contacts = as_frame(
        contacts_table(given.store.engine, Wanted(campaign_ids=[campaign.id]), now=given.now)
    )
    rows = rows_frame(given.store.engine, campaign.id)
    rows["contact_id"] = rows["contact_id"].map(contacts.set_index("contact_id")["number"])
    by_number = contacts.drop(columns=["contact_id", "campaign"]).sort_values(
        "number", ignore_index=True
    )
    return by_number, rows


def suppression(given, number):
    return Suppression(number=number, reason="opted out", source="dnc.csv", added_at=given.now)


def assert_same(one, other):
    assert one[:2] == other[:2]
    for frame, same in zip(one[2:], other[2:], strict=True):
        pd.testing.assert_frame_equal(frame, same, check_like=True)


def assert_books_balance(given, done, counts, rows):
    """The rows are all there, and no file says of its plain rows what its contacts do not."""
    assert len(rows) == sum(counts.rows.values()) == done.rows + 1
    contacts = select(contact.c.file_id, func.count()).group_by(contact.c.file_id)
    files = select(list_file.c.id, list_file.c.plain_rows).where(list_file.c.plain_rows > 0)
    with given.store.engine.connect() as connection:
        counted = {file: n for file, n in connection.execute(contacts).all() if file is not None}
        assert dict(map(tuple, connection.execute(files))) == counted


@hypothesis.settings(
    deadline=None,
    max_examples=8,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@hypothesis.given(data=st.data())
def test_a_list_by_column_enrolls_as_its_rows_one_by_one(given, data):
    """Columns are only quicker: contacts, rows of the export and counts are the very same."""
    plain, odd, rows_at_once = data.draw(lists(given.now))
    batches = batches_of(given, plain, odd, rows_at_once=rows_at_once)
    one_by_one = [RowBatch(others=list(batch.rows())) for batch in batches]
    told = told_of(given, *batches)
    assert_same(told, told_of(given, *one_by_one))
    assert_books_balance(given, told[0], told[1], told[3])


def long_list(given, rows=LONG_LIST_ROWS + 100):
    """Mostly plain rows, every ninth of another kind, some of those with a number again."""
    plain, odd, changes = [], [], odd_changes(given.now)
    for place in range(rows):
        row = given.row(place + 2, number=f"+44207946{place:05d}", number_type="fixed_line")
        if place % 9 or not place:
            plain.append(row)
        else:
            change = changes[place // 9 % len(changes)]
            again = place % 4 == 0 and change.get("number", "") is not None
            number = {"number": f"+44207946{place // 2 + 1:05d}"} if again else {}
            odd.append(row._replace(**{**number, **change}))
    return plain, odd


def test_a_long_list_enrolls_as_a_short_one_does(given):
    """That its indexes are made at the end changes nothing, even where its reader erred."""
    rows = long_list(given)
    long, short = (batches_of(given, *rows, rows_at_once=size) for size in (LONG_LIST_ROWS, 3_000))
    campaigns = [given.campaign(name) for name in ("long", "short")]
    told = []
    for campaign, batches in zip(campaigns, (long, short), strict=True):
        with given.store.transaction() as tx:
            tx.suppress([suppression(given, SUPPRESSED)])
            before = given.call_list(given.row(2, number="+4420794600001"), sha256="b" * 64)
            tx.enroll(campaign.id, before, now=given.now)
            done = tx.enroll(campaign.id, given.batched(*batches), now=given.now)
            counts = tx.counts(campaign.id, now=given.now)
        told.append((done, counts, *frames_of(given, campaign)))
    assert_same(*told)
    assert_books_balance(given, told[0][0], told[0][1], told[0][3])
    assert told[0][0].duplicates > 200


def test_indexes_are_there_after_a_long_list(given):
    """Whoever is dialed next is found by an index, however long the list was."""
    before = indexes(given)
    campaign, (plain, odd) = given.campaign(), long_list(given)
    batches = batches_of(given, plain, odd, rows_at_once=LONG_LIST_ROWS)
    with given.store.transaction() as tx:
        tx.enroll(campaign.id, given.batched(*batches), now=given.now)
    assert indexes(given) == before
    assert {"contact_due", "contact_number"} <= set(before)


def indexes(given):
    return sorted(index["name"] for index in inspect(given.store.engine).get_indexes("contact"))


def test_nothing_is_kept_of_a_long_list_that_fails(given):
    """Not even where somebody catches the error: neither rows nor the lack of an index."""
    before = indexes(given)
    campaign, (plain, odd) = given.campaign(), long_list(given)
    broken = RowBatch(others=[given.row(99_999, number=None)])
    batches = [*batches_of(given, plain, odd, rows_at_once=LONG_LIST_ROWS), broken]
    with pytest.raises(StoreError, match="nothing of it is kept"):
        enroll_and_go_on(given, campaign, batches)
    with given.store.reading() as tx:
        assert tx.counts(campaign.id, now=given.now).rows == {}
    assert indexes(given) == before


@pytest.mark.parametrize("good_batches", [0, 1])
def test_nothing_is_kept_of_a_list_whose_reader_fails(given, good_batches):
    """Whatever breaks while rows are read, in the first batch or later, leaves no file behind."""
    campaign = given.campaign()

    def batches():
        yield from [RowBatch(plain=given.plain(given.row(2)))] * good_batches
        raise ValueError("the file was changed while it was read")

    broken = replace(given.batched(), batches=batches())
    with suppress(StoreError), given.store.transaction() as tx, suppress(ValueError):
        tx.enroll(campaign.id, broken, now=given.now)
    with given.store.engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(list_file)).scalar() == 0


def enroll_and_go_on(given, campaign, batches):
    with given.store.transaction() as tx, suppress(ValueError):
        tx.enroll(campaign.id, given.batched(*batches), now=given.now)


@pytest.mark.parametrize("rows", [2, LONG_LIST_ROWS])
def test_a_number_twice_among_plain_rows_is_refused(given, rows):
    """A reader that breaks its promise is told so; two contacts of one number never are."""
    campaign, (plain, _) = given.campaign(), long_list(given, rows)
    twice = [*plain, plain[0]._replace(row_number=99_999)]
    batch = RowBatch(plain=given.plain(*twice), others=[given.row(99_998 - n) for n in range(90)])
    with (
        pytest.raises(StoreError, match="has a contact of this number already") as refused,
        given.store.transaction() as tx,
    ):
        tx.enroll(campaign.id, given.batched(batch), now=given.now)
    assert "+44" not in str(refused.value)
    with given.store.reading() as tx:
        assert tx.counts(campaign.id, now=given.now).rows == {}


def test_plain_rows_that_were_rejected_become_contacts(given):
    """The corrected campaign's rows are taken in by column, and the rejected ones forgotten."""
    campaign = given.campaign()
    rejected = given.row(2, status=RowStatus.REJECTED, number=None, reason="no country code")
    first = RowBatch(plain=given.plain(given.row(3)), others=[rejected])
    then = RowBatch(plain=given.plain(given.row(2), given.row(3), given.row(4)))
    with given.store.transaction() as tx:
        tx.enroll(campaign.id, given.batched(first), now=given.now)
        done = tx.enroll(campaign.id, given.batched(then), now=given.now)
        assert tx.counts(campaign.id, now=given.now).rows == {"accepted": 3}
    assert (done.known_rows, done.contacts_added) == (1, 2)
    assert rows_frame(given.store.engine, campaign.id)["row_number"].tolist() == [2, 3, 4]


def test_a_remark_on_an_accepted_row_is_kept(given):
    """Its contact does not tell the remark, so such a row is not told by its contact alone."""
    campaign = given.campaign()
    remark = {"reason": "no such hour", "column": "not before", "value": "25:00"}
    batch = RowBatch(plain=given.plain(given.row(2)), others=[given.row(3, **remark)])
    with given.store.transaction() as tx:
        tx.enroll(campaign.id, given.batched(batch), now=given.now)
    rows = rows_frame(given.store.engine, campaign.id)
    assert rows["status"].tolist() == ["accepted", "accepted"]
    assert rows["field_first_name"].tolist() == ["Ada", "Ada"]
    assert rows[list(remark)].iloc[1].to_dict() == remark
    assert rows[list(remark)].iloc[0].isna().all()
