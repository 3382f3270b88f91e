"""What nobody can tell waits for a person, who releases or closes it; or is released if asked."""

import pytest

from inkbatch.dialer.review import close, named_in, release, review_queue
from inkbatch.domain.attempt import Loss
from tests import faults
from tests.trial_campaigns import attempts_of, call_by_hand, callees, numbers

HER, HIM, THEM = numbers(3)


async def lost(campaign, rehearse, bounded, *, count=1, **options):
    """Return a trial of three people, of whom the first `count` are in review."""
    trial = await rehearse(
        campaign([HER, HIM, THEM], breaker=100),
        dials=faults.only(range(1, count + 1), faults.vanishes),
        population=callees(seed=5),
        quiet_seconds=120,
        **options,
    )
    await trial.run(on_pass=bounded)
    bounded.clear()
    return trial


def queue(trial):
    return review_queue(trial.desk.store, trial.record())


async def test_the_queue_tells_what_is_known_of_each(campaign, rehearse, bounded):
    """Contact and attempt, when it was dialed and given up, how often it was looked for, why."""
    trial = await lost(campaign, rehearse, bounded)
    (attempt,) = [each for each in attempts_of(trial) if each.loss]

    (item,) = queue(trial)

    assert (item.attempt_id, item.dialed_at, item.given_up_at) == (
        attempt.id,
        attempt.reserved_at,
        attempt.ended_at,
    )
    assert (item.loss, item.looks, item.row_number) == (Loss.REPLY_LOST, 5, 2)
    assert "no clear answer" in item.reason
    assert HER not in str(item)


async def test_who_is_released_is_called_again_and_nobody_else(campaign, rehearse, bounded):
    """One of two is released: one more call goes out, to that person."""
    trial = await lost(campaign, rehearse, bounded, count=2)
    first, second = queue(trial)
    before = len(trial.sandbox.ledger())

    moved = release(
        trial.desk.store, trial.record(), [first.contact_id], why="looked", now=trial.clock.now()
    )
    await trial.run(on_pass=bounded)

    assert moved == 1
    assert [call.to_number for call in trial.sandbox.ledger()[before:]] == [HER]
    assert [item.contact_id for item in queue(trial)] == [second.contact_id]
    assert trial.counts().contacts == {"review": 1, "reached": 2}


@pytest.mark.parametrize(("reached", "state"), [(True, "reached"), (False, "withdrawn")])
async def test_who_is_closed_is_not_called_again(campaign, rehearse, bounded, reached, state):
    """As reached or as taken out; the queue is empty and no call goes out."""
    trial = await lost(campaign, rehearse, bounded)
    contacts = [item.contact_id for item in queue(trial)]
    before = len(trial.sandbox.ledger())

    close(
        trial.desk.store,
        trial.record(),
        contacts,
        reached=reached,
        why="phoned",
        now=trial.clock.now(),
    )
    await trial.run(on_pass=bounded)

    assert queue(trial) == []
    assert len(trial.sandbox.ledger()) == before
    assert trial.counts().contacts.get(state) == (3 if reached else 1)


async def test_a_second_decision_changes_nothing(campaign, rehearse, bounded):
    """Two people look at one queue: who comes second finds it decided."""
    trial = await lost(campaign, rehearse, bounded)
    contacts, record = [queue(trial)[0].contact_id], trial.record()
    now = trial.clock.now()

    first = close(trial.desk.store, record, contacts, reached=False, why="mine", now=now)
    second = release(trial.desk.store, record, contacts, why="no, mine", now=now)
    await trial.run(on_pass=bounded)

    assert (first, second) == (1, 0)
    assert trial.counts().contacts == {"withdrawn": 1, "reached": 2}


async def test_a_beginning_of_an_attempts_id_names_one_or_nobody(campaign, rehearse, bounded):
    """A contact's id, or enough of an attempt's; what names none or several is told."""
    trial = await lost(campaign, rehearse, bounded, count=2)
    first, second = items = queue(trial)

    named, unknown = named_in(items, [first.attempt_id[:8], str(second.contact_id), "abc", ""])

    assert [item.contact_id for item in named] == [first.contact_id, second.contact_id]
    assert unknown == ["abc", ""]


async def test_an_ambiguous_call_is_shown_with_the_calls_that_could_be_it(
    campaign, rehearse, bounded
):
    """Somebody called the number by hand: both calls' ids are there for the person to look at."""
    trial = await rehearse(campaign([HER], client_websocket_url=None), population=callees(seed=5))
    by_hand = faults.meanwhile(lambda: call_by_hand(trial, HER, HER), faults.vanishes)
    trial.workplace.transport.dials = faults.only([1], by_hand)

    await trial.run(on_pass=bounded)

    (item,) = queue(trial)
    assert all(str(call.call_id) in item.reason for call in trial.sandbox.ledger())


async def test_released_by_itself_only_where_that_is_asked_for(campaign, rehearse, bounded):
    """Off by default; switched on, whose call the list does not have is called again, once."""
    trial = await lost(campaign, rehearse, bounded, release_unfound=True)

    calls = [call for call in trial.sandbox.ledger() if call.to_number == HER]
    first, again = [each for each in attempts_of(trial) if each.number == HER]
    assert trial.counts().contacts == {"reached": 3}
    assert len(calls) == 1
    assert (again.reserved_at - first.lost_at).total_seconds() >= 120


async def test_what_could_have_rung_is_not_released_by_itself(campaign, rehearse, bounded):
    """Two calls could be it, so it is there: switched on or not, a person decides."""
    trial = await rehearse(
        campaign([HER], client_websocket_url=None),
        population=callees(seed=5),
        release_unfound=True,
    )
    by_hand = faults.meanwhile(lambda: call_by_hand(trial, HER, HER), faults.vanishes)
    trial.workplace.transport.dials = faults.only([1], by_hand)

    await trial.run(on_pass=bounded)

    assert trial.counts().contacts == {"review": 1}
    assert trial.workplace.transport.dials_seen == 1
