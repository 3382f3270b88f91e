"""The next part is read while this one is used: reading and using take turns to need Python."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

_Part = TypeVar("_Part")


def read_ahead(parts: Iterator[_Part]) -> Iterator[_Part]:
    """Yield the same parts in the same order, and raise what reading raises, at its place."""
    with ThreadPoolExecutor(max_workers=1) as reader:
        coming = reader.submit(next, parts, None)
        while (part := coming.result()) is not None:
            coming = reader.submit(next, parts, None)
            yield part
