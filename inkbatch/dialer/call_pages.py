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
    telephony: Telephony, phone_number_id: str, *, since: datetime, first_page: int = PAGE
) -> AsyncIterator[Call]:
    """Yield each call created at or after `since` once, newest first.

    The first page may be shorter, where no more than that is likely to be needed.
    """
    seen: set[str] = set()
    limit, offset = first_page, 0
    for _ in range(PAGES_MAX):
        page = await telephony.list_calls(phone_number_id, limit=limit, offset=offset)
        for call in page:
            if call.created_at >= since and call.id not in seen:
                seen.add(call.id)
                yield call
        if len(page) < limit or page[-1].created_at < since:
            return
        limit, offset = PAGE, offset + limit - OVERLAP


async def find_calls(
    telephony: Telephony, phone_number_id: str, *, call_ids: Collection[str], since: datetime
) -> dict[str, Call]:
    """Return those of `call_ids` that the list has, reading no page more than they need.

    Calls in progress are among the newest, so a first page of twice as many mostly has them.
    """
    wanted, found = set(call_ids), dict[str, Call]()
    first_page = min(max(2 * len(wanted), OVERLAP), PAGE)
    pages = calls_back_to(telephony, phone_number_id, since=since, first_page=first_page)
    async for call in pages:
        if call.id in wanted:
            found[call.id] = call
            if len(found) == len(wanted):
                break
    return found
