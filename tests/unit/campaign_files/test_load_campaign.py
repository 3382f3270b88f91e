"""Campaign files that can be used."""

from datetime import date, timedelta

import pytest

from inkbatch.adapters.campaign_files import load_campaign
from inkbatch.domain.budget import HeadRoom
from inkbatch.domain.call_list import Columns
from inkbatch.domain.calling_window import Span
from inkbatch.domain.campaign import BudgetRules, FromNumber, Schedule
from inkbatch.domain.disposition import Disposition
from inkbatch.domain.pacing import Pacing
from inkbatch.domain.pilot import Pilot
from inkbatch.domain.retry_policy import AttemptCap

SHORTEST = """
name = "shortest"
call_list = "people.csv"
from_numbers = ["+14155550100"]
[calling_window]
weekdays = ["09:00-20:00"]
"""


def load(tmp_path, text):
    (tmp_path / "campaign.toml").write_text(text, "utf-8")
    return load_campaign(tmp_path)


def test_four_keys_are_enough(tmp_path):
    """Everything that has a sensible default may be left out."""
    campaign = load(tmp_path, SHORTEST)
    assert campaign.name == "shortest"
    assert campaign.from_numbers == (FromNumber(number="+14155550100"),)
    assert campaign.pacing == Pacing(calls_at_once=5, calls_per_minute=20)
    assert campaign.budget == BudgetRules()
    assert campaign.retry.attempts_max == 4
    assert campaign.retry.caps == (AttemptCap(attempts=3, period=timedelta(hours=24)),)
    assert campaign.retry.reached == {Disposition.ANSWERED}
    assert (campaign.priority, campaign.breaker, campaign.schedule) == (0, 5, None)
    assert campaign.pilot is None


def test_a_pilot_is_so_many_calls(tmp_path):
    """A campaign of which nobody knows yet what its calls come to may begin with a few."""
    assert load(tmp_path, SHORTEST + "[pilot]\ncalls = 20\n").pilot == Pilot(calls=20)


def test_the_default_waits_are_those_promised(tmp_path):
    """Nobody answered: hours; a machine: a day; refused: never again."""
    assert load(tmp_path, SHORTEST).retry.delays == {
        Disposition.NO_ANSWER: timedelta(hours=4),
        Disposition.VOICEMAIL: timedelta(hours=20),
        Disposition.FAILED: timedelta(hours=2),
        Disposition.DIAL_FAILED: timedelta(hours=1),
        Disposition.REJECTED: None,
        Disposition.INVALID: None,
    }


def test_paths_start_from_the_campaign_folder(tmp_path):
    """A campaign works from whatever folder it is run."""
    (tmp_path / "inner").mkdir()
    text = 'suppression_files = ["../all.csv", "/etc/own.csv"]\n' + SHORTEST
    campaign = load(tmp_path / "inner", text)
    root = tmp_path.resolve()
    assert campaign.call_list == str(root / "inner" / "people.csv")
    assert campaign.suppression_files == (str(root / "all.csv"), "/etc/own.csv")


def test_every_key_reaches_the_campaign(tmp_path):
    """Nothing that a person writes is silently dropped."""
    campaign = load(
        tmp_path,
        """
name = "all keys"
call_list = "people.csv"
from_numbers = ["+14155550100", { number = "+14155550101", phone_number_id = "n-2" }]
default_region = "GB"
sheet = "May"
client_websocket_url = "ws://127.0.0.1:9000/{contact.language}?name={contact.first_name}"
webhook_url = "http://localhost:9001/hook"
priority = 7
breaker = 3
[columns]
phone = ["Mobil", "Tel"]
zone = ""
deadline = "By"
consent = "Ja?"
do_not_call = "Nein?"
[calling_window]
zone = "Europe/London"
weekdays = ["13:30-24:00", "09:00-12:30"]
monday = []
weekends = ["10:00-11:00"]
sunday = ["00:00-01:00"]
[calling_window.exceptions]
2026-12-25 = []
"2026-12-31" = ["09:00-12:00"]
[attempts]
max = 6
per = [{ attempts = 1, period = "20h" }, { attempts = 4, period = "7d" }]
reached = ["answered", "voicemail"]
[attempts.retry]
no_answer = "90m"
rejected = "2d"
failed = "stop"
[pacing]
calls_at_once = 1000
calls_per_minute = "unlimited"
[budget]
head_room_calls = 10
head_room_minutes = 5.5
predicted_minutes = 2
minutes_max = 4
[schedule]
cron = "30 8 * * mon-sat"
zone = "Europe/London"
""",
    )
    morning, afternoon = Span(540, 750), Span(810, 1440)
    assert campaign.from_numbers[1] == FromNumber(number="+14155550101", id="n-2")
    assert (campaign.default_region, campaign.sheet) == ("GB", "May")
    assert campaign.client_websocket_url is not None
    assert campaign.webhook_url == "http://localhost:9001/hook"
    assert (campaign.priority, campaign.breaker) == (7, 3)
    columns = campaign.columns
    assert columns == Columns(
        phone=("Mobil", "Tel"), zone="", deadline="By", consent="Ja?", do_not_call="Nein?"
    )
    assert campaign.window.zone == "Europe/London"
    assert campaign.window.weekdays == (
        (),
        *[(morning, afternoon)] * 4,
        (Span(600, 660),),
        (Span(0, 60),),
    )
    assert campaign.window.exceptions == {
        date(2026, 12, 25): (),
        date(2026, 12, 31): (Span(540, 720),),
    }
    assert campaign.retry.attempts_max == 6
    assert campaign.retry.caps[1] == AttemptCap(attempts=4, period=timedelta(days=7))
    assert campaign.retry.reached == {Disposition.ANSWERED, Disposition.VOICEMAIL}
    assert campaign.retry.delays[Disposition.NO_ANSWER] == timedelta(minutes=90)
    assert campaign.retry.delays[Disposition.REJECTED] == timedelta(days=2)
    assert campaign.retry.delays[Disposition.FAILED] is None
    assert campaign.retry.delays[Disposition.VOICEMAIL] == timedelta(hours=20)
    assert campaign.pacing == Pacing(calls_at_once=1000, calls_per_minute=None)
    assert campaign.budget == BudgetRules(
        head_room=HeadRoom(calls=10, minutes=5.5), predicted_minutes=2.0, minutes_max=4.0
    )
    assert campaign.schedule == Schedule(cron="30 8 * * mon-sat", zone="Europe/London")


@pytest.mark.parametrize(
    "url",
    [
        "wss://agent.example.com",
        "wss://agent.example.com:8443/a/b?x=1&name={contact.first_name}",
        "wss://agent.example.com/{contact.prénom}",
        "ws://localhost:8000/x",
        "ws://[::1]:8000/x",
    ],
)
def test_agents_are_reached_securely_or_on_this_machine(tmp_path, url):
    """What a call says is not sent over an open network."""
    campaign = load(tmp_path, f'client_websocket_url = "{url}"\n{SHORTEST}')
    assert campaign.client_websocket_url == url
