"""What a check-up makes of what it sees."""

from datetime import timedelta

import pytest

from inkbatch.doctor.finding import Verdict
from inkbatch.doctor.inkbox import clock, numbers_of
from inkbatch.doctor.machine import GIB, disk, room, time_zones
from inkbatch.doctor.prefect_server import judged
from inkbatch.domain.call import OwnNumber
from inkbatch.wiring import load_campaign
from tests.trial_campaigns import FROM_NUMBERS, numbers, write_campaign


@pytest.mark.parametrize(
    ("seconds", "verdict"),
    [
        (0, Verdict.FINE),
        (-5, Verdict.FINE),
        (6, Verdict.BEWARE),
        (-60, Verdict.BEWARE),
        (61, Verdict.WRONG),
        (-3600, Verdict.WRONG),
        (None, Verdict.BEWARE),
    ],
)
def test_clocks_more_than_a_minute_apart_are_wrong(seconds, verdict):
    """Beyond a minute nothing would be dialed, whichever clock is ahead."""
    skew = None if seconds is None else timedelta(seconds=seconds)
    assert clock(skew).verdict is verdict


@pytest.mark.parametrize(
    ("gib", "verdict"), [(50, Verdict.FINE), (0.5, Verdict.BEWARE), (0.05, Verdict.WRONG)]
)
def test_a_disk_that_is_nearly_full_is_wrong(gib, verdict):
    """Before it is full there is time to make room."""
    assert room("the database", int(gib * GIB)).verdict is verdict


def test_folders_of_one_disk_are_told_once(tmp_path):
    """A folder that does not exist yet counts as the one that it will lie in."""
    assert len(disk({"the database": tmp_path, "reports": tmp_path / "not" / "yet"})) == 1


def test_the_time_zones_here_are_known():
    """The package tzdata is installed with inkbatch where the system has none."""
    assert time_zones().verdict is Verdict.FINE


@pytest.mark.parametrize(
    ("server", "verdict"),
    [
        ("3.8.8", Verdict.FINE),
        ("3.8.12+1.gabc", Verdict.FINE),
        ("3.7.0", Verdict.BEWARE),
        ("3.6.21", Verdict.WRONG),
        ("2.20.1", Verdict.WRONG),
        ("", Verdict.WRONG),
        ("hello", Verdict.WRONG),
    ],
)
def test_prefect_servers_are_judged_by_their_version(server, verdict):
    """Old servers let strangers in; another minor version may not understand ours."""
    assert judged(server, here="3.8.8").verdict is verdict


@pytest.mark.parametrize(
    ("status", "wrong"),
    [("active", []), ("paused", ["trial: from_number", "numbers"]), (None, ["trial: from_number"])],
)
def test_a_campaign_whose_number_may_not_call_is_told(tmp_path, status, wrong):
    """A number that is not active, or of somebody else, is found before the first dial."""
    campaign = load_campaign(write_campaign(tmp_path / "trial", numbers(1)))
    number = FROM_NUMBERS[0] if status else FROM_NUMBERS[1]
    known = OwnNumber(id="n1", number=number, status=status or "active", client_websocket_url=None)
    found = numbers_of([campaign], [known])
    assert sorted(each.what for each in found if each.verdict is Verdict.WRONG) == sorted(wrong)
