"""The log as lines of JSON, one an event, for a collector; nobody can be known by one.

    {"at": "2026-11-02T14:30:01.250+00:00", "level": "info", "event": "call_dialed",
     "campaign": "spring_reminders", "shift": "...", "attempt": "...", "answer": "placed"}

Events of inkbatch have `fields` of their own; of what other libraries log the text is kept as
`message`, with everything in it masked that could be a phone number. Of what Prefect says of runs
the logger alone is told, since it quotes their states and errors, and of an error its kind and the
places in the code, never its text: either may quote anything. Prefect's page has them.
"""

import json
import logging
import re
import sys
import traceback
from datetime import UTC, datetime

EVENT = re.compile(r"[a-z][a-z0-9_.]*")
MAYBE_A_NUMBER = re.compile(r"\+?\(?\d[\d ().-]{5,}\d")
"""Seven digits and more with what people write between them: too much rather than too little."""

MASKED = "[number]"

QUOTES_ANYTHING = ("prefect.flow_runs", "prefect.task_runs")
"""Loggers whose texts are not kept: they quote a run's state, its error and whatever it logs."""
MESSAGE_MAX = 2_000
PLACES_MAX = 20


class JsonLines(logging.Formatter):
    """Makes one line of JSON of a record."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, without its end."""
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            **_event(record),
            "logger": record.name,
            **_error(record),
        }
        return json.dumps(line, default=str, ensure_ascii=False)


class TextLines(logging.Formatter):
    """Makes one line for a person: the event and its fields as `name=value`."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, without its end."""
        fields = getattr(record, "fields", None) or {}
        return " ".join([super().format(record), *(f"{key}={fields[key]}" for key in fields)])


def warn_in_text() -> None:
    """Let warnings of ours be read by a person on standard error, unless a log is set up.

    Again changes nothing.
    """
    ours = logging.getLogger("inkbatch")
    if not logging.getLogger().handlers and not ours.handlers:
        handler = logging.StreamHandler(sys.stderr)
        handler.setLevel(logging.WARNING)
        handler.setFormatter(TextLines())
        ours.addHandler(handler)


def log_json_lines(*, level: int = logging.INFO) -> None:
    """Let this process log lines of JSON on standard error: ours from `level` on, others' warnings.

    Again changes nothing.
    """
    root = logging.getLogger()
    if not logs_json_lines():
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(JsonLines())
        root.handlers = [handler]
    logging.getLogger("inkbatch").setLevel(level)


def logs_json_lines() -> bool:
    """Tell whether this process logs lines of JSON."""
    return any(isinstance(each.formatter, JsonLines) for each in logging.getLogger().handlers)


def _event(record: logging.LogRecord) -> dict[str, object]:
    fields = getattr(record, "fields", None)
    text = record.getMessage()
    first, _, rest = text.partition(" ")
    if isinstance(fields, dict):
        return {"event": text, **fields}
    if record.name.startswith(QUOTES_ANYTHING):
        return {"event": "run_message"}
    if not EVENT.fullmatch(first) or (rest and "=" not in rest):
        return {"event": "message", "message": masked_text(text)}
    return {"event": first, "message": masked_text(rest)} if rest else {"event": first}


def _error(record: logging.LogRecord) -> dict[str, object]:
    error = record.exc_info[1] if record.exc_info else None
    if error is None:
        return {}
    frames = traceback.extract_tb(error.__traceback__)[-PLACES_MAX:]
    places = [f"{frame.filename.rpartition('/')[2]}:{frame.lineno}" for frame in frames]
    return {"error": type(error).__name__, "raised_at": places}


def masked_text(text: str) -> str:
    """Return a text with everything masked that could be a phone number, cut where it is long."""
    return MAYBE_A_NUMBER.sub(MASKED, text[:MESSAGE_MAX])
