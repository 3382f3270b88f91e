"""Live through many seeds: `make simulate SEEDS=10000`, or one again: `make simulate SEED=4711`."""

import argparse
import os
import sys
import time
from collections import Counter
from contextlib import ExitStack
from functools import cache
from multiprocessing import get_context

from tests.simulation.databases import postgresql, sqlite_in_memory, watch_postgresql
from tests.simulation.servers import fresh_postgresql
from tests.simulation.world import simulate

REPORT_SECONDS = 10
_servers = ExitStack()


def main():
    """Stop at the first seed that breaks a promise, with the command that repeats it."""
    asked = _asked()
    seeds = (
        [asked.seed] if asked.seed is not None else range(asked.first, asked.first + asked.seeds)
    )
    began, told_at, sums = time.monotonic(), 0.0, Counter()
    with get_context("spawn").Pool(asked.processes if len(seeds) > 1 else 1) as pool:
        work = ((asked.database, seed) for seed in seeds)
        for seed, lived, problem in pool.imap_unordered(_live, work):
            if problem is not None:
                pool.terminate()
                print(f"seed {seed}: {problem}")
                print(f"again: make simulate SEED={seed} DATABASE={asked.database}")
                return 1
            sums.update(lived)
            seconds = time.monotonic() - began
            if seconds - told_at > REPORT_SECONDS or sums["seeds"] == len(seeds):
                told_at = seconds
                print(_told(sums, seconds), flush=True)
    return 0


def _told(sums, seconds):
    cpu = sums["cpu_seconds"]
    return (
        f"{sums['seeds']} seeds, {sums['seeds'] / seconds:.1f} a second; "
        f"{sums['attempts']} attempts, {sums['attempts'] / seconds:.0f} a second, "
        f"{sums['attempts'] / cpu:.0f} a second of a core; {sums['calls']} calls, "
        f"{sums['kills']} processes killed, {sums['review']} for review; 0 promises broken"
    )


def _live(work):
    kind, seed = work
    began = time.process_time()
    try:
        with _database(kind) as store:
            lived = simulate(seed, store)
    except Exception as problem:  # noqa: BLE001 (whatever a seed finds is told with its seed)
        return seed, None, f"{type(problem).__name__}: {problem}"
    counts = {name: getattr(lived, name) for name in ("attempts", "calls", "kills", "review")}
    return seed, {"seeds": 1, "cpu_seconds": time.process_time() - began, **counts}, None


def _database(kind):
    return postgresql(_postgresql_url()) if kind == "postgresql" else sqlite_in_memory()


@cache
def _postgresql_url():
    url = _servers.enter_context(fresh_postgresql())
    watch_postgresql(url)
    return url


def _asked():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=200)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
