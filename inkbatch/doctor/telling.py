"""Those who are told of a night, and the files with secrets."""

from collections.abc import Sequence
from http import HTTPStatus
from urllib.parse import urlsplit

from inkbatch.adapters.reachability import Unreachable, answer_to
from inkbatch.adapters.secret_files import is_open_to_others
from inkbatch.doctor.finding import Finding, beware, fine
from inkbatch.domain.campaign import Campaign
from inkbatch.settings import Settings

WHAT = "notices"
BROKEN = {
    HTTPStatus.INTERNAL_SERVER_ERROR,
    HTTPStatus.BAD_GATEWAY,
    HTTPStatus.SERVICE_UNAVAILABLE,
    HTTPStatus.GATEWAY_TIMEOUT,
}
"""Any other answer shows that somebody is there, who may know no HEAD."""


async def notices(campaigns: Sequence[Campaign], settings: Settings) -> list[Finding]:
    """Look whether the addresses of notices answer; nothing is posted to them.

    Of an address the host alone is told: the rest may be as good as a password.
    """
    told = {each.notice_url for each in campaigns if each.notice_url}
    if settings.notice_url is not None:
        told.add(settings.notice_url.get_secret_value())
    if not told and any(each.schedule for each in campaigns):
        advice = "Set INKBATCH_NOTICE_URL, such as a Slack webhook, or look every morning."
        return [beware(WHAT, "nobody is told when a night goes wrong", advice=advice)]
    return [await _address(url) for url in sorted(told)]


async def _address(url: str) -> Finding:
    host = urlsplit(url).hostname or ""
    try:
        status, _ = await answer_to(url, method="HEAD")
    except Unreachable as error:
        advice = "Correct INKBATCH_NOTICE_URL or notice_url; calls are made all the same."
        return beware(WHAT, f"{host} cannot be reached: {error}", advice=advice)
    if status in BROKEN:
        return beware(WHAT, f"{host} answers {status}", advice="See what its log says.")
    return fine(WHAT, f"{host} answers")


def secret_files(settings: Settings) -> Sequence[Finding]:
    """Look whether anybody else may read the files with secrets."""
    found = []
    for path in settings.secret_files:
        if is_open_to_others(path):
            saw = f"{path} may be read by others"
            found.append(beware("secrets", saw, advice=f"Run: chmod 600 {path}"))
        else:
            found.append(fine("secrets", f"{path} is its owner's alone"))
    return found
