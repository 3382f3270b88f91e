"""Campaign files that cannot be used: file, key, value and what is allowed, all at once."""

import pytest

from inkbatch.adapters.campaign_files import load_campaign
from inkbatch.domain.errors import CampaignFileError

TOP = {
    "name": '"broken"',
    "call_list": '"people.csv"',
    "from_numbers": '["+14155550100"]',
}
WINDOW = {"weekdays": '["09:00-20:00"]'}


def problems(tmp_path, text):
    (tmp_path / "campaign.toml").write_text(text, "utf-8")
    with pytest.raises(CampaignFileError) as caught:
        load_campaign(tmp_path)
    lines = str(caught.value).splitlines()
    assert all(str(tmp_path / "campaign.toml") in line for line in lines)
    return [line.removeprefix(f"{tmp_path / 'campaign.toml'}: ") for line in lines]


def with_key(key, value):
    """A file that is right but for one key."""
    *table, last = key.split(".")
    tables = {"": TOP, "calling_window": WINDOW}
    place = ".".join(table)
    tables = tables | {place: tables.get(place, {}) | {last: value}}
    return "\n".join(
        (f"[{name}]\n" if name else "") + "\n".join(f"{k} = {v}" for k, v in keys.items())
        for name, keys in tables.items()
    )


@pytest.mark.parametrize(
    ("key", "value", "allowed"),
    [
        ("name", '""', "at most 80 letters"),
        ("name", '"a/b"', "at most 80 letters"),
        ("call_list", "5", "path of a .csv, .tsv, .xlsx or .parquet file"),
        ("from_numbers", "[]", "a list of numbers"),
        ("default_region", '"us"', "ISO 3166 code of two capital letters"),
        ("default_region", '"XX"', "ISO 3166 code of two capital letters"),
        ("client_websocket_url", '"https://x.example"', "begins with wss://"),
        ("client_websocket_url", '"ws://x.example/a"', "ws:// only to this machine"),
        ("client_websocket_url", '"wss://{contact.host}/a"', "only behind the host"),
        ("client_websocket_url", '"wss://x.example/{first_name}"', "{contact.first_name}"),
        ("client_websocket_url", '"wss://x.example/a#b"', "no part after #"),
        ("client_websocket_url", '"wss://x.example/?inkbatch_attempt=1"', "added to each call"),
        ("client_websocket_url", '"wss://x.example:port/"', "begins with wss://"),
        ("webhook_url", '"http://x.example/hook"', "begins with https://"),
        ("suppression_files", '"a.csv"', "a list of paths"),
        ("priority", "1.5", "a whole number from -1000 to 1000"),
        ("breaker", "true", "a whole number from 1 to 100"),
        ("pilot.calls", "0", "a whole number from 1 to 10000"),
        ("columns.phone", "1", "the header of the column with the phone number, or a list"),
        ("columns.phone", "[]", 'a list in the order to try, such as ["Mobile", "Work"]'),
        ("columns.phone", '["Tel", ""]', "in the order to try"),
        ("columns.phone", '["Tel", "Tel"]', "each once"),
        ("columns.consent", "true", "the header of the column in which a no forbids to call"),
        ("calling_window.zone", '"EST5"', 'an IANA name such as "America/New_York", or "contact"'),
        ("calling_window.monday", '"09:00-10:00"', "a list"),
        ("attempts.max", "0", "a whole number from 1 to 100"),
        ("attempts.reached", "[]", '"answered" and "voicemail"'),
        ("attempts.retry.no_answer", '"4 hours"', '"30m", "4h" or "2d"; or "stop"'),
        ("attempts.retry.voicemail", '"0h"', "above zero"),
        ("attempts.retry.voicemail", '"400d"', "at most 366d"),
        ("attempts.retry.failed", "4", '"30m", "4h" or "2d"'),
        ("pacing.calls_at_once", "1001", "a whole number from 1 to 1000"),
        ("pacing.calls_at_once", '"5"', "a whole number from 1 to 1000"),
        ("pacing.calls_per_minute", "0", 'a whole number from 1 to 6000, or "unlimited"'),
        ("pacing.calls_per_minute", '"many"', 'a whole number from 1 to 6000, or "unlimited"'),
        ("budget.head_room_calls", "-1", "a whole number of calls, 0 or more"),
        ("budget.head_room_minutes", "inf", "minutes, 0 or more"),
        ("budget.predicted_minutes", "nan", "minutes above 0"),
        ("budget.minutes_max", "0", "minutes above 0, at most 1440"),
        ("schedule.cron", '"61 * * * *"', "a cron expression of five fields"),
        ("schedule.cron", '"* * * * * *"', "a cron expression of five fields"),
        ("schedule.zone", '"contact"', "an IANA name"),
    ],
)
def test_a_wrong_value_is_named_with_what_is_allowed(tmp_path, key, value, allowed):
    """One line tells the key, the value as written, and what could stand there."""
    lines = problems(tmp_path, with_key(key, value))
    line = next(line for line in lines if line.startswith(f"{key} = "))
    shown = {"inf": "Infinity", "nan": "NaN"}.get(value, value)
    assert line.startswith(f"{key} = {shown} is not allowed: ")
    assert allowed in line


@pytest.mark.parametrize(
    ("key", "value", "line"),
    [
        ("from_numbers", '["+14155550100", "415"]', 'from_numbers[2].number = "415" is not'),
        ("calling_window.monday", '["9-10"]', 'calling_window.monday[1] = "9-10" is not allowed'),
        ("calling_window.monday", '["10:00-09:00"]', "the end after the start"),
        ("calling_window.monday", '["10:00-24:01"]', 'at most "24:00"'),
        ("calling_window.exceptions", "{ 2026-02-30 = [] }", "a date is written as 2026-12-25"),
        ("attempts.per", '[{ attempts = 0, period = "1d" }]', "attempts.per[1].attempts = 0"),
        ("attempts.per", "[{ attempts = 1 }]", "attempts.per[1].period is missing: a duration"),
        ("attempts.reached", '["rejected"]', "one of answered, voicemail"),
    ],
)
def test_a_wrong_item_of_a_list_is_named_by_its_place(tmp_path, key, value, line):
    """Items are counted from 1, as people do."""
    assert any(line in problem for problem in problems(tmp_path, with_key(key, value)))


@pytest.mark.parametrize(
    ("key", "value", "line"),
    [
        ("prority", "1", "prority = 1 is no key here: did you mean priority?"),
        ("zzz", "1", "zzz = 1 is no key here: the keys are name, call_list, sheet, from_numbers"),
        ("attempts.retry.busy", '"1h"', "the keys are no_answer, voicemail, rejected"),
        ("columns.Phone", '"Tel"', "did you mean phone?"),
    ],
)
def test_an_unknown_key_is_refused(tmp_path, key, value, line):
    """A misspelled rule is not a rule that quietly does not hold."""
    assert any(line in problem for problem in problems(tmp_path, with_key(key, value)))


@pytest.mark.parametrize(
    ("key", "value", "line"),
    [
        ("from_numbers", '["+14155550100", "+14155550100"]', "has +14155550100 more than once"),
        ("calling_window.weekdays", "[]", "[calling_window] no day has hours"),
        (
            "calling_window.monday",
            '["09:00-12:00", "11:00-13:00"]',
            "[calling_window] 09:00-12:00 and 11:00-13:00 overlap",
        ),
        (
            "budget.predicted_minutes",
            "20",
            "[budget] predicted_minutes = 20 is more than minutes_max = 10",
        ),
    ],
)
def test_keys_that_contradict_one_another_are_told(tmp_path, key, value, line):
    """Each key may be right by itself and the whole still make no sense."""
    assert any(line in problem for problem in problems(tmp_path, with_key(key, value)))


def test_all_problems_are_told_at_once(tmp_path):
    """Nobody mends a file one run at a time."""
    lines = problems(tmp_path, 'name = 5\nfrom_numbers = ["1"]\n[attempts]\nmax = 0\n')
    assert len(lines) == 5
    assert any(line.startswith("call_list is missing: the path of") for line in lines)
    assert any(line.startswith("calling_window is missing: a table of the hours") for line in lines)


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ('name = "a"\ncall_list = \n', "at line 2"),
        ('name = "a"\ncall_list = "peop', "end of document"),
        ('name = "a"\nname = "b"\n', "at line 2"),
        ('name = "a"\n[attempts', "end of document"),
    ],
)
def test_what_is_no_toml_is_told_with_its_line(tmp_path, text, where):
    """A file that is half written, or half edited, is not half used."""
    (line,) = problems(tmp_path, text)
    assert where in line


def test_an_empty_file_is_told(tmp_path):
    """As an editor or a full disk leaves one."""
    assert "is empty" in problems(tmp_path, "\n")[0]


def test_a_file_in_another_encoding_is_told(tmp_path):
    """TOML is UTF-8."""
    (tmp_path / "campaign.toml").write_bytes('name = "Zoë"'.encode("cp1252"))
    with pytest.raises(CampaignFileError, match="is not UTF-8 text"):
        load_campaign(tmp_path)


def test_missing_folders_and_files_are_told(tmp_path):
    """The message says what to give, or how to start."""
    with pytest.raises(CampaignFileError, match=r"there is no folder .*inkbatch init"):
        load_campaign(tmp_path / "nowhere")
    with pytest.raises(CampaignFileError, match=r"there is no file .*campaign\.toml"):
        load_campaign(tmp_path)
    (tmp_path / "campaign.toml").write_text("x", "utf-8")
    with pytest.raises(CampaignFileError, match="is a file; give the campaign's folder"):
        load_campaign(tmp_path / "campaign.toml")


def test_a_long_value_is_shortened(tmp_path):
    """A message stays a line that can be read."""
    lines = problems(tmp_path, with_key("default_region", f'"{"x" * 500}"'))
    assert len(lines[0]) < 200
