"""Whether anybody would be told of a night, and who else may read the secrets."""

import pytest

from inkbatch.doctor.finding import Verdict
from inkbatch.doctor.telling import notices, secret_files
from inkbatch.settings import Settings
from inkbatch.wiring import load_campaign
from tests.receiver import receiving
from tests.trial_campaigns import numbers, write_campaign

NIGHTLY = {"cron": "0 9 * * *", "zone": "UTC"}


def settings_of(**said):
    """Return settings of these values, with no file of the user's own read."""
    return Settings(_env_file=None, **said)


@pytest.fixture
def campaign(tmp_path):
    """Write a campaign and load it."""

    def write(**keys):
        return load_campaign(write_campaign(tmp_path / "trial", numbers(1), **keys))

    return write


async def test_an_address_that_answers_is_fine_and_nothing_is_posted_to_it(campaign):
    """A check-up is no notice."""
    with receiving() as receiver:
        (found,) = await notices([campaign()], settings_of(notice_url=receiver.url))
    assert (found.verdict, found.saw) == (Verdict.FINE, "127.0.0.1 answers")
    assert receiver.bodies == []


async def test_an_address_where_nobody_is_is_told_without_what_is_secret_in_it(campaign):
    """The path of a Slack webhook is as good as a password."""
    with receiving() as gone:
        url = gone.url.replace("notices", "services/canary")
    (found,) = await notices([campaign(notice_url=url)], settings_of())
    assert found.verdict is Verdict.BEWARE
    assert "canary" not in found.saw + found.advice


async def test_nights_of_which_nobody_is_told_are_pointed_out(campaign):
    """A schedule runs for months; without one somebody sits in front of it."""
    (found,) = await notices([campaign(schedule=NIGHTLY)], settings_of())
    assert (found.verdict, "INKBATCH_NOTICE_URL" in found.advice) == (Verdict.BEWARE, True)


async def test_without_a_schedule_nobody_needs_to_be_told(campaign):
    """Whoever runs a campaign in a terminal sees what comes of it."""
    assert await notices([campaign()], settings_of()) == []


@pytest.mark.parametrize(("mode", "verdict"), [(0o600, Verdict.FINE), (0o644, Verdict.BEWARE)])
def test_a_secret_that_others_may_read_is_pointed_out(tmp_path, mode, verdict):
    """With the command that mends it."""
    path = tmp_path / "key"
    path.write_text("canary", "utf-8")
    path.chmod(mode)
    (found,) = secret_files(settings_of(api_key_file=path))
    assert found.verdict is verdict
    assert "canary" not in str(found)
