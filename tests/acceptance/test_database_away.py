"""PostgreSQL cuts its connections, or is started anew, while `inkbatch run` dials."""

import pgserver
import psycopg
import pytest

from tests.acceptance.books import attempts_in, disagreements, miscounts
from tests.acceptance.terminal import is_running

CONTACTS = 24
STRUCK_AT = (2, 12)
"""Calls in the ledger at which the database goes away, once each."""


def cut_connections(server, url):
    """Let the server end every session but ours, the one that holds the lock included."""
    with psycopg.connect(url, autocommit=True) as connection:
        ended = connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name LIKE 'inkbatch%' AND datname = current_database()"
        ).fetchall()
    assert ended
    return server


def restart(server, _):
    """Let the server crash, recover and serve again."""
    pgserver.pg_ctl(
        ["restart", "-w", "-m", "immediate", "-l", str(server.log)],
        pgdata=server.pgdata,
        user=server.system_user,
        timeout=30,
    )
    server.ensure_postgres_running()
    return server


@pytest.mark.parametrize("strike", [cut_connections, restart])
def test_a_database_that_goes_away_loses_nobody_and_lets_nobody_be_dialed_twice(
    terminal, sandbox_at, campaign, postgres_server, postgres_url, strike
):
    """Each run goes on or ends with a sentence, and the last one brings the campaign to its end."""
    folder = campaign(CONTACTS, calls_at_once=3, attempts={"max": 1})
    with sandbox_at("--durations", 0.02) as sandbox:
        there = {"INKBATCH_DATABASE_URL": postgres_url, "INKBATCH_BASE_URL": sandbox.base_url}
        for calls in STRUCK_AT:
            with terminal.started("run", folder, **there) as process:
                sandbox.wait_for_calls(calls, process=process)
                assert is_running(process)
                strike(postgres_server, postgres_url)
                ended = terminal.end_of(process)
            assert "Traceback" not in ended.err
            assert ended.code == 0 or "the database" in ended.err.lower()
            if ended.code == 0:
                break
        last = terminal.run("run", folder, "--json", **there)
        assert last.code == 0, last.err
        ledger, attempts = sandbox.ledger(), attempts_in(postgres_url)
    assert disagreements(ledger, attempts) == []
    assert miscounts(last.json["counts"], rows=CONTACTS, attempts=len(attempts)) == []
    assert not set(last.json["counts"]["contacts"]) & {"due", "waiting", "in_call"}
