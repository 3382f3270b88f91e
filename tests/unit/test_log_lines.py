"""Lines of the log for a collector, by which nobody can be known."""

import json
import logging

import pytest

from inkbatch.adapters.log_lines import MESSAGE_MAX, JsonLines, TextLines


def line_of(message, *args, fields=None, error=None, logger="other.library"):
    """Return the line of a record as a document."""
    info = (type(error), error, error.__traceback__) if error else None
    record = logging.LogRecord(logger, logging.WARNING, "x.py", 1, message, args, info)
    if fields is not None:
        record.fields = fields
    text = JsonLines().format(record)
    assert "\n" not in text
    return json.loads(text)


def test_an_event_of_ours_has_its_fields():
    """Time, level and event, then the ids of what happened."""
    line = line_of("call_dialed", fields={"campaign": "trial", "shift": "s", "attempt": "a"})
    assert line.pop("at").endswith("+00:00")
    assert line == {
        "level": "warning",
        "event": "call_dialed",
        "campaign": "trial",
        "shift": "s",
        "attempt": "a",
        "logger": "other.library",
    }


@pytest.mark.parametrize(
    ("said", "event", "message"),
    [
        ("agent_handler_failed error=KeyError", "agent_handler_failed", "error=KeyError"),
        ("shutting_down", "shutting_down", None),
        ("Invalid HTTP request received.", "message", "Invalid HTTP request received."),
        ("no such thing", "message", "no such thing"),
    ],
)
def test_what_others_log_has_an_event_too(said, event, message):
    """A collector can count by event, whoever wrote the line."""
    line = line_of(said)
    assert (line["event"], line.get("message")) == (event, message)


@pytest.mark.parametrize(
    "number",
    ["+12125550123", "2125550123", "(212) 555-0123", "+44 20 7946 0123", "212.555.0123", "5550123"],
)
def test_what_could_be_a_number_is_masked_in_texts_of_others(number):
    """Whatever a library quotes, no phone number reaches the log."""
    line = line_of("cannot reach %s now", number)
    assert line["message"] == "cannot reach [number] now"


def test_the_text_of_an_error_is_not_logged():
    """It may quote a cell of a list; the kind and the place are enough to look it up."""
    try:
        {}["Dagny +12125550123"]
    except LookupError as error:
        line = line_of("it failed", error=error)
    assert line["error"] == "KeyError"
    assert line["raised_at"][0].startswith("test_log_lines.py:")
    assert "Dagny" not in json.dumps(line)


@pytest.mark.parametrize(
    "logger", ["prefect.flow_runs", "prefect.task_runs", "prefect.task_runs.x"]
)
def test_what_prefect_says_of_a_run_is_not_quoted(logger):
    """It tells a run's error with its text, which may be a cell of a list."""
    line = line_of("Finished in state Failed('row 3, Name: Dagny')", logger=logger)
    assert (line["event"], line["logger"]) == ("run_message", logger)
    assert "Dagny" not in json.dumps(line)


def test_a_line_has_an_end():
    """A megabyte in one line would stop many a collector."""
    assert len(line_of("x " * MESSAGE_MAX)["message"]) == MESSAGE_MAX


def test_a_person_reads_the_fields_too():
    """On a terminal a warning says of which campaign it is, and why."""
    record = logging.LogRecord("inkbatch", logging.WARNING, "x.py", 1, "notice_not_told", (), None)
    record.fields = {"campaign": "trial", "why": "answered 404"}
    assert TextLines().format(record) == "notice_not_told campaign=trial why=answered 404"
