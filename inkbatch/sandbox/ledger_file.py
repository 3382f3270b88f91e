"""A ledger that outlives its sandbox: each call is in a file before the request is answered."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from inkbatch.sandbox.call import PlacedCall

_CALL = TypeAdapter(PlacedCall)
_NOT_KEPT = {"dialogue", "life_without_agent"}
"""What only a talk that is under way needs; no talk survives the end of its sandbox."""


class LedgerFile:
    """JSON Lines, one for each new call and each life that is cut short; the last of a call counts.

    A line is handed to the operating system before `write` returns, so it survives the end of the
    process at any moment; it is not forced to the disk.
    """

    def __init__(self, path: Path) -> None:
        """Open the file, made where there is none; raises OSError where that cannot be."""
        self._stream = path.open("a+b", buffering=0)
        self._stream.seek(0)
        lines = self._stream.read().split(b"\n")
        self._calls = _calls(lines)
        if lines[-1]:  # its process ended in the middle of a line, before it answered
            self._stream.truncate(self._stream.tell() - len(lines[-1]))

    def calls(self) -> tuple[PlacedCall, ...]:
        """Return the calls that were there when it was opened, in the order of `created_at`."""
        return self._calls

    def write(self, call: PlacedCall) -> None:
        """Keep a call as it is now."""
        self._stream.write(_CALL.dump_json(call, exclude=_NOT_KEPT) + b"\n")


def _calls(lines: Iterable[bytes]) -> tuple[PlacedCall, ...]:
    *whole, _ = lines
    try:
        read = [_CALL.validate_json(line) for line in whole]
    except ValidationError as error:
        raise ValueError("the file of the ledger holds something else than calls") from error
    return tuple({call.call_id: replace(call, talks=False) for call in read}.values())
