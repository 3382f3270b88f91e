"""What Inkbox reaches: the agents' WebSockets and our webhook endpoint, as seen from here."""

import asyncio
from collections.abc import Iterable, Sequence
from http import HTTPStatus
from urllib.parse import urlsplit, urlunsplit

from inkbatch.adapters.reachability import Unreachable, answer_to, opens_websocket
from inkbatch.doctor.finding import Finding, beware, fine, wrong
from inkbatch.domain.agent_url import agent_url, placeholders
from inkbatch.domain.campaign import Campaign
from inkbatch.domain.this_machine import is_this_machine
from inkbatch.settings import Settings

NOBODY = "check-up"
"""Stands for an attempt in the URLs; no attempt has this id."""


async def agents(campaigns: Sequence[Campaign], settings: Settings) -> list[Finding]:
    """Knock at each campaign's agent, once for all that share one; its call ends at once."""
    urls = {
        urlunsplit(urlsplit(_filled(campaign.client_websocket_url))._replace(query="")): campaign
        for campaign in campaigns
        if campaign.client_websocket_url is not None
    }
    knocks = [
        _agent(f"{campaign.name}: agent", _filled(campaign.client_websocket_url or ""), settings)
        for campaign in urls.values()
    ]
    without = [
        fine(f"{campaign.name}: agent", "each number's own URL at Inkbox is used; not looked at")
        for campaign in campaigns
        if campaign.client_websocket_url is None
    ]
    return [*await asyncio.gather(*knocks), *without]


def _filled(template: str | None) -> str:
    names = placeholders(template or "")
    return agent_url(template or "", dict.fromkeys(names, NOBODY), attempt_id=NOBODY)


async def _agent(what: str, url: str, settings: Settings) -> Finding:
    host = urlsplit(url).hostname or ""
    if is_this_machine(host) and not settings.is_loopback:
        advice = "Give the agent's public wss:// address: Inkbox cannot reach this machine so."
        return wrong(what, f"{host} is this machine itself", advice=advice)
    try:
        status = await opens_websocket(url)
    except Unreachable as error:
        advice = "Start the agent, and put TLS before it; who is called now would hear silence."
        return wrong(what, f"{host} cannot be reached: {error}", advice=advice)
    if status == HTTPStatus.SWITCHING_PROTOCOLS:
        advice = (
            "Let it check Inkbox's signature, as inkbatch.agent does; now anybody may talk with it."
        )
        return beware(what, f"{host} takes a call that is not signed by Inkbox", advice=advice)
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return fine(what, f"{host} answers, and takes nothing unsigned")
    advice = "Check the path of client_websocket_url, and what the agent says in its log."
    return wrong(what, f"{host} answers {status} to a WebSocket", advice=advice)


async def webhooks(campaigns: Iterable[Campaign], settings: Settings) -> list[Finding]:
    """Knock at the address where Inkbox is to send webhooks, without a signature."""
    urls = sorted({each.webhook_url for each in campaigns if each.webhook_url})
    if not urls:
        return []
    found = list(await asyncio.gather(*map(_webhook, urls)))
    if not settings.signing_keys:
        advice = "Set INKBATCH_WEBHOOK_SIGNING_KEYS where `inkbatch webhooks` runs."
        found.append(beware("webhooks", "no signing key is set here", advice=advice))
    return found


async def _webhook(url: str) -> Finding:
    host = urlsplit(url).hostname or ""
    what = "webhooks"
    try:
        status, _ = await answer_to(url, method="POST")
    except Unreachable as error:
        advice = "Start `inkbatch webhooks` behind it; until then outcomes come by polling."
        return beware(what, f"{host} cannot be reached: {error}", advice=advice)
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.BAD_REQUEST):
        return fine(what, f"{host} answers, and takes nothing unsigned")
    advice = "It should lead to `inkbatch webhooks`, path /webhooks/inkbox."
    return beware(what, f"{host} answers {status} to an unsigned event", advice=advice)
