"""The harness of `make kill-test`, a tenth as long, and its control."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
KILLS = 50

pytestmark = pytest.mark.timeout(600)
"""Half a minute on a quiet machine; many programs take turns on one that is busy."""


def killed(*options):
    """Run the harness; return its figures and the sentences that it wrote."""
    ended = subprocess.run(
        [sys.executable, "-m", "tests.kills", *map(str, options)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.stdout.startswith("{"), ended.stderr
    return json.loads(ended.stdout), ended


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_killed_processes_call_nobody_twice_and_lose_nobody(database):
    """Dialers and sandboxes are killed at random and at crash points; books and ledger agree."""
    told, ended = killed("--database", database, "--kills", KILLS)
    assert ended.returncode == 0, ended.stderr
    assert told["kills"] >= KILLS
    assert (told["doubles"], told["losses"]) == (0, 0)
    assert sum(told["ended_as"].values()) == told["contacts"]
    assert told["ended_as"]["reached"] > told["contacts"] / 3
    assert told["ended_as"].get("review", 0) < told["contacts"] / 3


def test_without_its_protection_the_same_harness_finds_people_called_twice():
    """The control: what a dead process had reserved is dialed again, and that is noticed."""
    told, ended = killed("--database", "sqlite", "--kills", 15, "--unprotected", "--seed", 2)
    assert ended.returncode == 0, ended.stderr
    assert told["doubles"] > 0
