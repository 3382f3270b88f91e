"""An event loop whose time is virtual: where everybody waits, it jumps to whoever waits least."""

import asyncio
import selectors


class NobodyWaits(Exception):
    """All tasks wait for one another; nothing will ever happen again."""


class VirtualLoop(asyncio.SelectorEventLoop):
    """Runs real asyncio code, timeouts included, in the order that its timers alone decide."""

    def __init__(self):
        self._seconds = 0.0
        super().__init__(_NoSockets(self))

    def time(self):
        """Return the virtual seconds since the start."""
        return self._seconds

    def jump(self, seconds):
        """Let so many seconds pass."""
        self._seconds += seconds


class _NoSockets(selectors.BaseSelector):
    """Waits for nothing: to wait is to let the loop's time jump."""

    def __init__(self, loop):
        self._loop = loop
        self._keys = {}

    def select(self, timeout=None):
        if timeout is None:
            raise NobodyWaits("the simulation stands still")
        if timeout > 0:
            self._loop.jump(timeout)
        return []

    def register(self, fileobj, events, data=None):
        self._keys[fileobj] = selectors.SelectorKey(fileobj, 0, events, data)
        return self._keys[fileobj]

    def unregister(self, fileobj):
        return self._keys.pop(fileobj)

    def get_map(self):
        return self._keys

    def get_key(self, fileobj):
        return self._keys[fileobj]


def run_virtually(main):
    """Run a coroutine to its end on a fresh virtual loop; return what it returns."""
    loop = VirtualLoop()
    loop.set_exception_handler(lambda *_: None)  # what a killed process leaves behind
    try:
        asyncio.set_event_loop(loop)
        return loop.run_until_complete(main)
    finally:
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        asyncio.set_event_loop(None)
        loop.close()
