"""Rehearsals over a line that may be spoiled: a real database, a sandbox, a virtual clock."""

import shutil
from contextlib import AsyncExitStack
from datetime import UTC, datetime

import pytest

from inkbatch.sandbox import SandboxOptions
from inkbatch.testing import rehearsal
from tests.faults import Line
from tests.trial_campaigns import write_campaign

MONDAY = datetime(2026, 11, 2, 15, 0, tzinfo=UTC)
"""Ten in the morning in New York, five in Honolulu."""

SANDBOX_OPTIONS = ("calls_limit", "minutes_limit", "population", "organisations")
SCHEDULES = ("dials", "reads")
PASSES_MAX = 600


@pytest.fixture
def campaign(tmp_path):
    """Write a campaign folder of this name."""

    def write(rows, *, name="trial", **keys):
        return write_campaign(tmp_path / name, rows, **keys)

    return write


@pytest.fixture
async def rehearse(tmp_path, sqlite_template):
    """Open rehearsals, the second on the database of the first unless it names another.

    Takes options of the sandbox, the schedules `dials` and `reads` of the line, and what
    `rehearsal` takes.
    """
    async with AsyncExitStack() as stack:

        async def open_(folder, *, database="trial.db", start=MONDAY, **options):
            path = tmp_path / database
            if not path.exists():
                shutil.copy(sqlite_template, path)
            of_sandbox = _taken(SANDBOX_OPTIONS, options)
            schedules = _taken(SCHEDULES, options)
            trial = rehearsal(
                folder,
                start=start,
                database=path,
                sandbox_options=SandboxOptions(**of_sandbox),
                transport_wrap=lambda inner: Line(inner, **schedules),
                **{"poll_seconds": 20, **options},
            )
            return await stack.enter_async_context(trial)

        yield open_


@pytest.fixture
def bounded():
    """Count passes, and fail a run that goes on without end."""
    return Passes()


class Passes(list):
    """Every pass of a run, to be given as `on_pass`."""

    def __call__(self, result):
        """Note one pass."""
        self.append(result)
        assert len(self) < PASSES_MAX, f"the run does not end: {result}"


def _taken(names, options):
    return {name: options.pop(name) for name in names if name in options}
