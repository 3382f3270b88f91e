"""inkbatch: a spreadsheet of people becomes phone calls by an AI agent, never twice by accident.

`attempts_frame`, `contacts_frame` and `transcripts_frame` give an analyst what came of a campaign.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from inkbatch.frames import attempts_frame, contacts_frame, transcripts_frame

__all__ = ["attempts_frame", "contacts_frame", "transcripts_frame"]


def __getattr__(name: str) -> Any:
    """Load pandas and the database only for those who ask for a frame (PEP 562)."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from inkbatch import frames  # noqa: PLC0415 (loading late is what this function is for)

    return getattr(frames, name)
