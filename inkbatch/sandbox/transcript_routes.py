"""What was said in calls, as the API of newer servers tells it, segment by segment."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from typing import Annotated, Any
from uuid import UUID, uuid5

from fastapi import APIRouter, Depends, Query
from fastapi.responses import JSONResponse

from inkbatch.sandbox import documented
from inkbatch.sandbox.call import LedgerCall
from inkbatch.sandbox.caller import SaidIn, TheCaller, TheTranscripts, own_number
from inkbatch.sandbox.documented import CALL_PROBLEMS, NUMBER_PROBLEMS, responses
from inkbatch.sandbox.media.transcript import Entry, Party
from inkbatch.sandbox.organisations import PhoneNumber
from inkbatch.sandbox.routes import API_PREFIX, Limit
from inkbatch.sandbox.wire import moment_text

QUERY_LENGTH_MAX = 200
Words = Annotated[
    str,
    Query(alias="q", min_length=1, max_length=QUERY_LENGTH_MAX, description="Words to be found"),
]
Speaker = Annotated[Party | None, Query(description="Whose words: local is the agent's side")]

router = APIRouter(prefix=API_PREFIX)


@router.get(
    "/calls/{call_id}/transcripts",
    responses=responses(list[documented.TranscriptSegment], **CALL_PROBLEMS),
)
async def list_transcripts(
    caller: TheCaller, said_in: TheTranscripts, call_id: UUID
) -> JSONResponse:
    """List what was said in a call, in its order; nothing where no agent was talked with."""
    return JSONResponse(list(_segments(caller.exchange.call(caller.account, call_id), said_in)))


@router.get(
    "/numbers/{phone_number_id}/search",
    responses=responses(list[documented.TranscriptSegment], **NUMBER_PROBLEMS),
)
async def search_transcripts(
    caller: TheCaller,
    number: Annotated[PhoneNumber, Depends(own_number)],
    said_in: TheTranscripts,
    *,
    words: Words,
    party: Speaker = None,
    limit: Limit = 50,
) -> JSONResponse:
    """Find segments with all the words in calls of a phone number, newest call first."""
    wanted = words.casefold().split()
    found = (
        segment
        for call in caller.exchange.newest(number)
        for segment in _segments(call, said_in)
        if party in {None, segment["party"]}
        and all(word in segment["text"].casefold() for word in wanted)
    )
    return JSONResponse(list(islice(found, limit)))


def _segments(call: LedgerCall, said_in: SaidIn) -> Iterator[dict[str, Any]]:
    for seq, entry in enumerate(said_in(call.call_id)):
        yield _segment(call, entry, seq=seq)


def _segment(call: LedgerCall, entry: Entry, *, seq: int) -> dict[str, Any]:
    said_at = (call.started_at or call.created_at) + timedelta(milliseconds=entry.ts_ms)
    if call.ended_at is not None:  # talks may be faster than their words
        said_at = min(said_at, call.ended_at)
    return {
        "id": str(uuid5(call.call_id, f"segment {seq}")),
        "call_id": str(call.call_id),
        "seq": seq,
        "ts_ms": entry.ts_ms,
        "party": entry.party,
        "text": entry.text,
        "phone_number": call.from_number if entry.party is Party.LOCAL else call.to_number,
        "created_at": moment_text(said_at),
    }
