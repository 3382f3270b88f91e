"""A check-up of everything around the campaigns: whether tonight's calls can be made."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from inkbatch.doctor.database import database, database_folder
from inkbatch.doctor.finding import Finding, Verdict, beware, wrong
from inkbatch.doctor.inkbox import inkbox, limits
from inkbatch.doctor.machine import disk, time_zones
from inkbatch.doctor.prefect_server import prefect
from inkbatch.doctor.reach import agents, webhooks
from inkbatch.doctor.telling import notices, secret_files
from inkbatch.domain.campaign import Campaign
from inkbatch.domain.errors import CampaignFileError, InkbatchError, SettingsError
from inkbatch.wiring import Workplace, load_campaign, open_known_store


async def checkup(workplace: Workplace, folder: Path) -> list[Finding]:
    """Look at the settings, the campaigns of a folder and what they need; nobody is called.

    The network is asked all at once, each for ten seconds at most.
    """
    campaigns, unreadable = _campaigns(folder)
    settings = workplace.settings
    around = await asyncio.gather(
        _inkbox(workplace, campaigns),
        agents(campaigns, settings),
        webhooks(campaigns, settings),
        notices(campaigns, settings),
    )
    stored = database(settings.database_url)
    lies_in = database_folder(settings.database_url) or Path.cwd()
    return [
        *around[0],
        *_limits(workplace, stored),
        stored,
        *disk({"the database": lies_in, "reports": Path.cwd()}),
        time_zones(),
        await prefect(),
        *unreadable,
        *around[1],
        *around[2],
        *around[3],
        *secret_files(settings),
    ]


def _campaigns(folder: Path) -> tuple[list[Campaign], list[Finding]]:
    campaigns, unreadable = list[Campaign](), list[Finding]()
    for path in sorted(folder.glob("*/campaign.toml")):
        try:
            campaigns.append(load_campaign(path.parent))
        except CampaignFileError as error:
            what = f"{path.parent.name}: campaign.toml"
            unreadable.append(wrong(what, "it cannot be used", advice=str(error)))
    return campaigns, unreadable


async def _inkbox(workplace: Workplace, campaigns: Sequence[Campaign]) -> list[Finding]:
    try:
        telephony = workplace.open_telephony()
    except SettingsError as error:
        block = workplace.settings.api_key_block
        if block:
            saw = f"it is in Prefect's block {block}, for the flows alone; Inkbox was not asked"
            advice = "To look at numbers and clock too, set INKBATCH_API_KEY for this command."
            return [beware("key", saw, advice=advice)]
        return [wrong("key", "Inkbox was not asked", advice=str(error))]
    try:
        return await inkbox(telephony, campaigns)
    finally:
        await telephony.aclose()


def _limits(workplace: Workplace, stored: Finding) -> list[Finding]:
    if stored.verdict is not Verdict.FINE:
        return []
    try:
        store = open_known_store(workplace.settings.database_url)
    except InkbatchError as error:
        return [wrong("limits", "the database cannot be read", advice=str(error))]
    try:
        return [limits(store, workplace.settings.organisation_name)]
    finally:
        store.close()
