"""Of what one viewer asks for again and again, only the newest is worked out."""

import asyncio
import threading

from inkbatch.web.setup.ahead import Newest


async def test_what_was_overtaken_while_it_waited_is_never_begun():
    """The second of three is dropped, the third is told, the first came too early to count."""
    newest, made, go_on = Newest(), [], threading.Event()
    loop, began = asyncio.get_running_loop(), asyncio.Event()

    def make(name):
        made.append(name)
        loop.call_soon_threadsafe(began.set)
        assert go_on.wait(timeout=60)
        return name

    asked = []
    for name in ("first", "second", "third"):
        asked.append(asyncio.create_task(newest.of("Maria", lambda name=name: make(name))))
        await asyncio.sleep(0)
    await began.wait()
    go_on.set()
    assert await asyncio.gather(*asked) == [None, None, "third"]
    assert made == ["first", "third"]


async def test_another_viewer_is_not_overtaken():
    """Each has a newest of its own."""
    newest = Newest()
    told = await asyncio.gather(*(newest.of(who, lambda: 1) for who in ("Maria", "Jo")))
    assert told == [1, 1]
