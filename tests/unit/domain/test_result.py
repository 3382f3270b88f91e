"""What an agent's result makes of a contact, alone and among others."""

from datetime import UTC, datetime, timedelta

import pytest

from inkbatch.domain.attempt import Attempt, AttemptState
from inkbatch.domain.contact import Contact, ContactState
from inkbatch.domain.disposition import Disposition
from inkbatch.domain.result import Effect, Party, Result, Spoken, standing, what_follows
from inkbatch.domain.retry_policy import RetryPolicy

NOW = datetime(2026, 11, 3, 20, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=3)
POLICY = RetryPolicy(
    attempts_max=2,
    delays={Disposition.NO_ANSWER: timedelta(hours=4), Disposition.VOICEMAIL: None},
)


def result(effect, *, attempt="second", id_=None, **said):
    at = LATER if effect == "call_back" else None
    told = {"word": "talked", "call_back_at": at, **said}
    return Result(
        id=id_ or f"{attempt}-{effect}",
        attempt_id=attempt,
        effect=Effect(effect),
        posted_at=NOW,
        **told,
    )


def ended(disposition="answered"):
    return Attempt(
        id="second",
        campaign_id=1,
        contact_id=1,
        number="+12125550100",
        from_number="+14155550100",
        ordinal=2,
        state=AttemptState.ENDED,
        shift_id="shift",
        predicted_minutes=1.0,
        created_at=NOW,
        ended_at=NOW,
        disposition=Disposition(disposition),
    )


def follows(*results, disposition="answered", used=1, expires_at=None):
    contact = Contact(
        id=1,
        campaign_id=1,
        number="+12125550100",
        zones=("America/New_York",),
        row_number=2,
        waits_until=NOW,
        why="",
        expires_at=expires_at,
    )
    return what_follows(
        POLICY, ended(disposition), contact=contact, attempts_used=used, results=results
    )


@pytest.mark.parametrize("disposition", ["answered", "voicemail", "no_answer", "unknown"])
@pytest.mark.parametrize(
    ("effect", "state"),
    [
        ("success", ContactState.REACHED),
        ("call_back", ContactState.WAITING),
        ("do_not_call", ContactState.SUPPRESSED),
    ],
)
def test_a_result_outranks_whatever_the_call_came_to(effect, state, disposition):
    """The agent was there; also where nobody else can tell whether the phone rang."""
    assert follows(result(effect), disposition=disposition).state is state


@pytest.mark.parametrize(
    ("disposition", "state"),
    [
        ("answered", ContactState.REACHED),
        ("no_answer", ContactState.WAITING),
        ("voicemail", ContactState.EXHAUSTED),
        ("unknown", ContactState.REVIEW),
    ],
)
def test_a_result_without_effect_leaves_it_to_the_retry_policy(disposition, state):
    """It is a word for the report, as if nothing had been said."""
    assert follows(result("none"), disposition=disposition) == follows(disposition=disposition)
    assert follows(result("none"), disposition=disposition).state is state


def test_a_call_back_waits_for_its_time_and_goes_first():
    """The time that was asked for, before all who merely wait for their turn."""
    following = follows(result("call_back"))
    assert (following.until, following.comes_first) == (LATER, True)
    assert not follows(disposition="no_answer").comes_first


def test_a_call_back_after_the_deadline_is_told_and_not_made():
    """Nobody is called after their deadline, whoever asked for it."""
    assert follows(result("call_back"), expires_at=LATER + timedelta(seconds=1)).state == "waiting"
    following = follows(result("call_back"), expires_at=LATER)
    assert (following.state, following.why) == (
        ContactState.EXPIRED,
        "asked to be called back at 2026-11-03 23:00 UTC, which is after its deadline",
    )


def test_the_campaign_s_most_tries_hold_for_call_backs_too():
    """`attempts.max` is at most so many, and the reason says what was asked for."""
    following = follows(result("call_back"), used=2)
    assert following.state is ContactState.EXHAUSTED
    assert following.why.endswith("but all 2 tries are used")


@pytest.mark.parametrize(
    ("results", "state"),
    [
        (("success", "call_back"), "waiting"),
        (("call_back", "success"), "reached"),
        (("do_not_call", "success"), "suppressed"),
        (("success", "do_not_call"), "suppressed"),
        (("success", "none"), "waiting"),
    ],
)
def test_the_later_of_two_results_counts_but_an_opt_out_stays(results, state):
    """An agent may correct itself; what somebody said of never being called is not taken back."""
    assert follows(*map(result, results), disposition="no_answer").state == state


@pytest.mark.parametrize(
    ("first", "second", "state"),
    [
        ("success", None, "reached"),
        ("do_not_call", None, "suppressed"),
        ("do_not_call", "success", "suppressed"),
        ("call_back", None, "waiting"),
        ("call_back", "success", "reached"),
        ("none", None, "waiting"),
    ],
)
def test_results_of_an_earlier_attempt_can_end_the_contact(first, second, state):
    """A success or opt-out that came late still counts; a call-back was settled by calling."""
    said = [result(first, attempt="first"), *([result(second)] if second else [])]
    following = follows(*said, disposition="no_answer")
    assert following.state == state
    assert not following.comes_first


def test_no_result_stands_where_none_was_posted():
    """An attempt without a result has none."""
    assert standing([]) is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"word": " "},
        {"word": "x" * 101},
        {"word": "two\nlines"},
        {"word": "half \ud800"},
        {"id_": "x" * 201},
        {"fields": dict.fromkeys(map(str, range(101)))},
        {"transcript": (Spoken(party=Party.REMOTE, text="a"),) * 2_001},
        {"transcript": (Spoken(party=Party.REMOTE, text="a" * 200_001),)},
        {"call_back_at": LATER},
    ],
)
def test_a_result_beyond_its_limits_cannot_be_made(wrong):
    """Everything has a limit, and a time belongs to a call-back alone."""
    with pytest.raises(ValueError, match=r"must be|has more|goes with"):
        result("success", **wrong)


def test_a_call_back_without_a_time_cannot_be_made():
    """Nobody could say when."""
    with pytest.raises(ValueError, match="call_back_at"):
        result("call_back", call_back_at=None)
