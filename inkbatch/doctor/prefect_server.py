"""The Prefect server, where scheduled campaigns run on one."""

import json
import os
from base64 import b64encode
from collections.abc import Mapping
from http import HTTPStatus
from importlib.metadata import version

from inkbatch.adapters.reachability import Unreachable, answer_to
from inkbatch.doctor.finding import Finding, beware, fine, wrong

SAFE_FROM = (3, 6, 22)
"""Servers before let some requests in without their credentials."""

WHAT = "Prefect"


async def prefect(environment: Mapping[str, str] = os.environ) -> Finding:
    """Ask the server of PREFECT_API_URL for its version; without one there is nothing to ask."""
    api = environment.get("PREFECT_API_URL")
    here = version("prefect")
    if not api:
        return fine(WHAT, f"{here} here; `inkbatch serve` starts a server of its own")
    credentials = _credentials(environment)
    try:
        status, text = await answer_to(f"{api}/admin/version", credentials=credentials)
    except Unreachable as error:
        advice = "Start the server, or correct PREFECT_API_URL; `inkbatch run` needs none."
        return wrong(WHAT, f"no server answers at PREFECT_API_URL: {error}", advice=advice)
    if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        advice = "Set PREFECT_API_AUTH_STRING (or PREFECT_API_KEY) to what the server asks for."
        return wrong(WHAT, "the server refuses our credentials", advice=advice)
    if status != HTTPStatus.OK:
        advice = "PREFECT_API_URL must end in /api."
        return wrong(WHAT, f"PREFECT_API_URL answers {status}", advice=advice)
    return judged(_told(text), here=here)


def judged(server: str, *, here: str) -> Finding:
    """Compare the server's version with the one installed here."""
    saw = f"server {server}, {here} here"
    numbers = _numbers(server)
    if not numbers:
        return wrong(WHAT, "PREFECT_API_URL is no Prefect server", advice="Correct it.")
    if numbers < SAFE_FROM:
        least = ".".join(map(str, SAFE_FROM))
        advice = f"Upgrade the server to {least} or later: older ones let strangers in."
        return wrong(WHAT, saw, advice=advice)
    if numbers[:2] != _numbers(here)[:2]:
        return beware(WHAT, saw, advice="Use the same minor version on both sides.")
    return fine(WHAT, saw)


def _credentials(environment: Mapping[str, str]) -> str | None:
    pair = environment.get("PREFECT_API_AUTH_STRING")
    if pair:
        return f"Basic {b64encode(pair.encode()).decode()}"
    key = environment.get("PREFECT_API_KEY")
    return f"Bearer {key}" if key else None


def _told(text: str) -> str:
    try:
        told = json.loads(text)
    except ValueError:
        return ""
    return told if isinstance(told, str) else ""


def _numbers(text: str) -> tuple[int, ...]:
    parts = text.split("+", maxsplit=1)[0].split(".")[:3]
    return tuple(map(int, parts)) if all(part.isdecimal() for part in parts) else ()
