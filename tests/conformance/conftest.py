"""What the store's tests begin from."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from inkbatch.domain.attempt import Attempt, AttemptState
from inkbatch.domain.call import Call
from inkbatch.domain.call_list import CallList, Columns
from inkbatch.domain.calling_window import CallingWindow, Span
from inkbatch.domain.campaign import BudgetRules, Campaign, FromNumber
from inkbatch.domain.contact import Contact
from inkbatch.domain.disposition import Disposition
from inkbatch.domain.list_row import Row, RowStatus
from inkbatch.domain.pacing import Pacing
from inkbatch.domain.result import Effect, Party, Result, Spoken
from inkbatch.domain.retry_policy import AttemptCap, RetryPolicy
from inkbatch.domain.row_batch import PlainRows, RowBatch
from inkbatch.ports import CampaignRecord, ShiftRecord

NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
NEW_YORK = ("America/New_York",)
FROM_NUMBER = "+14155550100"


class Given:
    """Puts into a store what a test starts from."""

    def __init__(self, store) -> None:
        self.store = store
        self.now = NOW

    def campaign(self, name="reminders", *, organisation="acme") -> CampaignRecord:
        """A saved campaign."""
        return self.save(self.rules(name), organisation=organisation)

    def save(self, rules: Campaign, *, organisation="acme") -> CampaignRecord:
        """Save a campaign with these rules."""
        folder = f"/campaigns/{rules.name}"
        with self.store.transaction() as tx:
            return tx.save_campaign(rules, organisation=organisation, folder=folder, now=NOW)

    def rules(self, name="reminders", **changes) -> Campaign:
        """What a campaign file says, with something of every kind in it."""
        rules = Campaign(
            name=name,
            call_list="call_list.csv",
            columns=Columns(phone="phone"),
            default_region="US",
            from_numbers=(FromNumber(number=FROM_NUMBER),),
            client_websocket_url="wss://agent.example/ws",
            webhook_url=None,
            window=CallingWindow(
                weekdays=((Span(480, 1200),),) * 7, exceptions={NOW.date(): (Span(480, 600),)}
            ),
            retry=RetryPolicy(
                attempts_max=3,
                delays={Disposition.NO_ANSWER: timedelta(hours=4)},
                caps=(AttemptCap(attempts=3, period=timedelta(days=1)),),
            ),
            pacing=Pacing(calls_at_once=5, calls_per_minute=None),
            budget=BudgetRules(),
        )
        return replace(rules, **changes)

    def call_list(self, *rows: Row, sha256="a" * 64) -> CallList:
        """A file of these rows."""
        return self.batched(RowBatch(others=rows), sha256=sha256)

    def batched(self, *batches: RowBatch, sha256="a" * 64) -> CallList:
        """A file of the rows of these batches."""
        return CallList(name="people.csv", sha256=sha256, columns=("phone",), batches=batches)

    def plain(self, *rows: Row) -> PlainRows:
        """Accepted rows with nothing more to say of them, by column."""
        names = list(rows[0].fields) if rows else []
        return PlainRows(
            row_numbers=[row.row_number for row in rows],
            numbers=[row.number for row in rows],
            number_types=[row.number_type for row in rows],
            zones=[row.zones for row in rows],
            fields={name: [row.fields[name] for row in rows] for name in names},
        )

    def row(self, row_number: int, **changes) -> Row:
        """An accepted row; row 2 has the number +14155550102, and so on."""
        row = Row(
            row_number=row_number,
            status=RowStatus.ACCEPTED,
            number=f"+141555501{row_number:02d}",
            zones=NEW_YORK,
            fields={"first_name": "Ada"},
        )
        return row._replace(**changes)

    def contacts(self, campaign: CampaignRecord, *row_numbers: int) -> list[Contact]:
        """Enroll rows and return their contacts in the order of the file."""
        call_list = self.call_list(*map(self.row, row_numbers), sha256=f"{row_numbers}")
        with self.store.transaction() as tx:
            tx.enroll(campaign.id, call_list, now=NOW)
            due = tx.due_contacts(campaign.id, zones=[NEW_YORK], now=NOW, limit=1000)
        by_row = {contact.row_number: contact for contact in due}
        return [by_row[row_number] for row_number in row_numbers]

    def shift(self, campaign: CampaignRecord, shift_id="shift-1") -> str:
        """A shift that has started."""
        record = ShiftRecord(
            id=shift_id, campaign_id=campaign.id, lock_name="campaign-1", started_at=NOW
        )
        with self.store.transaction() as tx:
            tx.start_shift(record, host="host", pid=1)
        return shift_id

    def planned(self, contact: Contact, attempt_id="attempt-1", **changes) -> Attempt:
        """An attempt that is not stored yet."""
        attempt = Attempt(
            id=attempt_id,
            campaign_id=contact.campaign_id,
            contact_id=contact.id,
            number=contact.number,
            from_number=FROM_NUMBER,
            ordinal=1,
            state=AttemptState.PLANNED,
            shift_id="shift-1",
            predicted_minutes=1.5,
            created_at=NOW,
        )
        return replace(attempt, **changes)

    def reserved(self, contact: Contact, attempt_id="attempt-1", *, at=NOW) -> Attempt:
        """An attempt stored as reserved."""
        attempt = self.planned(contact, attempt_id).reserve(
            at=at, shift_id="shift-1", from_number=FROM_NUMBER
        )
        with self.store.transaction() as tx:
            assert tx.add_attempts([attempt])
        return attempt

    def ended(self, contact: Contact, attempt_id: str, call: Call, *, at=NOW) -> Attempt:
        """An attempt stored as ended with this call."""
        reserved = self.reserved(contact, attempt_id, at=at)
        placed = reserved.accept(call, at=at, look_at=at)
        ended = placed.hang_up(call, at=at)
        with self.store.transaction() as tx:
            assert tx.advance(placed, from_state=AttemptState.RESERVED)
            assert tx.save_call(call, attempt_id=attempt_id)
            assert tx.advance(ended, from_state=AttemptState.PLACED)
        return ended

    def call(self, call_id="call-1", **changes) -> Call:
        """A call that has just been placed."""
        call = Call(
            id=call_id,
            phone_number_id="number-1",
            local_number=FROM_NUMBER,
            remote_number="+14155550102",
            direction="outbound",
            status="initiated",
            hangup_reason=None,
            client_websocket_url=None,
            created_at=NOW,
            started_at=None,
            ended_at=None,
        )
        return replace(call, **changes)

    def answered_call(self, call_id="call-1", *, minutes=2.0, at=NOW) -> Call:
        """A call that a person answered and that is over."""
        return self.call(
            call_id,
            status="completed",
            hangup_reason="remote",
            created_at=at,
            started_at=at,
            ended_at=at + timedelta(minutes=minutes),
        )

    def result(self, attempt) -> Result:
        """What an agent posts of a call, in which somebody says who she is and what hurts."""
        said = Spoken(party=Party.REMOTE, text="This is Ottilie, my knee hurts", ts_ms=1)
        return Result(
            id="result-1",
            attempt_id=attempt.id,
            word="booked",
            effect=Effect.SUCCESS,
            posted_at=self.now,
            fields={"about": "knee"},
            transcript=(said,),
        )


@pytest.fixture
def given(store) -> Given:
    return Given(store)
