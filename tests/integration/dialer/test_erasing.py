"""Somebody is erased while the campaign runs: before a dial, during a call, and after it."""

from datetime import timedelta

import pytest

from inkbatch.dialer.collect import look_at_calls, write_seen
from inkbatch.dialer.erasures import finish_erasures
from inkbatch.dialer.reconcile import reconcile
from inkbatch.dialer.results import Posted, record_result
from inkbatch.dialer.rounds import look_around
from inkbatch.dialer.run import pass_once
from inkbatch.dialer.shift import place_together
from inkbatch.domain.attempt import AttemptState
from inkbatch.domain.number_hash import is_hashed
from inkbatch.domain.result import Effect, Party, Spoken
from tests import faults
from tests.trial_campaigns import attempts_of, callees, contacts_of, numbers, usage_of

HER, HIM = numbers(2)
ROWS = [{"Phone": HER, "Name": "Ottilie"}, {"Phone": HIM, "Name": "Bo"}]
WITH_HER_NAME = "wss://agent.example.com/talk?name={contact.name}"


def erase(trial, number=HER):
    with trial.desk.store.transaction() as tx:
        return tx.erase(number, now=trial.clock.now())


def files_of(trial):
    """Return every byte of the database and of what lies beside it."""
    database = trial.folder.parent / "trial.db"
    return b"".join(path.read_bytes() for path in database.parent.glob("trial.db*"))


def tells_of_her(trial):
    return [
        word for word in (HER.lstrip("+"), "Ottilie", "knee") if word.encode() in files_of(trial)
    ]


def dialed(trial):
    return [call.to_number for call in trial.sandbox.ledger()]


def post(trial, effect, **said):
    """Post a result of the first attempt, with her name in it, as the web does."""
    posted = Posted(
        id=f"{effect}",
        word="talked",
        effect=Effect(effect),
        fields={"about": "knee"},
        transcript=(Spoken(party=Party.REMOTE, text="Ottilie here", ts_ms=1),),
        **said,
    )
    attempt_id = attempts_of(trial)[0].id
    return record_result(trial.desk.store, attempt_id, posted, now=trial.clock.now())


@pytest.fixture
def on_first_pass(bounded):
    """Do something after the first pass of a run."""

    def hook(action):
        def note(result):
            bounded(result)
            if len(bounded) == 1:
                action()

        return note

    return hook


async def test_who_is_erased_during_a_call_is_erased_when_it_ends(
    campaign, rehearse, on_first_pass
):
    """The outcome is no orphan (F22): it is stored and settled, then the person is forgotten."""
    folder = campaign(ROWS, client_websocket_url=WITH_HER_NAME)
    trial = await rehearse(folder, population=callees("talk_on", seed=5))

    def during_the_call():
        assert attempts_of(trial)[0].state == "placed"
        post(trial, "none")
        assert erase(trial).waits_for_call
        assert contacts_of(trial)[0].state == "in_call"
        assert tells_of_her(trial)

    await trial.run(on_pass=on_first_pass(during_the_call))

    assert dialed(trial) == [HER, HIM]
    (hers, his), (first, second) = contacts_of(trial), attempts_of(trial)
    assert (hers.state, his.state) == ("reached", "reached")
    assert is_hashed(hers.number)
    assert first.number == hers.number
    assert (first.disposition, second.disposition) == ("answered", "answered")
    assert first.talk_minutes > 0
    assert usage_of(trial).calls == 2
    assert trial.counts().rows == {"accepted": 2}
    assert tells_of_her(trial) == []


async def test_what_another_shift_saw_before_the_erasure_brings_nothing_back(campaign, rehearse):
    """Both looked at the call when it had ended; the second writes when the person is forgotten."""
    folder = campaign(ROWS[:1], client_websocket_url=WITH_HER_NAME)
    trial = await rehearse(folder, population=callees(seed=5))
    async with trial.shift() as shift:
        await pass_once(shift)
        assert erase(trial).waits_for_call
        await trial.clock.sleep_until(trial.clock.now() + timedelta(hours=1))
        seen = await look_at_calls(shift, look_around(shift))
        assert write_down(shift, seen) == 1
        assert finish_erasures(shift) == 1
        assert tells_of_her(trial) == []

        assert write_down(shift, seen) == 0

    assert tells_of_her(trial) == []


def write_down(shift, seen):
    with shift.store.transaction(organisation=shift.organisation) as tx:
        return write_seen(shift, tx, seen)


async def test_a_lost_call_that_is_found_after_the_erasure_brings_nothing_back(campaign, rehearse):
    """It is looked up; before the list comes, another shift gives it up and she is forgotten."""

    def give_up_and_erase():
        lost = [each for each in attempts_of(trial) if each.state == "unconfirmed"]
        for each in lost:
            with trial.desk.store.transaction() as tx:
                given_up = tx.attempt(each.id).find_nothing(at=trial.clock.now())
                assert tx.advance(given_up, from_state=AttemptState.UNCONFIRMED)
            assert not erase(trial).waits_for_call

    trial = await rehearse(
        campaign(ROWS[:1], client_websocket_url=WITH_HER_NAME),
        dials=faults.only([1], faults.times_out),
        reads=faults.always(faults.meanwhile(give_up_and_erase)),
        population=callees(seed=5),
    )
    async with trial.shift() as shift:
        await pass_once(shift)
        await trial.clock.sleep_until(attempts_of(trial)[0].look_at)
        await reconcile(shift, look_around(shift))

    assert attempts_of(trial)[0].state == "ended"
    assert trial.desk.store.scrub()
    assert tells_of_her(trial) == []


async def test_what_the_agent_tells_late_of_an_erased_person_brings_nothing_back(
    campaign, rehearse, bounded
):
    """Its word is a figure; what was said is not kept, and no call-back follows."""
    trial = await rehearse(campaign(ROWS), population=callees("no_answer"))
    await trial.run(on_pass=bounded, linger=timedelta(hours=1))
    erase(trial)
    assert trial.desk.store.scrub()

    post(trial, "call_back", call_back_at="17:00")

    assert contacts_of(trial)[0].state == "suppressed"
    assert tells_of_her(trial) == []


async def test_who_is_erased_between_the_intent_and_the_request_is_not_dialed(
    campaign, rehearse, bounded
):
    """The list is asked once more right before the request, and the plan is taken back."""
    erased = []

    async def erase_then_place(attempts, place):
        if not erased:
            erased.append(erase(trial))
        await place_together(attempts, place)

    trial = await rehearse(campaign(ROWS), population=callees(seed=5), placing=erase_then_place)
    await trial.run(on_pass=bounded)

    assert erased[0].waits_for_call
    assert dialed(trial) == [HIM]
    hers = contacts_of(trial)[0]
    assert (hers.state, hers.why) == ("suppressed", "erased")
    assert tells_of_her(trial) == []


async def test_who_is_erased_by_another_number_right_before_the_request_is_not_dialed(
    campaign, rehearse, bounded
):
    """The request would go to the mobile; it is the work number that was told to be erased."""
    work = numbers(3)[2]
    rows = [{"Mobile": HER, "Work": work, "Name": "Ottilie"}, {"Mobile": HIM, "Name": "Bo"}]
    erased = []

    async def erase_then_place(attempts, place):
        if not erased:
            erased.append(erase(trial, work))
        await place_together(attempts, place)

    folder = campaign(rows, columns={"phone": ["Mobile", "Work"]})
    trial = await rehearse(folder, population=callees(seed=5), placing=erase_then_place)
    await trial.run(on_pass=bounded)

    assert erased[0].waits_for_call
    assert dialed(trial) == [HIM]
    assert contacts_of(trial)[0].why == "erased"
    assert tells_of_her(trial) == []


async def test_the_next_run_reads_the_same_list_and_calls_the_erased_person_no_more(
    campaign, rehearse, bounded
):
    """The file of the campaign still has the number; also as another file with a row more."""
    folder = campaign(ROWS)
    trial = await rehearse(folder, population=callees(seed=5))
    with trial.desk.store.transaction() as tx:
        tx.erase(HER, now=trial.clock.now())
    await trial.run(on_pass=bounded)
    with (folder / "call_list.csv").open("a", encoding="utf-8") as file:
        file.write(f"{numbers(3)[2]},Cy\n")
    await trial.run(on_pass=bounded)

    assert dialed(trial) == [HIM, numbers(3)[2]]
    assert trial.counts().rows == {"accepted": 2, "suppressed": 2, "duplicate": 1}
    assert tells_of_her(trial) == []
