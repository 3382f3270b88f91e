"""Reading a number's call list, newest first, no further back than asked."""

from collections.abc import AsyncIterator, Collection
from datetime import datetime

from inkbatch.domain.call import Call
from inkbatch.ports import Telephony

PAGE, OVERLAP = 200, 20
"""Pages overlap, so that calls placed while we read push nothing past us."""

PAGES_MAX = 500
"""A hundred thousand calls back is as far as anything is looked for."""


async def calls_back_to(
    telephony: Telephony, phone_number_id: str, *, since: datetime
) -> AsyncIterator[Call]:
    """Yield each call created at or after `since` once, newest first."""
    seen: set[str] = set()
    for page_number in range(PAGES_MAX):
        offset = page_number * (PAGE - OVERLAP)
        page = await telephony.list_calls(phone_number_id, limit=PAGE, offset=offset)
        for call in page:
            if call.created_at >= since and call.id not in seen:
                seen.add(call.id)
                yield call
        if len(page) < PAGE or page[-1].created_at < since:
            return


async def find_calls(
    telephony: Telephony, phone_number_id: str, *, call_ids: Collection[str], since: datetime
) -> dict[str, Call]:
    """Return those of `call_ids` that the list has, reading no page more than they need."""
    wanted, found = set(call_ids), dict[str, Call]()
    async for call in calls_back_to(telephony, phone_number_id, since=since):
        if call.id in wanted:
            found[call.id] = call
            if len(found) == len(wanted):
                break
    return found
