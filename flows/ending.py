"""Work that ends when it is canceled, even where what it awaits loses the cancellation."""

import asyncio
from collections.abc import Coroutine
from typing import Any

AGAIN_SECONDS = 30
"""So long what was canceled may take to end; a run that dials needs a third of it."""


async def ending_surely(
    work: Coroutine[Any, Any, None], *, again_seconds: float = AGAIN_SECONDS
) -> None:
    """Do the work; canceled, cancel it as often as it takes, so long apart, until it has ended."""
    task = asyncio.ensure_future(work)
    is_canceled = False
    while not task.done():
        try:
            await asyncio.wait({task}, timeout=again_seconds if is_canceled else None)
        except asyncio.CancelledError:
            is_canceled = True
        if is_canceled:
            task.cancel()
    await task
