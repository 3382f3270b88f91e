"""Notices on their way: real sockets, an address that answers as it likes."""

import asyncio
import hashlib
import hmac
import logging
from datetime import UTC, datetime

import pytest
from pydantic import SecretStr

from inkbatch.adapters.notices import NoticeWebhook
from inkbatch.domain.notice import Notice, NoticeKind
from tests.receiver import receiving

NOTICE = Notice(
    kind=NoticeKind.NIGHT_REPORT,
    campaign="trial",
    at=datetime(2026, 11, 2, 22, tzinfo=UTC),
    text="trial: 99 calls tonight.",
    figures={"calls": 99},
)


async def at_once(_):
    """Wait for nothing between tries."""


def webhook(url, **options):
    """Return one that tries again at once."""
    return NoticeWebhook(url=SecretStr(url), sleep=at_once, **options)


async def post(url, **options):
    """Post one notice, and wait until it is taken or given up."""
    telling = webhook(url, **options)
    telling.send(NOTICE)
    await telling.aclose()


async def test_a_notice_is_json_with_a_text_that_chats_show():
    """Slack shows `text`; machines read the rest."""
    with receiving() as receiver:
        await post(receiver.url, page_url="https://calls.example.com/campaigns/trial")
    (document,) = receiver.documents
    assert document.pop("id") == receiver.headers[0]["X-Inkbatch-Notice-ID"]
    assert document == {
        "text": "trial: 99 calls tonight. https://calls.example.com/campaigns/trial",
        "event": "inkbatch.night_report",
        "campaign": "trial",
        "at": "2026-11-02T22:00:00+00:00",
        "figures": {"calls": 99},
        "url": "https://calls.example.com/campaigns/trial",
    }
    assert "X-Inkbatch-Signature" not in receiver.headers[0]


async def test_with_a_secret_it_is_signed():
    """Who gets it can tell that it comes from here, and was not changed."""
    with receiving() as receiver:
        await post(receiver.url, secret=SecretStr("canary"))
    (headers,), (body,) = receiver.headers, receiver.bodies
    signed = f"{headers['X-Inkbatch-Notice-ID']}.{headers['X-Inkbatch-Timestamp']}.".encode() + body
    digest = hmac.new(b"canary", signed, hashlib.sha256).hexdigest()
    assert headers["X-Inkbatch-Signature"] == f"sha256={digest}"
    assert b"canary" not in body


@pytest.mark.parametrize(
    ("answers", "posted", "why"),
    [
        ([503, 429, 200], 3, None),
        ([500] * 9, 4, "answered 500"),
        ([404], 1, "answered 404"),
        ([302], 1, "answered 302"),
    ],
    ids=["in the end taken", "never taken", "refused", "elsewhere"],
)
async def test_trouble_is_tried_again_a_few_times_and_a_refusal_is_not(
    caplog, answers, posted, why
):
    """What is given up stands in the log, without the address: it may be a secret."""
    caplog.set_level(logging.INFO, "inkbatch.notices")
    with receiving(*answers) as receiver:
        await post(receiver.url)
    assert len(receiver.bodies) == posted
    assert len({headers["X-Inkbatch-Notice-ID"] for headers in receiver.headers}) == 1
    (record,) = caplog.records
    assert record.getMessage() == ("notice_told" if why is None else "notice_not_told")
    assert record.fields.get("why") == why
    assert receiver.url not in str(record.__dict__)


async def test_an_address_that_never_answers_holds_up_neither_the_sender_nor_the_end(caplog):
    """Sending returns at once, and the end of a run waits for a moment only."""

    async def silence(reader, _):
        await reader.read()

    server = await asyncio.start_server(silence, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        telling = webhook(f"http://127.0.0.1:{port}/", last_seconds=0.05)
        for _ in range(30):
            telling.send(NOTICE)
        await telling.aclose()
        await asyncio.gather(*telling._under_way, return_exceptions=True)  # noqa: SLF001 (they must end)
    whys = [record.fields["why"] for record in caplog.records]
    assert whys.count("too many at once") == 10
    assert whys.count("no answer before the run ended") == 20
