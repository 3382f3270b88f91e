"""What an agent says of an attempt ends, postpones or suppresses its contact, whenever it comes."""

from datetime import UTC, datetime, timedelta

import pytest

from inkbatch.dialer.results import Posted, record_result
from inkbatch.domain.campaign import CampaignState
from inkbatch.domain.contact import ContactState
from inkbatch.domain.errors import UnknownAttempt
from inkbatch.domain.result import RESULTS_MAX, Effect
from tests import faults
from tests.trial_campaigns import attempts_of, callees, contacts_of, numbers, say_state, scripted

HER, HIM, THIRD = numbers(3)
DAYTIME = {"weekdays": ["09:00-17:00"]}
RETRIES = {"max": 5, "retry": {"no_answer": "4h", "voicemail": "4h"}}


def post(trial, effect, *, attempt=0, id_=None, at=None):
    """Post a result of the nth attempt, as the web does."""
    posted = Posted(id=id_ or f"{effect}-{attempt}", word="talked", effect=Effect(effect))
    if at is not None:
        posted = Posted(id=posted.id, word="talked", effect=Effect(effect), call_back_at=at)
    attempt_id = attempts_of(trial)[attempt].id
    return record_result(trial.desk.store, attempt_id, posted, now=trial.clock.now())


@pytest.fixture
def after_pass(bounded):
    """Do something after the nth pass of a run."""

    def hook(nth, action):
        def note(result):
            bounded(result)
            if len(bounded) == nth:
                action()

        return note

    return hook


def entry_of(trial, number):
    with trial.desk.store.reading() as tx:
        return tx.suppression(number)


@pytest.mark.parametrize("outcome", ["answer", "voicemail", "no_answer", "reject"])
@pytest.mark.parametrize(
    ("effect", "at", "state"),
    [
        ("success", None, "reached"),
        ("do_not_call", None, "suppressed"),
        ("call_back", "2026-11-05T16:00:00+00:00", "waiting"),
    ],
)
async def test_a_result_that_comes_during_the_call_acts_when_it_ends(
    campaign, rehearse, after_pass, outcome, effect, at, state
):
    """Whatever the call comes to: the contact stays in the call until then."""
    trial = await rehearse(
        campaign([HER], attempts=RETRIES), population=scripted({HER: [outcome]}, seed=5)
    )
    answers = []

    def tell():
        answers.append(post(trial, effect, at=at))
        assert contacts_of(trial)[0].state == "in_call"

    await trial.run(on_pass=after_pass(1, tell), linger=timedelta(hours=1))

    assert contacts_of(trial)[0].state == state
    assert len(attempts_of(trial)) == 1
    assert answers[0].effective


async def test_an_opt_out_is_on_the_list_before_its_call_is_over(campaign, rehearse, after_pass):
    """At once and for every campaign; the entry says on which attempt it was said."""
    trial = await rehearse(campaign([HER]), population=callees("talk_on", seed=5))

    def tell():
        post(trial, "do_not_call")
        assert attempts_of(trial)[0].state == "placed"
        entry = entry_of(trial, HER)
        assert entry.reason == "opted out on a call"
        assert entry.source == f"campaign trial, attempt {attempts_of(trial)[0].id}"
        assert (entry.added_at, entry.expires_at) == (trial.clock.now(), None)

    await trial.run(on_pass=after_pass(1, tell))

    (contact,) = contacts_of(trial)
    assert (contact.state, contact.why) == (
        "suppressed",
        "on the suppression list: opted out on a call",
    )


async def test_who_asked_for_five_o_clock_is_called_at_five_and_before_all_others(
    campaign, rehearse, after_pass
):
    """The window opens at five, and two others have been waiting for that since two."""
    hours = {"weekdays": ["09:00-11:00", "17:00-19:00"]}
    trial = await rehearse(
        campaign([HER, HIM, THIRD], attempts=RETRIES, calling_window=hours),
        population=callees("no_answer"),
    )

    await trial.run(on_pass=after_pass(1, lambda: post(trial, "call_back", at="17:00")))

    five = datetime(2026, 11, 2, 22, 0, tzinfo=UTC)
    calls = trial.sandbox.ledger()
    assert [call.to_number for call in calls[:4]] == [HER, HIM, THIRD, HER]
    assert calls[3].created_at == five
    assert contacts_of(trial)[0].priority == 0


async def test_a_call_back_waits_for_the_calling_window(campaign, rehearse, after_pass):
    """Six in the evening is after hours: she is called when the window next opens."""
    trial = await rehearse(
        campaign([HER], attempts=RETRIES, calling_window=DAYTIME),
        population=callees(seed=5),
    )

    await trial.run(on_pass=after_pass(1, lambda: post(trial, "call_back", at="18:00")))

    second = trial.sandbox.ledger()[1]
    assert second.created_at == datetime(2026, 11, 3, 14, 0, tzinfo=UTC)


async def test_caps_hold_for_call_backs(campaign, rehearse, after_pass):
    """At most one try in twenty hours, whoever asks for another."""
    caps = {**RETRIES, "per": [{"attempts": 1, "period": "20h"}]}
    trial = await rehearse(campaign([HER], attempts=caps), population=callees(seed=5))

    await trial.run(on_pass=after_pass(1, lambda: post(trial, "call_back", at="17:00")))

    first, second = (call.created_at for call in trial.sandbox.ledger())
    assert timedelta(hours=20) <= second - first < timedelta(hours=20, minutes=1)


@pytest.mark.parametrize(
    ("effect", "state"),
    [("success", "reached"), ("do_not_call", "suppressed"), ("none", "waiting")],
)
async def test_a_result_that_comes_after_the_end_moves_the_contact_then(
    campaign, rehearse, bounded, effect, state
):
    """It was about to be called again in four hours, and is not."""
    trial = await rehearse(
        campaign([HER], attempts=RETRIES), population=scripted({HER: ["no_answer"]}, seed=5)
    )
    await trial.run(on_pass=bounded, linger=timedelta(hours=1))
    assert contacts_of(trial)[0].state == "waiting"

    recorded = post(trial, effect)

    contact = contacts_of(trial)[0]
    assert (contact.state, contact.attempts_used) == (state, 1)
    assert recorded.effective is (effect != "none")


async def test_a_call_back_after_the_end_calls_again_though_the_campaign_had_done(
    campaign, rehearse, bounded
):
    """An answered call counts as reached until the agent says that it was asked to call again."""
    trial = await rehearse(campaign([HER], attempts=RETRIES), population=callees(seed=5))
    await trial.run(on_pass=bounded)
    assert contacts_of(trial)[0].state == "reached"

    recorded = post(trial, "call_back", at="17:00")
    await trial.run(on_pass=bounded)

    assert recorded.effective
    assert [call.to_number for call in trial.sandbox.ledger()] == [HER, HER]
    assert contacts_of(trial)[0].state == "reached"


async def test_the_same_result_twice_is_one_and_a_later_other_one_counts(
    campaign, rehearse, bounded
):
    """Both are kept; a repeat of the first undoes nothing."""
    trial = await rehearse(
        campaign([HER], attempts=RETRIES), population=scripted({HER: ["no_answer"]}, seed=5)
    )
    await trial.run(on_pass=bounded, linger=timedelta(hours=1))

    post(trial, "call_back", at="17:00")
    post(trial, "success")
    repeated = post(trial, "call_back", at="09:00")

    assert contacts_of(trial)[0].state == "reached"
    assert not repeated.effective
    assert repeated.result.call_back_at == datetime(2026, 11, 2, 22, 0, tzinfo=UTC)
    with trial.desk.store.reading() as tx:
        assert len(tx.results_of(contacts_of(trial)[0].id)) == 2


async def test_an_opt_out_is_not_taken_back_by_a_later_result(campaign, rehearse, bounded):
    """Neither from the list nor for the contact; the answer to the later one says so."""
    trial = await rehearse(campaign([HER]), population=callees(seed=5))
    await trial.run(on_pass=bounded)

    post(trial, "do_not_call")
    later = post(trial, "success")

    assert contacts_of(trial)[0].state == "suppressed"
    assert entry_of(trial, HER) is not None
    assert not later.effective


async def test_an_agent_that_posts_in_a_circle_fills_no_database(campaign, rehearse, bounded):
    """A hundred results are kept of one attempt; an opt-out is taken all the same."""
    trial = await rehearse(campaign([HER], attempts=RETRIES), population=callees(seed=5))
    await trial.run(on_pass=bounded, linger=timedelta(hours=1))
    for nth in range(RESULTS_MAX):
        post(trial, "none", id_=f"circle-{nth}")

    with pytest.raises(ValueError, match="100 results already"):
        post(trial, "none", id_="one-more")
    assert post(trial, "none", id_="circle-7").result.id == "circle-7"
    assert post(trial, "do_not_call").effective
    with pytest.raises(ValueError, match="100 results already"):
        post(trial, "do_not_call", id_="again")

    assert entry_of(trial, HER) is not None


async def test_a_result_of_an_earlier_attempt_ends_the_contact_but_asks_for_no_call_back(
    campaign, rehearse, bounded
):
    """She was called again since, which settles the call-back; a success is one all the same."""
    trial = await rehearse(
        campaign([HER], attempts=RETRIES),
        population=scripted({HER: ["no_answer", "no_answer"]}, seed=5),
    )
    await trial.run(on_pass=bounded, linger=timedelta(hours=1))
    await trial.clock.sleep_until(trial.clock.now() + timedelta(hours=5))
    await trial.run(on_pass=bounded, linger=timedelta(hours=1))
    assert len(attempts_of(trial)) == 2
    waits_until = contacts_of(trial)[0].waits_until

    asked = post(trial, "call_back", attempt=0, at="23:00")
    assert not asked.effective
    assert contacts_of(trial)[0].waits_until == waits_until
    assert post(trial, "success", attempt=0).effective
    assert contacts_of(trial)[0].state == "reached"


async def test_a_late_success_while_she_is_being_called_again_ends_her_with_that_call(
    campaign, rehearse, after_pass, bounded
):
    """The second call goes on, and nobody calls a third time."""
    trial = await rehearse(
        campaign([HER], attempts=RETRIES),
        population=scripted({HER: ["no_answer", "no_answer"]}, seed=5),
    )
    await trial.run(on_pass=bounded, linger=timedelta(hours=1))
    await trial.clock.sleep_until(trial.clock.now() + timedelta(hours=5))

    def tell():
        assert post(trial, "success", attempt=0).effective
        assert contacts_of(trial)[0].state == "in_call"

    await trial.run(on_pass=after_pass(len(bounded) + 1, tell))

    assert contacts_of(trial)[0].state == "reached"
    assert len(trial.sandbox.ledger()) == 2


async def test_a_result_settles_what_nobody_else_can_tell(campaign, rehearse, bounded):
    """The answer to the dial was lost and the call is on no list, but the agent talked."""
    trial = await rehearse(
        campaign([HER]), population=callees(seed=5), dials=faults.only([1], faults.vanishes)
    )
    await trial.run(on_pass=bounded)
    assert contacts_of(trial)[0].state == "review"

    assert post(trial, "success").effective

    assert contacts_of(trial)[0].state == "reached"


async def test_a_canceled_campaign_takes_results_and_calls_nobody_back(
    campaign, rehearse, after_pass
):
    """What was said is kept and an opt-out holds; a call-back is not dialed any more."""
    trial = await rehearse(campaign([HER, HIM]), population=callees(seed=5))

    def cancel():
        say_state(trial, CampaignState.CANCELED)
        post(trial, "call_back", at="17:00")

    result = await trial.run(on_pass=after_pass(1, cancel))
    assert "canceled" in result.why
    assert len(trial.sandbox.ledger()) == 1
    assert contacts_of(trial)[0].state == "withdrawn"
    post(trial, "do_not_call")
    assert contacts_of(trial)[0].state == "withdrawn"
    assert entry_of(trial, HER) is not None


async def test_an_attempt_that_was_not_sent_or_does_not_exist_has_no_result(
    campaign, rehearse, bounded
):
    """Nobody was called, so nothing can have come of it, and nothing is kept."""
    trial = await rehearse(
        campaign([HER]), dials=faults.always(faults.cannot_connect), population=callees(seed=5)
    )
    await trial.run(on_pass=bounded, linger=timedelta(seconds=1))
    assert attempts_of(trial)[0].state == "planned"
    posted = Posted(id="one", word="talked", effect=Effect.DO_NOT_CALL)
    for attempt_id in (attempts_of(trial)[0].id, "no-such-attempt"):
        with pytest.raises(UnknownAttempt):
            record_result(trial.desk.store, attempt_id, posted, now=trial.clock.now())
    assert entry_of(trial, HER) is None


async def test_a_contact_that_a_person_took_out_stays_out(campaign, rehearse, bounded):
    """A result is kept and told as without effect; an opt-out is noted all the same."""
    trial = await rehearse(campaign([HER]), population=callees(seed=5))
    await trial.run(on_pass=bounded)
    with trial.desk.store.transaction() as tx:
        contact_id = contacts_of(trial)[0].id
        tx.set_contact(
            contact_id, ContactState.WITHDRAWN, until=trial.clock.now(), why="taken out by hand"
        )

    assert not post(trial, "call_back", at="17:00").effective
    post(trial, "do_not_call")

    assert contacts_of(trial)[0].state == "withdrawn"
    assert entry_of(trial, HER) is not None


async def test_a_plan_for_who_is_done_with_is_withdrawn(campaign, rehearse, bounded):
    """Her second try was planned and not sent when the agent told of the first."""
    trial = await rehearse(
        campaign([HER], attempts=RETRIES),
        population=scripted({HER: ["no_answer"]}, seed=5),
        dials=faults.from_the(2, faults.cannot_connect),
    )
    await trial.run(on_pass=bounded, linger=timedelta(hours=1))
    await trial.clock.sleep_until(trial.clock.now() + timedelta(hours=5))
    await trial.run(on_pass=bounded, linger=timedelta(seconds=1))
    assert [attempt.state for attempt in attempts_of(trial)] == ["ended", "planned"]

    assert post(trial, "success", attempt=0).effective

    assert [attempt.state for attempt in attempts_of(trial)] == ["ended", "withdrawn"]
    assert contacts_of(trial)[0].state == "reached"
