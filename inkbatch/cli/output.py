"""How the command line speaks: sentences and tables for people, JSON for scripts."""

import json
import logging
from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from datetime import datetime
from typing import Any

from rich.console import Console
from rich.table import Table

from inkbatch.adapters.log_lines import logs_json_lines, masked_text

log = logging.getLogger("inkbatch.cli")
console = Console()
errors = Console(stderr=True)


def complain(message: str) -> None:
    """Say on standard error what went wrong, or log it where the log is for a collector."""
    if logs_json_lines():
        log.error("complaint", extra={"fields": {"message": masked_text(message)}})
        return
    errors.print(f"inkbatch: {message}", style="red", markup=False, highlight=False, soft_wrap=True)


def warn(message: str) -> None:
    """Say on standard error what may go wrong; the work goes on."""
    errors.print(message, style="yellow", markup=False, highlight=False, soft_wrap=True)


def say(message: str) -> None:
    """Say a sentence; values in it are shown as they are."""
    console.print(message, markup=False, highlight=False, soft_wrap=True)


def print_json(value: object) -> None:
    """Print one JSON document on standard output and nothing else."""
    print(json.dumps(value, default=_plain, indent=2))  # noqa: T201 (rich would wrap it)


def counts_table(title: str, counts: Mapping[str, int], *, total: str) -> Table:
    """Return a table of counts whose last line is their sum."""
    table = Table()
    table.add_column(title, no_wrap=True)
    table.add_column(justify="right")
    for name, count in counts.items():
        table.add_row(name.replace("_", " "), f"{count}")
    table.add_section()
    table.add_row(total, f"{sum(counts.values())}")
    return table


def moment(when: datetime | None) -> str:
    """Return a time as people read it, in UTC."""
    return "never" if when is None else when.strftime("%a %Y-%m-%d %H:%M UTC")


def _plain(value: object) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, Mapping):
        return dict(value)
    return str(value)
