"""People with several numbers: the next try may go to another one, and they stay one person."""

from datetime import UTC, datetime, timedelta

from inkbatch.dialer.explain import outlook, told_of_number
from inkbatch.dialer.results import Posted, record_result
from inkbatch.domain.attempt import AttemptState
from inkbatch.domain.contact import ContactState
from inkbatch.domain.result import Effect
from inkbatch.domain.suppression import Suppression
from inkbatch.wiring import load_campaign
from tests import faults
from tests.trial_campaigns import attempts_of, callees, contacts_of, scripted

MOBILE, WORK, HOME = "+12125550101", "+14155550102", "+13125550103"
PERSON = {"Name": "Ann", "Mobile": MOBILE, "Work": WORK, "Home": HOME}
COLUMNS = {"columns": {"phone": ["Mobile", "Work", "Home"]}}
ELSEWHERE = {"after": "10m", "other_number": True}
NINE_TO_FIVE = {"weekdays": ["09:00-17:00"]}


def dialed(trial):
    return [call.to_number for call in trial.sandbox.ledger()]


async def test_the_next_try_goes_to_the_next_number(campaign, rehearse, bounded):
    """Mobile, work, home, mobile again: in the order of the columns, and the tries are counted."""
    folder = campaign([PERSON], **COLUMNS, attempts={"max": 4, "retry": {"no_answer": ELSEWHERE}})
    trial = await rehearse(folder, population=callees("no_answer"))

    await trial.run(on_pass=bounded)

    assert dialed(trial) == [MOBILE, WORK, HOME, MOBILE]
    (contact,) = contacts_of(trial)
    assert (contact.state, contact.attempts_used) == (ContactState.EXHAUSTED, 4)
    assert [attempt.number for attempt in attempts_of(trial)] == dialed(trial)


async def test_without_the_setting_every_try_goes_to_the_first_number(campaign, rehearse, bounded):
    """Several columns alone change nobody's number."""
    folder = campaign([PERSON], **COLUMNS, attempts={"max": 2, "retry": {"no_answer": "10m"}})
    trial = await rehearse(folder, population=callees("no_answer"))

    await trial.run(on_pass=bounded)

    assert dialed(trial) == [MOBILE, MOBILE]


async def test_who_is_reached_at_another_number_is_called_at_none_again(
    campaign, rehearse, bounded
):
    """One person: reached at work, the mobile is left in peace; a second run changes nothing."""
    folder = campaign([PERSON], **COLUMNS, attempts={"max": 9, "retry": {"no_answer": ELSEWHERE}})
    trial = await rehearse(folder, population=scripted({MOBILE: ["no_answer"]}))

    await trial.run(on_pass=bounded)
    await trial.run(on_pass=bounded)

    assert dialed(trial) == [MOBILE, WORK]
    assert [contact.state for contact in contacts_of(trial)] == [ContactState.REACHED]


async def test_each_number_is_called_in_the_hours_of_its_own_zone(campaign, rehearse, bounded):
    """At ten in New York it is seven in San Francisco, where the work number rings at nine."""
    folder = campaign(
        [PERSON],
        **COLUMNS,
        calling_window=NINE_TO_FIVE,
        attempts={"max": 2, "retry": {"no_answer": ELSEWHERE}},
    )
    trial = await rehearse(folder, population=callees("no_answer"))

    await trial.run(on_pass=bounded)

    first, second = trial.sandbox.ledger()
    assert (first.to_number, second.to_number) == (MOBILE, WORK)
    assert second.created_at - first.created_at == timedelta(hours=2)


async def test_a_cap_counts_a_persons_calls_at_all_numbers(campaign, rehearse, bounded):
    """Two calls a day to one person are two, whichever phone rang."""
    folder = campaign(
        [PERSON],
        **COLUMNS,
        attempts={
            "max": 3,
            "retry": {"no_answer": ELSEWHERE},
            "per": [{"attempts": 2, "period": "24h"}],
        },
    )
    trial = await rehearse(folder, population=callees("no_answer"))

    await trial.run(on_pass=bounded)

    calls = trial.sandbox.ledger()
    assert [call.to_number for call in calls] == [MOBILE, WORK, HOME]
    assert calls[2].created_at - calls[0].created_at >= timedelta(hours=24)


async def test_who_asked_at_one_number_not_to_be_called_is_called_at_none(campaign, rehearse):
    """The work number is on the suppression list, so the mobile does not ring either."""
    folder = campaign([PERSON], **COLUMNS)
    trial = await rehearse(folder, population=callees())
    with trial.desk.store.transaction() as tx:
        asked_at = trial.clock.now()
        tx.suppress([Suppression(number=WORK, reason="asked", source="by hand", added_at=asked_at)])

    await trial.run()

    assert dialed(trial) == []
    assert [contact.state for contact in contacts_of(trial)] == [ContactState.SUPPRESSED]


async def test_a_list_that_comes_again_finds_who_was_called_at_another_number(
    campaign, rehearse, bounded
):
    """A person is known by the first number, whichever is called next; nobody is there twice."""
    said = {**COLUMNS, "attempts": {"max": 2, "retry": {"no_answer": ELSEWHERE}}}
    folder = campaign([PERSON], **said)
    trial = await rehearse(folder, population=callees("no_answer"))
    await trial.run(on_pass=bounded)
    with (folder / "call_list.csv").open("a", encoding="utf-8") as list_:
        list_.write("Bob,+12125550109,,\n")

    again = await rehearse(folder, start=trial.clock.now(), population=callees())
    await again.run(on_pass=bounded)

    assert len(contacts_of(again)) == 2
    assert dialed(again) == ["+12125550109"]


def post(trial, effect, *, id_, at=None):
    """Post a result of the first attempt once it has ended, as an agent may that is slow."""
    posted = Posted(id=id_, word="talked", effect=Effect(effect), call_back_at=at)
    return record_result(trial.desk.store, attempts_of(trial)[0].id, posted, now=trial.clock.now())


async def test_a_result_that_comes_late_turns_nobody_to_a_third_number(campaign, rehearse, bounded):
    """The turn is decided by the attempt that ended, however often what follows is worked out."""
    retry = {"no_answer": {"after": "2h", "other_number": True}}
    folder = campaign([PERSON], **COLUMNS, attempts={"max": 2, "retry": retry})
    trial = await rehearse(folder, population=callees("no_answer"))
    await trial.run(linger=timedelta(hours=1), on_pass=bounded)
    assert dialed(trial) == [MOBILE]
    post(trial, "call_back", id_="first", at="2026-11-03T16:00:00+00:00")
    post(trial, "none", id_="second")

    await trial.run(on_pass=bounded)

    assert dialed(trial) == [MOBILE, WORK]


async def test_who_asks_late_to_be_called_back_is_called_where_they_asked(
    campaign, rehearse, bounded
):
    """At the number that they spoke at, and five o'clock is five o'clock there."""
    retry = {"voicemail": {"after": "2h", "other_number": True}}
    folder = campaign([PERSON], **COLUMNS, attempts={"max": 2, "retry": retry})
    trial = await rehearse(folder, population=scripted({MOBILE: ["voicemail"]}))
    await trial.run(linger=timedelta(hours=1), on_pass=bounded)
    post(trial, "call_back", id_="first", at="2026-11-03T17:00")

    await trial.run(on_pass=bounded)

    assert dialed(trial) == [MOBILE, MOBILE]
    assert trial.sandbox.ledger()[1].created_at == datetime(2026, 11, 3, 22, tzinfo=UTC)


async def test_a_dial_that_was_not_sent_is_not_made_up_for_at_another_number(
    campaign, rehearse, bounded
):
    """What was planned for the work number is taken back when the mobile is called after all."""
    retry = {"voicemail": {"after": "1h", "other_number": True}}
    folder = campaign([PERSON], **COLUMNS, attempts={"max": 3, "retry": retry})
    trial = await rehearse(folder, population=scripted({MOBILE: ["voicemail"]}))
    trial.workplace.transport.dials = lambda nth: faults.cannot_connect if nth == 2 else None

    def look(result):
        bounded(result)
        if attempts_of(trial)[-1].state == AttemptState.PLANNED:
            post(trial, "call_back", id_="first", at="2026-11-03T17:00")

    await trial.run(on_pass=look)

    assert dialed(trial) == [MOBILE, MOBILE, WORK]
    states = ["ended", "withdrawn", "ended", "ended"]
    assert [each.state for each in attempts_of(trial)] == states


async def test_of_several_suppressions_the_one_is_told_that_holds_the_person_longest(
    campaign, rehearse
):
    """The mobile rests for a day and work for good: a person is told what the dialer goes by."""
    folder = campaign([PERSON], **COLUMNS)
    trial = await rehearse(folder, population=callees("no_answer"))
    async with trial.shift():
        now = trial.clock.now()
    day = Suppression(
        number=MOBILE,
        reason="call back tomorrow",
        source="by hand",
        added_at=now,
        expires_at=now + timedelta(days=1),
    )
    never = Suppression(number=WORK, reason="never", source="by hand", added_at=now)
    with trial.desk.store.transaction() as tx:
        tx.suppress([day, never])

    store = trial.desk.store
    with store.reading() as tx:
        (told,) = told_of_number(tx, MOBILE)

    assert told.suppression == never
    assert "never" in outlook(store, load_campaign(folder), told, clock=trial.clock).never
