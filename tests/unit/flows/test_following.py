"""`serve` follows its folder for months, whatever becomes of Prefect meanwhile."""

import asyncio

from flows.campaign_folder import scheduled_in
from flows.serve import follow
from tests.trial_campaigns import numbers, write_campaign

NIGHTLY = {"cron": "0 9 * * *", "zone": "Europe/London"}


async def test_a_change_is_told_to_prefect_again_after_it_could_not_be(tmp_path, capsys):
    """A server that restarts at the wrong moment loses no campaign."""
    known = scheduled_in(tmp_path)
    campaign = write_campaign(tmp_path / "spring", numbers(1), schedule=NIGHTLY)
    asked, told = [], asyncio.Event()

    async def change(nights):
        asked.append(list(nights))
        if len(asked) == 1:
            raise ConnectionError
        told.set()
        return ()

    following = asyncio.create_task(follow(tmp_path, known, change=change, look_seconds=0))
    await told.wait()
    following.cancel()
    await asyncio.gather(following, return_exceptions=True)
    assert asked[:2] == [[campaign], [campaign]]
    assert "could not be told" in capsys.readouterr().out
