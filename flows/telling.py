"""Notices of a campaign: events of Prefect, which automations act on, and the webhook."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from prefect.events import emit_event

from flows.surroundings import Surroundings
from inkbatch.dialer.night_watch import Tell
from inkbatch.domain.campaign import Campaign
from inkbatch.domain.errors import CampaignFileError
from inkbatch.domain.notice import Notice
from inkbatch.wiring import load_campaign

log = logging.getLogger("inkbatch.flows")

RESOURCE = "inkbatch.campaign"
"""What the events are about: `inkbatch.campaign.<folder>`, with the campaign's name as its name."""


@asynccontextmanager
async def telling(here: Surroundings, folder: Path) -> AsyncIterator[Tell]:
    """Yield what tells a notice by both ways; where nobody watches, it tells nobody.

    A campaign whose file cannot be read is told of where the settings say.
    """
    if not here.is_watched:
        yield _to_nobody
        return
    async with here.workplace.notices(_campaign_in(folder), folder) as post:

        def tell(notice: Notice) -> None:
            post(notice)
            try:
                emit(notice, folder)
            except Exception as error:  # noqa: BLE001 (Prefect raises whatever its client meets)
                fields = {"campaign": notice.campaign, "error": type(error).__name__}
                log.warning("event_not_emitted", extra={"fields": fields})

        yield tell


def emit(notice: Notice, folder: Path) -> None:
    """Emit a notice as an event; Prefect's client sends it from a thread of its own."""
    emit_event(
        event=notice.event,
        resource={
            "prefect.resource.id": f"{RESOURCE}.{folder.name}",
            "prefect.resource.name": notice.campaign,
        },
        payload={"text": notice.text, "campaign": notice.campaign, **notice.figures},
    )


def name_in(folder: Path) -> str:
    """Return the name of the campaign in a folder: the folder's own where its file says none."""
    campaign = _campaign_in(folder)
    return campaign.name if campaign else folder.name


def _campaign_in(folder: Path) -> Campaign | None:
    try:
        return load_campaign(folder)
    except CampaignFileError:
        return None


def _to_nobody(notice: Notice) -> None:
    """Take a notice and tell nobody."""
