"""Answers to place-call get lost in every way; whoever was called is never called for it again."""

from dataclasses import replace
from datetime import timedelta

import pytest

from inkbatch.domain.attempt import AttemptState
from inkbatch.sandbox import ORGANISATION_A, PhoneNumber, phone_number_id
from tests import faults
from tests.ledger_oracle import attempt_id, by_number
from tests.trial_campaigns import (
    FROM_NUMBERS,
    attempts_of,
    call_by_hand,
    callees,
    numbers,
    scripted,
)

LOST = (faults.times_out, faults.breaks_off, faults.half_an_answer, faults.html_502)
UNLIMITED = {"calls_at_once": 4, "calls_per_minute": "unlimited"}
HER = numbers(1)[0]


@pytest.mark.parametrize("lost", LOST, ids=lambda fault: fault.__name__)
async def test_nobody_is_called_twice_for_one_attempt(campaign, rehearse, bounded, lost):
    """A third of all answers is lost, and still every attempt ends, once, with its own call."""
    folder = campaign(numbers(12), breaker=100, pacing=UNLIMITED)
    trial = await rehearse(
        folder, dials=faults.seeded(3, lost, share=0.3), population=callees(seed=5)
    )

    await trial.run(on_pass=bounded)

    ledger = trial.sandbox.ledger()
    attempts = attempts_of(trial)
    assert trial.counts().contacts == {"reached": 12}
    assert {each.state for each in attempts} == {AttemptState.ENDED}
    assert sum(each.loss is not None for each in attempts) >= 2
    assert sorted(attempt_id(call) for call in ledger) == sorted(each.id for each in attempts)
    assert {each.id: each.call_id for each in attempts} == {
        attempt_id(call): str(call.call_id) for call in ledger
    }


async def test_without_any_url_a_call_is_found_by_number_and_time(campaign, rehearse, bounded):
    """Neither the campaign nor the number has a URL, so the call is told by whom it is to."""
    folder = campaign(numbers(4), client_websocket_url=None)
    trial = await rehearse(
        folder, dials=faults.only([2], faults.times_out), population=callees(seed=5)
    )

    await trial.run(on_pass=bounded)

    assert trial.counts().contacts == {"reached": 4}
    assert all(len(calls) == 1 for calls in by_number(trial.sandbox.ledger()).values())


async def test_the_numbers_own_url_carries_the_attempt_too(campaign, rehearse, bounded):
    """A campaign without URL falls back to the number's, and the id is added to what it has."""
    own = PhoneNumber(number="+14155550100", client_websocket_url="wss://own.example.com/a?b=1")
    organisation = replace(ORGANISATION_A, phone_numbers=(own,))
    folder = campaign(numbers(2), client_websocket_url=None)
    trial = await rehearse(
        folder,
        dials=faults.only([1], faults.breaks_off),
        population=callees(seed=5),
        organisations=(organisation,),
    )

    await trial.run(on_pass=bounded)

    assert trial.counts().contacts == {"reached": 2}
    urls = [call.client_websocket_url for call in trial.sandbox.ledger()]
    assert all(url.startswith("wss://own.example.com/a?b=1&inkbatch_attempt=") for url in urls)


@pytest.mark.parametrize(
    "fault", [faults.vanishes, faults.refuses(502, "Telnyx dial failed")], ids=["lost", "failed"]
)
async def test_two_calls_that_could_be_it_go_to_review(campaign, rehearse, bounded, fault):
    """Somebody called the same number by hand: nothing unique binds, and nobody is redialed."""
    trial = await rehearse(campaign([HER], client_websocket_url=None), population=callees(seed=5))
    by_hand = faults.meanwhile(lambda: call_by_hand(trial, HER, HER), fault)
    trial.workplace.transport.dials = faults.only([1], by_hand)

    await trial.run(on_pass=bounded)

    assert trial.counts().contacts == {"review": 1}
    assert trial.workplace.transport.dials_seen == 1


async def test_what_is_not_found_goes_to_review_and_is_never_redialed(campaign, rehearse, bounded):
    """The request itself vanished; since nobody can prove that, a person has to look at it."""
    folder = campaign(numbers(2))
    trial = await rehearse(
        folder,
        dials=faults.only([1], faults.vanishes),
        population=callees(seed=5),
        quiet_seconds=120,
    )

    await trial.run(on_pass=bounded)

    assert trial.counts().contacts == {"review": 1, "reached": 1}
    assert trial.counts().attempts == {"unknown": 1, "answered": 1}
    assert trial.workplace.transport.dials_seen == 2
    (lost,) = [each for each in attempts_of(trial) if each.loss]
    assert lost.ended_at - lost.lost_at >= timedelta(seconds=120)


async def test_a_documented_502_is_looked_up_before_it_counts_as_failed(
    campaign, rehearse, bounded
):
    """A record that Inkbox kept is found and tells the outcome; without one the dial failed."""
    kept, gone = numbers(2)
    folder = campaign([kept, gone], attempts={"retry": {"dial_failed": "stop", "failed": "stop"}})
    people = scripted({kept: ["dial_failed_kept"], gone: ["dial_failed"]})
    trial = await rehearse(folder, population=people)

    await trial.run(on_pass=bounded)

    assert trial.counts().attempts == {"failed": 1, "dial_failed": 1}
    assert [call.to_number for call in trial.sandbox.ledger()] == [kept]
    found, failed = sorted(attempts_of(trial), key=lambda each: each.number)
    assert (found.call_id is None, failed.call_id is None) == (False, True)


async def test_a_lost_attempt_of_a_number_that_is_gone_goes_to_review(campaign, rehearse, bounded):
    """The number was given back at Inkbox, so its calls cannot be listed any more."""
    kept, given_back = FROM_NUMBERS
    folder = campaign([HER], from_numbers=[given_back])
    trial = await rehearse(
        folder, dials=faults.only([1], faults.power_cut), population=callees(seed=5)
    )
    with pytest.raises(faults.PowerCut):
        await trial.run()
    campaign_file = folder / "campaign.toml"
    campaign_file.write_text(campaign_file.read_text("utf-8").replace(given_back, kept), "utf-8")
    gone = faults.hides(phone_number_id(given_back))
    trial.workplace.transport.reads = faults.always(gone)

    await trial.run(on_pass=bounded)

    assert trial.counts().contacts == {"review": 1}
