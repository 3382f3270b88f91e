"""A line between client and sandbox that counts what it carries and spoils what a test names.

A fault answers a request in the sandbox's place: `await fault(inner, request)`. A schedule maps
the ordinal of a request (from 1, dials and reads counted apart) to its fault, or to None.
"""

import asyncio
import json
import random
from email.utils import format_datetime, parsedate_to_datetime

import httpx

HTML_502 = b"<html><body><h1>502 Bad Gateway</h1></body></html>"


class Line(httpx.AsyncBaseTransport):
    """Carries requests to `inner`; place-calls by the schedule `dials`, all else by `reads`."""

    def __init__(self, inner, *, dials=lambda _: None, reads=lambda _: None):
        self.inner = inner
        self.dials = dials
        self.reads = reads
        self.dials_seen = 0
        self.reads_seen = 0

    async def handle_async_request(self, request):
        """Answer a request, or fail as the schedule says."""
        fault = self._fault(request)
        return await (fault or pass_on)(self.inner, request)

    def _fault(self, request):
        if request.method == "POST":
            self.dials_seen += 1
            return self.dials(self.dials_seen)
        self.reads_seen += 1
        return self.reads(self.reads_seen)


class PowerCut(BaseException):
    """The process dies here: no handler of ordinary errors may see it."""


# ---------------------------------------------------------------- faults


async def pass_on(inner, request):
    """Let the sandbox answer."""
    return await inner.handle_async_request(request)


async def times_out(inner, request):
    """Let it arrive, and lose the answer in silence."""
    await inner.handle_async_request(request)
    raise httpx.ReadTimeout("no answer in time", request=request)


async def breaks_off(inner, request):
    """Let it arrive, and have the connection closed before the answer."""
    await inner.handle_async_request(request)
    raise httpx.RemoteProtocolError("closed without an answer", request=request)


async def half_an_answer(inner, request):
    """Let it arrive, and cut the JSON of the answer in two."""
    body = await (await inner.handle_async_request(request)).aread()
    return httpx.Response(200, content=body[: len(body) // 2], request=request)


async def html_502(inner, request):
    """Let it arrive, and have a gateway answer with a page of its own."""
    await inner.handle_async_request(request)
    return httpx.Response(502, content=HTML_502, request=request)


async def vanishes(_, request):
    """Lose the request itself, so that nobody is called, and tell nothing."""
    raise httpx.ReadTimeout("no answer in time", request=request)


async def cannot_connect(_, request):
    """Refuse the connection."""
    raise httpx.ConnectError("refused", request=request)


async def power_cut(inner, request):
    """Let it arrive, and die before the answer."""
    await inner.handle_async_request(request)
    raise PowerCut


def refuses(status, detail, **told):
    """Make a fault that answers with this status, and lets nothing through."""

    async def refuse(_, request):
        return httpx.Response(status, json={"detail": detail, **told}, request=request)

    return refuse


def refuses_number(from_number, status, detail):
    """Make a fault that refuses calls from one number, and carries those from others."""
    refuse = refuses(status, detail)

    async def look(inner, request):
        is_from = json.loads(request.content)["from_number"] == from_number
        return await (refuse if is_from else pass_on)(inner, request)

    return look


def hides(*ids):
    """Make a fault of reads in which these calls or numbers do not exist any more."""
    hidden = set(map(str, ids))

    async def hide(inner, request):
        if hidden & set(request.url.path.split("/")):
            return httpx.Response(404, json={"detail": "Not found"}, request=request)
        answer = await inner.handle_async_request(request)
        told = json.loads(await answer.aread())
        if isinstance(told, list):
            told = [each for each in told if each["id"] not in hidden]
            told += await _following(inner, request, len(hidden)) if told else []
        return httpx.Response(answer.status_code, json=told, request=request)

    return hide


async def _following(inner, request, count):
    """Return what follows a page of calls, to fill it up again."""
    if "limit" not in request.url.params:
        return []
    offset = int(request.url.params["offset"]) + int(request.url.params["limit"])
    url = request.url.copy_merge_params({"limit": count, "offset": offset})
    following = httpx.Request("GET", url, headers=request.headers, extensions=request.extensions)
    return json.loads(await (await inner.handle_async_request(following)).aread())


def clock_ahead(length):
    """Make a fault in which the server's `Date` is ahead of ours by a length of time."""

    async def shift_date(inner, request):
        answer = await inner.handle_async_request(request)
        told = parsedate_to_datetime(answer.headers["Date"]) + length
        answer.headers["Date"] = format_datetime(told, usegmt=True)
        return answer

    return shift_date


def meanwhile(action, fault=pass_on):
    """Make a fault before which something else happens that the client cannot know of."""

    async def act(inner, request):
        result = action()
        if asyncio.iscoroutine(result):
            await result
        return await fault(inner, request)

    return act


# ---------------------------------------------------------------- schedules


def only(ordinals, fault):
    """Spoil the requests of these ordinals."""
    chosen = set(ordinals)
    return lambda ordinal: fault if ordinal in chosen else None


def from_the(first, fault):
    """Spoil the request of this ordinal and all that follow."""
    return lambda ordinal: fault if ordinal >= first else None


def always(fault):
    """Spoil every request."""
    return lambda _: fault


def seeded(seed, *faults, share):
    """Spoil this share of all requests, each by one of the faults; the same at every run."""

    def chosen(ordinal):
        chance = random.Random(f"{seed}:{ordinal}")
        return chance.choice(faults) if chance.random() < share else None

    return chosen


def until(clock, moment, fault):
    """Spoil every request until then."""
    return lambda _: fault if clock.now() < moment else None
