"""Notices posted to an address of the user's own, beside the dialing and never in its way.

The body is JSON with a `text`, which is what Slack, Mattermost and their like show, and the same
for machines. With a secret it is signed as Inkbox signs its webhooks: HMAC-SHA256 over
`"{id}.{seconds since 1970}." + body`, in hexadecimal digits.
"""

import asyncio
import hashlib
import hmac
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus
from uuid import uuid4

import httpx
from pydantic import SecretStr
from tenacity import AsyncRetrying, retry_if_exception_type, stop_after_attempt, wait_exponential

from inkbatch.domain.notice import Notice

log = logging.getLogger("inkbatch.notices")

TRIES_MAX = 4
FIRST_WAIT_SECONDS, WAIT_SECONDS_MAX = 1.0, 15.0
ANSWER_SECONDS_MAX = 10.0
UNDER_WAY_MAX = 20
"""More notices at once than that are not posted: something is wrong with them or the address."""

LAST_SECONDS = 5.0
"""So long the end of a run waits for notices that are still under way."""

Sleep = Callable[[float], Awaitable[None]]


class _TryAgain(Exception):
    """No answer, or one that says that another try may go better; the text says which."""


class _Refused(Exception):
    """An answer that says that the same again would not be taken either."""


@dataclass(kw_only=True)
class NoticeWebhook:
    """Posts notices to `url`; `page_url`, where there is one, goes along for whoever reads them.

    `send` returns at once and raises nothing: what cannot be posted after `TRIES_MAX` tries is
    dropped, and logged without the address, which may be as good as a password.
    """

    url: SecretStr
    secret: SecretStr | None = None
    page_url: str | None = None
    sleep: Sleep = asyncio.sleep
    last_seconds: float = LAST_SECONDS
    _under_way: set["asyncio.Task[None]"] = field(default_factory=set)

    def send(self, notice: Notice) -> None:
        """Post a notice, sooner or later, from the running event loop."""
        if len(self._under_way) >= UNDER_WAY_MAX:
            _not_told(notice, "too many at once")
            return
        posting = asyncio.get_running_loop().create_task(self._post(notice))
        self._under_way.add(posting)
        posting.add_done_callback(self._under_way.discard)

    async def aclose(self) -> None:
        """Wait a moment for what is under way, then give it up."""
        if not self._under_way:
            return
        _, late = await asyncio.wait(set(self._under_way), timeout=self.last_seconds)
        for posting in late:
            posting.cancel()

    async def _post(self, notice: Notice) -> None:
        id_ = str(uuid4())
        body = json.dumps(body_of(notice, id_=id_, page_url=self.page_url)).encode()
        headers = headers_of(body, id_=id_, at=notice.at, secret=self.secret)
        try:
            await self._post_until_taken(body, headers)
        except asyncio.CancelledError:
            _not_told(notice, "no answer before the run ended")
            raise
        except Exception as error:  # noqa: BLE001 (nobody waits for this task)
            expected = isinstance(error, _TryAgain | _Refused)
            _not_told(notice, str(error) if expected else type(error).__name__)
        else:
            log.info("notice_told", extra={"fields": _fields(notice)})

    async def _post_until_taken(self, body: bytes, headers: dict[str, str]) -> None:
        tries = AsyncRetrying(
            retry=retry_if_exception_type(_TryAgain),
            stop=stop_after_attempt(TRIES_MAX),
            wait=wait_exponential(multiplier=FIRST_WAIT_SECONDS, max=WAIT_SECONDS_MAX),
            sleep=self.sleep,
            reraise=True,
        )
        async for each in tries:
            with each:
                await self._post_once(body, headers)

    async def _post_once(self, body: bytes, headers: dict[str, str]) -> None:
        try:
            async with (
                asyncio.timeout(ANSWER_SECONDS_MAX),
                httpx.AsyncClient(trust_env=False, timeout=ANSWER_SECONDS_MAX) as client,
                client.stream(
                    "POST", self.url.get_secret_value(), content=body, headers=headers
                ) as answer,
            ):
                status = answer.status_code  # what else it says does not matter, however long
        except (httpx.TransportError, TimeoutError) as error:
            raise _TryAgain(type(error).__name__) from error
        if status == HTTPStatus.TOO_MANY_REQUESTS or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise _TryAgain(f"answered {status}")
        if not HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            raise _Refused(f"answered {status}")


@asynccontextmanager
async def posting(
    url: SecretStr | None, *, secret: SecretStr | None, page_url: str | None
) -> AsyncIterator[Callable[[Notice], None]]:
    """Yield what posts a notice; without an address it takes notices and posts none.

    Leaving the block waits for what is under way, for `LAST_SECONDS` at most.
    """
    if url is None:
        yield _to_nobody
        return
    webhook = NoticeWebhook(url=url, secret=secret, page_url=page_url)
    try:
        yield webhook.send
    finally:
        await webhook.aclose()


def _to_nobody(notice: Notice) -> None:
    """Take a notice and tell nobody."""


def body_of(notice: Notice, *, id_: str, page_url: str | None = None) -> dict[str, object]:
    """Return what is posted."""
    text = f"{notice.text} {page_url}" if page_url else notice.text
    body: dict[str, object] = {
        "text": text,
        "id": id_,
        "event": notice.event,
        "campaign": notice.campaign,
        "at": notice.at.isoformat(),
        "figures": dict(notice.figures),
    }
    return {**body, "url": page_url} if page_url else body


def headers_of(body: bytes, *, id_: str, at: datetime, secret: SecretStr | None) -> dict[str, str]:
    """Return the headers of a body; they sign it where there is a secret."""
    timestamp = str(int(at.timestamp()))
    headers = {
        "Content-Type": "application/json",
        "X-Inkbatch-Notice-ID": id_,
        "X-Inkbatch-Timestamp": timestamp,
    }
    if secret is None or not secret.get_secret_value():
        return headers
    signed = f"{id_}.{timestamp}.".encode() + body
    digest = hmac.new(secret.get_secret_value().encode(), signed, hashlib.sha256).hexdigest()
    return {**headers, "X-Inkbatch-Signature": f"sha256={digest}"}


def _not_told(notice: Notice, why: str) -> None:
    log.warning("notice_not_told", extra={"fields": {**_fields(notice), "why": why}})


def _fields(notice: Notice) -> dict[str, object]:
    return {"campaign": notice.campaign, "notice": str(notice.kind)}
