"""What a folder of campaigns says of their nights, also while somebody edits it."""

import pytest

from flows.campaign_folder import Nights, require_scheduled, scheduled_in
from flows.serve import without_losing
from inkbatch.domain.campaign import Schedule
from inkbatch.domain.errors import UserMistake
from tests.trial_campaigns import numbers, write_campaign

NIGHTLY = {"cron": "0 9 * * *", "zone": "Europe/London"}


@pytest.fixture
def write(tmp_path):
    """Write a campaign into the folder."""

    def write_one(folder, **keys):
        return write_campaign(tmp_path / folder, numbers(1), **keys)

    return write_one


def test_campaigns_with_a_schedule_are_found(write, tmp_path):
    """One without is not run by night; a folder without campaign.toml is no campaign."""
    spring = write("spring", schedule=NIGHTLY)
    write("by_hand")
    (tmp_path / "notes").mkdir()
    assert scheduled_in(tmp_path).nights == {
        spring: Nights(campaign="spring", schedule=Schedule(**NIGHTLY))
    }


def test_a_file_half_saved_loses_no_night(write, tmp_path):
    """What was known of the campaign goes on counting, and the problem is told."""
    spring = write("spring", schedule=NIGHTLY)
    known = scheduled_in(tmp_path)
    (spring / "campaign.toml").write_text('name = "spr')
    found = without_losing(known, scheduled_in(tmp_path))
    assert found.nights == known.nights
    assert list(found.problems) == [spring]


def test_two_folders_of_one_name_are_told(write, tmp_path):
    """Their nights would be one deployment; the first counts."""
    first = write("a", name="spring", schedule=NIGHTLY)
    second = write("b", name="spring", schedule=NIGHTLY)
    found = scheduled_in(tmp_path)
    assert list(found.nights) == [first]
    assert str(first) in found.problems[second]


def test_a_broken_campaign_is_mended_before_anything_starts(write, tmp_path):
    """At the start somebody is there to read the message."""
    spring = write("spring", schedule=NIGHTLY)
    (spring / "campaign.toml").write_text('name = "spr')
    with pytest.raises(UserMistake, match=r"campaign\.toml"):
        require_scheduled(tmp_path)


def test_nothing_to_serve_is_told(write, tmp_path):
    """Without any schedule there would be no night at all."""
    write("by_hand")
    with pytest.raises(UserMistake, match="schedule"):
        require_scheduled(tmp_path)
