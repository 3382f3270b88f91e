"""Kill real dialers and sandboxes, and count who was called twice and what was lost.

`python -m tests.kills --kills 1000 --database sqlite --database postgresql`. With --unprotected
what dead processes had reserved is dialed again: then doubles must be found.
"""

import argparse
import json
import shutil
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pgserver
import psycopg

from inkbatch.adapters.store import upgrade
from tests.crash_points import FAULT_POINTS
from tests.kills import processes
from tests.kills.rounds import CONTACTS, KILLS_A_ROUND, Round, campaign_in

TOLD_A_ROUND = 5


def main():
    """Play rounds until there were enough kills on each database; print the figures of each."""
    asked = _asked()
    results = [_on(database, asked) for database in asked.database]
    bad = any(result["doubles"] or result["losses"] for result in results)
    return int(bad != asked.unprotected)


def _on(database, asked):
    tally = Tally(database)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="inkbatch-kills-")))
        processes.warm_up(folder / "warm.db", campaign_in(folder / "warm"))
        fresh = stack.enter_context(DATABASES[database](folder))
        while tally.kills.total() < asked.kills:
            here = folder / f"round-{tally.rounds}"
            here.mkdir()
            played = Round(
                here,
                fresh(tally.rounds, here),
                seed=asked.seed * 10_000 + tally.rounds,
                protected=not asked.unprotected,
            )
            found = played.play(min(KILLS_A_ROUND, asked.kills - tally.kills.total()))
            tally.add(played, found)
    result = tally.figures()
    print(json.dumps(result), flush=True)  # noqa: T201 (a command)
    return result


@dataclass
class Tally:
    """What all rounds on one database came to."""

    database: str
    rounds: int = 0
    calls: int = 0
    stops: int = 0
    kills: Counter = field(default_factory=Counter)
    contacts: Counter = field(default_factory=Counter)
    doubles: list = field(default_factory=list)
    losses: list = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)

    def add(self, played, found):
        """Add a round, and say so to whoever watches."""
        self.rounds += 1
        self.calls += found.calls
        self.stops += played.stops
        self.kills += played.kills
        self.contacts += found.contacts
        self.doubles += found.doubles
        self.losses += found.losses
        told = [f"{self.database}: {self.kills.total()} kills, {len(self.doubles)} doubles"]
        wrong = (found.doubles + found.losses)[:TOLD_A_ROUND]
        told += [f"seed {played.seed}: {sentence}" for sentence in wrong]
        print(*told, sep="\n", file=sys.stderr, flush=True)  # noqa: T201 (a command)

    def figures(self):
        """Return the figures, and which crash points nobody died at."""
        points = {f"{number} {each}" for number, all_ in FAULT_POINTS.items() for each in all_}
        return {
            "database": self.database,
            "kills": self.kills.total(),
            "stops": self.stops,
            "contacts": self.rounds * CONTACTS,
            "calls": self.calls,
            "doubles": len(self.doubles),
            "losses": len(self.losses),
            "seconds": round(time.monotonic() - self.began, 1),
            "rounds": self.rounds,
            "ended_as": dict(self.contacts.most_common()),
            "killed": dict(self.kills.most_common()),
            "crash_points": len(points),
            "nobody_died_at": sorted(points - self.kills.keys()),
        }


def _asked():
    parser = argparse.ArgumentParser(prog="python -m tests.kills", description=__doc__)
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database", action="append", choices=DATABASES, default=None)
    parser.add_argument("--unprotected", action="store_true")
    asked = parser.parse_args()
    asked.database = asked.database or list(DATABASES)
    return asked


@contextmanager
def _sqlite_files(folder):
    template = folder / "template.db"
    upgrade(f"sqlite:///{template}")

    def fresh(_, here):
        return f"sqlite:///{shutil.copy(template, here / 'inkbatch.db')}"

    yield fresh


@contextmanager
def _postgresql_databases(_):
    """Run a server of our own; what it stores needs to outlive processes, not the machine."""
    data = tempfile.mkdtemp(prefix="inkbatch-pg-")
    server = pgserver.get_server(data, cleanup_mode="delete")
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        connection.execute("ALTER SYSTEM SET fsync = off")
        connection.execute("SELECT pg_reload_conf()")
        connection.execute("CREATE DATABASE template")
    upgrade(server.get_uri("template"))

    def fresh(number, _):
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE round_{number} TEMPLATE template")
        return str(server.get_uri(f"round_{number}"))

    try:
        yield fresh
    finally:
        server.cleanup()


DATABASES = {"sqlite": _sqlite_files, "postgresql": _postgresql_databases}

if __name__ == "__main__":
    sys.exit(main())
