"""Rule sets: those that ship, a person's own, and what a campaign takes of them."""

import tomllib
from datetime import date, timedelta

import pytest

from inkbatch.adapters.campaign_files import (
    load_campaign,
    load_rule_set,
    preset_names,
    preset_text,
)
from inkbatch.domain.calling_rules import shared_week
from inkbatch.domain.disposition import Disposition
from inkbatch.domain.errors import CampaignFileError
from inkbatch.domain.expiry import Expiry
from inkbatch.domain.retry_policy import AttemptCap

DAY = timedelta(days=1)
TOP = """
name = "rules"
call_list = "call_list.csv"
from_numbers = ["+14155550100"]
"""
WINDOW = """
[calling_window]
weekdays = ["00:00-24:00"]
weekends = ["00:00-24:00"]
"""


def written(folder, top="", below=""):
    (folder / "campaign.toml").write_text(TOP + top + WINDOW + below, "utf-8")
    return folder


@pytest.mark.parametrize("name", preset_names())
def test_every_rule_set_that_ships_says_what_and_where(name, tmp_path):
    """It loads, rules something, and names for each rule the statute and where it was read."""
    rule_set = load_rule_set(name, folder=tmp_path)
    assert rule_set.window is not None
    assert rule_set.checked >= date(2026, 11, 25)
    sources = tomllib.loads(preset_text(name))["sources"]
    assert sources
    assert all(source["where"] and source["says"] and source["read"] for source in sources)


@pytest.mark.parametrize("name", preset_names())
def test_a_copy_of_a_rule_set_holds_as_the_original(name, tmp_path):
    """What `inkbatch rules NAME > FILE` writes is a file of rules."""
    (tmp_path / "mine.toml").write_text(preset_text(name), "utf-8")
    (own,) = load_campaign(written(tmp_path, 'rules = ["mine.toml"]')).rules
    (named,) = load_campaign(written(tmp_path, f'rules = ["{name}"]')).rules
    assert (own.window, own.caps, own.cool_downs) == (named.window, named.caps, named.cool_downs)


@pytest.mark.parametrize(
    ("name", "week", "caps", "cool_downs"),
    [
        ("us-federal", {"Mon": "08:00-21:00", "Sun": "08:00-21:00"}, [], {}),
        ("us-florida", {"Mon": "08:00-20:00"}, [(3, DAY)], {}),
        ("us-maryland", {"Sun": "08:00-20:00"}, [(3, DAY)], {}),
        ("us-oklahoma", {"Mon": "08:00-20:00"}, [(3, DAY)], {}),
        ("us-washington", {"Mon": "08:00-20:00"}, [], {}),
        ("us-reg-f", {"Mon": "08:00-21:00"}, [(7, 7 * DAY)], {"answered": 7 * DAY}),
        ("canada", {"Fri": "09:00-21:30", "Sat": "10:00-18:00"}, [], {}),
        ("australia", {"Fri": "09:00-20:00", "Sat": "09:00-17:00", "Sun": ""}, [], {}),
        (
            "france",
            {"Fri": "10:00-13:00 14:00-20:00", "Sat": ""},
            [(4, 30 * DAY)],
            {"rejected": 61 * DAY},
        ),
        ("india", {"Mon": "10:00-21:00"}, [], {}),
        ("uk", {"Mon": "08:00-21:00", "Sun": "09:00-21:00"}, [], {}),
    ],
)
def test_the_rule_sets_say_what_their_sources_do(name, week, caps, cool_downs, tmp_path):
    """A figure that changes here changes on purpose."""
    rule_set = load_rule_set(name, folder=tmp_path)
    days = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
    for day, hours in week.items():
        spans = rule_set.window.weekdays[days.index(day)]
        assert " ".join(map(str, spans)) == hours
    assert [(cap.attempts, cap.period) for cap in rule_set.caps] == caps
    assert rule_set.cool_downs == cool_downs


@pytest.mark.parametrize(
    ("name", "day", "is_shut"),
    [
        ("australia", date(2026, 1, 26), True),
        ("australia", date(2026, 1, 27), False),
        ("france", date(2026, 7, 14), True),
        ("france", date(2026, 7, 15), False),
        ("uk", date(2026, 11, 30), True),
        ("us-federal", date(2026, 12, 25), False),
    ],
)
def test_public_holidays_shut_where_the_law_says_so(name, day, is_shut, tmp_path):
    """On a weekday that would be open otherwise."""
    window = load_rule_set(name, folder=tmp_path).window
    assert (window.spans_on(day, ("Europe/London",)) == ()) is is_shut


def test_a_campaign_takes_the_strictest_of_its_rule_sets(tmp_path):
    """By names, and by the path of a file of its own."""
    (tmp_path / "house.toml").write_text(
        'title = "House"\nchecked = 2026-11-25\n[cool_down]\nanswered = "30d"\n', "utf-8"
    )
    rules = 'rules = ["us-federal", "us-florida", "us-reg-f", "house.toml"]'
    holding = load_campaign(written(tmp_path, rules)).rules_for({})
    assert {str(span) for day in shared_week(holding.window.windows) for span in day} == {
        "08:00-20:00"
    }
    assert holding.caps == (
        AttemptCap(attempts=3, period=DAY),
        AttemptCap(attempts=7, period=7 * DAY),
    )
    assert holding.cool_down_after(Disposition.ANSWERED).period == 30 * DAY


def test_rules_of_states_follow_the_state_column(tmp_path):
    """Without it they hold for everybody; with it for their people and for the unknown."""
    rules = 'rules = ["us-federal", "us-florida"]\n'
    everybody = load_campaign(written(tmp_path, rules))
    by_state = load_campaign(written(tmp_path, rules + 'state_column = "state"'))

    def latest(campaign, fields):
        week = shared_week(campaign.rules_for(fields).window.windows)
        return week[0][-1].end_minute // 60

    assert latest(everybody, {"state": "Texas"}) == 20
    assert latest(by_state, {"state": "Texas"}) == 21
    assert latest(by_state, {"state": "FL"}) == 20
    assert latest(by_state, {"state": "?"}) == 20
    assert latest(by_state, {}) == 20
    assert shared_week(by_state.rules_for_everybody.window.windows)[0][-1].end_minute == 21 * 60


@pytest.mark.parametrize(
    ("top", "problem"),
    [
        ('rules = ["us-texas"]', "there is no rule set 'us-texas'. There are: australia, canada"),
        ('rules = ["mine.toml"]', "there is no rule file"),
        ('rules = "us-federal"', "a list of names of rule sets"),
        ("expires = 14", "the last date of calling"),
        ('expires = "2026-02-30"', "the last date of calling"),
        ('state_column = "the state"', "state_column"),
    ],
)
def test_what_cannot_hold_is_refused(top, problem, tmp_path):
    """A campaign whose rules are not known does not load, so nobody is called."""
    with pytest.raises(CampaignFileError) as caught:
        load_campaign(written(tmp_path, top))
    assert problem in str(caught.value)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ('title = "x"\nchecked = 2026-11-25\n', "it rules nothing"),
        ('title = "x"\nper = [{ attempts = 1, period = "1d" }]\n', "checked is missing"),
        ('title = "x"\nchecked = 2026-11-25\nstate = "XX"\n', "a state is a code"),
        (
            'title = "x"\nchecked = 2026-11-25\n[cool_down]\ntalked = "7d"\n',
            "cool_down.talked",
        ),
        (
            'title = "x"\nchecked = 2026-11-25\n[calling_window]\nholidays = "ZZ"\n',
            "no place whose public holidays are known",
        ),
        ("title = ", "not valid TOML"),
    ],
)
def test_a_rule_file_with_a_mistake_is_refused(content, problem, tmp_path):
    """The line names the file and the key."""
    (tmp_path / "mine.toml").write_text(content, "utf-8")
    with pytest.raises(CampaignFileError) as caught:
        load_campaign(written(tmp_path, 'rules = ["mine.toml"]'))
    assert "mine.toml" in str(caught.value)
    assert problem in str(caught.value)


@pytest.mark.parametrize(
    ("text", "expiry"),
    [
        ("2026-12-24", Expiry(last_day=date(2026, 12, 24))),
        ('"2026-12-24"', Expiry(last_day=date(2026, 12, 24))),
        ('"14d"', Expiry(after=timedelta(days=14))),
    ],
)
def test_a_campaign_expires_on_a_date_or_after_a_time(text, expiry, tmp_path):
    """A date as TOML has it, one in quotes, or a duration."""
    assert load_campaign(written(tmp_path, f"expires = {text}")).expiry == expiry


def test_a_retry_may_ask_for_another_hour_or_number(tmp_path):
    """A table says both how long to wait and what is to change."""
    retry = """
[attempts.retry]
no_answer = { after = "20h", other_hour = true }
voicemail = { after = "3h", other_number = true }
rejected = "stop"
"""
    policy = load_campaign(written(tmp_path, below=retry)).retry
    assert policy.delays[Disposition.NO_ANSWER] == timedelta(hours=20)
    assert policy.delays[Disposition.VOICEMAIL] == timedelta(hours=3)
    assert policy.delays[Disposition.REJECTED] is None
    assert policy.other_hour == {Disposition.NO_ANSWER}
    assert policy.other_number == {Disposition.VOICEMAIL}


@pytest.mark.parametrize(
    "value", ["{ other_hour = true }", '{ after = "20h", other_number = 2 }',
              '{ after = "20h", hour = 9 }', '{ after = "stop" }',
              '{ after = "20h", other_hour = "yes" }']
)  # fmt: skip
def test_a_retry_table_with_a_mistake_is_refused(value, tmp_path):
    """Nobody waits for a rule that does not hold."""
    below = f"[attempts.retry]\nno_answer = {value}\n"
    with pytest.raises(CampaignFileError, match=r"attempts\.retry\.no_answer"):
        load_campaign(written(tmp_path, below=below))
