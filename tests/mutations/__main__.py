"""Plants each bug in a copy of the tree, runs the tests that are to notice, and prints a table.

`python -m tests.mutations [WORD ...]`: all bugs, or those with one of the words in their names.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.mutations.planted_bugs import BUGS, ROOT

COPIED = ("inkbatch", "tests", "flows", "campaigns", "pyproject.toml", "README.md")
SECONDS_MAX = 1200
TESTS_FAILED = 1
"""pytest's code for it; any other means that no test ran."""


def main(words):
    """Return how many bugs survived."""
    wanted = [bug for bug in BUGS if not words or any(word in bug.name for word in words)]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        results = list(pool.map(tried, wanted))
    for caught, line in results:
        print(f"| {line} |" if caught else f"| **{line}** |")  # noqa: T201 (a command)
    survived = sum(not caught for caught, _ in results)
    print(f"{len(results)} planted bugs, {len(results) - survived} caught, {survived} survived")  # noqa: T201 (a command)
    return survived


def tried(bug):
    """Return whether a test noticed, and the line of the table."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="inkbatch-bug-") as folder:
        tree = Path(folder)
        copy_to(tree)
        bug.plant(tree)
        code, noticed = tests_of(bug, tree)
    caught = code == TESTS_FAILED
    verdict = f"caught by `{noticed}`" if caught else f"SURVIVED ({code}): {noticed}"
    line = f"{bug.name} | {verdict} | {time.monotonic() - began:.0f} s"
    print(f"... {line}", file=sys.stderr, flush=True)  # noqa: T201 (a command)
    return caught, line


def copy_to(tree):
    """Copy what the tests need."""
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, tree)


def tests_of(bug, tree):
    """Run the tests up to the first that fails; return pytest's code and that test's name."""
    command = ["-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "-p", "no:randomly"]
    ended = subprocess.run(
        [sys.executable, *command, *bug.tests],
        cwd=tree,
        env={**os.environ, "PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=SECONDS_MAX,
        check=False,
    )
    failed = [line for line in ended.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
    told = (
        failed[0].split("::")[-1].split(" - ")[0].split("[")[0] if failed else ended.stdout[-300:]
    )
    return ended.returncode, told


if __name__ == "__main__":
    sys.exit(bool(main(sys.argv[1:])))
