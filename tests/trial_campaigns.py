"""Campaign folders as a person would write them, and the callees that pick up in them."""

import csv
import json

import httpx

from inkbatch.adapters.store import tables
from inkbatch.sandbox import Population, Script
from inkbatch.wiring import in_process

API_URL = "http://127.0.0.1/api/v1/phone"

ROUND_THE_CLOCK = {"weekdays": ["00:00-24:00"], "weekends": ["00:00-24:00"]}
FROM_NUMBERS = ("+14155550100", "+14155550101")
AREAS = {
    "212": "America/New_York",
    "312": "America/Chicago",
    "303": "America/Denver",
    "602": "America/Phoenix",
    "808": "Pacific/Honolulu",
}


def numbers(count, *, areas=("212",)):
    """Return so many reserved numbers, taking turns among the area codes."""
    return [f"+1{areas[i % len(areas)]}55501{i // len(areas):02d}" for i in range(count)]


def write_campaign(folder, rows, **keys):
    """Write `campaign.toml` and its call list; rows are numbers or dictionaries by header.

    It may call round the clock, one call at a time, unless `keys` say otherwise.
    """
    folder.mkdir(parents=True)
    said = {
        "name": folder.name,
        "call_list": "call_list.csv",
        "from_numbers": list(FROM_NUMBERS[:1]),
        "client_websocket_url": "wss://agent.example.com/talk",
        "calling_window": ROUND_THE_CLOCK,
        "pacing": {"calls_at_once": 1, "calls_per_minute": "unlimited"},
        **keys,
    }
    lines = [f"{key} = {_toml(value)}\n" for key, value in said.items() if value is not None]
    (folder / "campaign.toml").write_text("".join(lines), "utf-8")
    _write_list(folder / "call_list.csv", rows)
    return folder


def callees(outcome="answer", **odds):
    """Return people of whom everybody does the same; `odds` are those of Population."""
    return Population(
        busy_odds=0,
        reject_odds=0,
        talk_on_odds=1 if outcome == "talk_on" else 0,
        answer_odds=(1.0 if outcome in ("answer", "talk_on") else 0.0,) * 24,
        voicemail_odds=1 if outcome == "voicemail" else 0,
        **odds,
    )


def scripted(outcomes, **odds):
    """Return people who answer, but for those whose outcomes are given by number."""
    return callees(script=Script.of(outcomes), **odds)


async def call_by_hand(trial, *to_numbers, from_number=FROM_NUMBERS[0]):
    """Call as somebody else of the same organisation does; return the answers' statuses."""
    client = httpx.AsyncClient(
        transport=in_process(trial.sandbox.app),
        base_url=API_URL,
        headers={"X-API-Key": "sandbox"},
    )
    async with client:
        bodies = [{"from_number": from_number, "to_number": number} for number in to_numbers]
        answers = [await client.post("/place-call", json=body) for body in bodies]
    return [answer.status_code for answer in answers]


def attempts_of(trial):
    """Return every attempt as it is stored, oldest first."""
    return _all(trial, tables.attempt, "created_at")


def contacts_of(trial):
    """Return every contact as it is stored, in the order of the list."""
    return _all(trial, tables.contact, "row_number")


def usage_of(trial):
    """Return what of the budget counts now."""
    with trial.desk.store.reading() as tx:
        return tx.usage(trial.record().organisation, now=trial.clock.now())


def say_state(trial, state):
    """Say of the campaign what another process would, such as `inkbatch pause`."""
    with trial.desk.store.transaction() as tx:
        tx.set_campaign_state(trial.record().id, state, reason="lunch", now=trial.clock.now())


def _all(trial, table, *order):
    columns = [table.c[name] for name in (*order, "id")]
    with trial.desk.store.engine.connect() as connection:
        return connection.execute(table.select().order_by(*columns)).all()


def _write_list(path, rows):
    table = [row if isinstance(row, dict) else {"Phone": row} for row in rows]
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, fieldnames=list(table[0]))
        writer.writeheader()
        writer.writerows(table)


def _toml(value):
    if isinstance(value, dict):
        inner = ", ".join(f"{key} = {_toml(item)}" for key, item in value.items())
        return f"{{ {inner} }}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_toml, value))}]"
    return json.dumps(value)
