"""How much of everything one agent process takes."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Each is far above what a call needs; past it the call ends, and the process goes on."""

    calls_max: int = 500
    """Calls at once; more are answered 503."""
    call_seconds_max: float = 3_600
    aftermath_seconds_max: float = 60
    """How long a handler may work on after its call has ended, such as to post a result."""
    frame_characters_max: int = 65_536
    bad_frames_max: int = 100
    send_seconds_max: float = 10
    """How long Inkbox may take nothing before the socket counts as broken."""
    events_waiting_max: int = 500
    """Audio and unfinished transcripts beyond it are dropped; that is 10 seconds of audio."""
    hang_up_wait_seconds_max: float = 30
    """How long `hang_up` waits for what was said to have been spoken."""
