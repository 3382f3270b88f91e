"""Makes the pictures of the README anew: `python -m tests.browser.pictures`.

The page is the real one; the calls of its night are invented and put into the database.
"""

import random
import shutil
import tempfile
from datetime import timedelta
from pathlib import Path

from playwright.sync_api import sync_playwright

from inkbatch.adapters.store import tables
from inkbatch.dialer.locks import lock_names
from tests.browser.damaged_lists import write_damaged_list
from tests.served_page import served_page
from tests.trial_campaigns import write_campaign

PICTURES = Path(__file__).parents[2] / "inkbatch" / "web" / "pictures"
PEOPLE, CALLS, IN_PROGRESS = 100, 74, 3
OUTCOMES = {"answered": 46, "voicemail": 22, "no_answer": 24, "rejected": 5, "failed": 3}
STATES = {"answered": "reached", "rejected": "exhausted"}
AGENT = "wss://agent.example.com/reminder?first_name={contact.first_name}"
SEED = 5


def make_pictures(folder):
    """Write the pictures, from a page over a folder of its own."""
    campaign = folder / "campaigns" / "Spring reminders"
    people = [
        {"Phone": f"+1{area}55501{place:02d}", "First name": "Ann"}
        for area in (212, 312)
        for place in range(PEOPLE // 2)
    ]
    write_campaign(
        campaign,
        people,
        client_websocket_url=AGENT,
        pacing={"calls_at_once": IN_PROGRESS, "calls_per_minute": 20},
    )
    hours = {"weekdays": ["09:30-12:30", "16:00-20:00"], "saturday": ["10:00-13:00"]}
    write_campaign(
        folder / "campaigns" / "Autumn survey",
        people,
        client_websocket_url=AGENT,
        calling_window={**hours, "holidays": "contact"},
        rules=["us-federal"],
    )
    with served_page(folder) as page:
        with page.visitor() as client:
            assert client.post("/campaigns/Spring%20reminders/prepare").status_code == 303
        live_through_a_night(page.office.store, now=page.office.now())
        lock = page.office.store.take_lock(lock_names(1)[0])  # as the process that dials would
        take(page, write_damaged_list(folder / "spring list.csv", 60))
        lock.release()


def live_through_a_night(store, *, now):
    """Put calls of the last hours, of those before, and some in progress into the database."""
    dice = random.Random(SEED)
    shift = {"id": "shift", "campaign_id": 1, "lock_name": "x", "host": "here", "pid": 4711}
    ended = [_ended(dice, place, now) for place in range(CALLS)]
    placed = [_attempt(CALLS + place, now, state="placed") for place in range(IN_PROGRESS)]
    with store.engine.begin() as connection:
        connection.execute(tables.shift.insert(), {**shift, "started_at": now})
        for attempt in (*ended, *placed):
            connection.execute(tables.attempt.insert(), attempt)
            connection.execute(tables.budget_entry.insert(), _entry(attempt, now))
            state = "in_call" if attempt["state"] == "placed" else None
            state = state or STATES.get(attempt["disposition"], "waiting")
            changed = tables.contact.update().where(tables.contact.c.id == attempt["contact_id"])
            later = now + timedelta(hours=dice.choice((4, 20)))
            connection.execute(
                changed.values(state=state, attempts_used=1, waits_until=later, why="see the call")
            )


def _ended(dice, place, now):
    at = now - timedelta(
        minutes=dice.choice((dice.triangular(0, 420, 60), 760 + 500 * dice.random()))
    )
    outcome = dice.choices(list(OUTCOMES), list(OUTCOMES.values()))[0]
    minutes = dice.uniform(0.4, 2.2) if outcome in ("answered", "voicemail") else 0.0
    return _attempt(
        place, at, state="ended", disposition=outcome, talk_minutes=minutes, ended_at=at
    )


def _attempt(place, at, **more):
    number = f"+1{212 if place < PEOPLE // 2 else 312}55501{place % (PEOPLE // 2):02d}"
    return {
        "id": f"attempt-{place:03d}",
        "campaign_id": 1,
        "contact_id": place + 1,
        "number": number,
        "from_number": "+14155550100",
        "ordinal": 1,
        "shift_id": "shift",
        "predicted_minutes": 1.0,
        "created_at": at,
        "reserved_at": at,
        "looks": 0,
        "call_id": f"call-{place}",
        **more,
    }


def _entry(attempt, now):
    ends = None if attempt["state"] == "placed" else attempt["reserved_at"] + timedelta(days=1)
    return {
        "organisation": "sandbox",
        "source": "attempt",
        "attempt_id": attempt["id"],
        "calls": 1,
        "minutes": attempt.get("talk_minutes", 1.0),
        "campaign_id": 1,
        "counts_from": min(attempt["reserved_at"], now),
        "calls_until": ends or now + timedelta(days=1),
        "minutes_until": ends,
    }


def take(page, list_):
    """Photograph the main pages."""
    PICTURES.mkdir(exist_ok=True)
    chromium = shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        window = browser.new_context(viewport={"width": 1200, "height": 860}).new_page()
        window.goto(page.link())
        window.wait_for_url(f"{page.url}/")
        window.goto(f"{page.url}/campaigns/new")
        window.set_input_files("#file", list_)
        window.locator("nav.stats").wait_for()
        window.screenshot(path=PICTURES / "list.png")
        window.goto(f"{page.url}/campaigns/Autumn%20survey/setup")
        window.evaluate("document.getElementById('s-hours').scrollIntoView()")
        window.screenshot(path=PICTURES / "settings.png")
        window.goto(f"{page.url}/campaigns/Spring%20reminders")
        window.locator("time[data-told]").first.wait_for()
        window.set_viewport_size({"width": 1200, "height": 1190})
        window.screenshot(path=PICTURES / "live.png")
        known = window.context.storage_state()
        phone = browser.new_context(
            viewport={"width": 390, "height": 860},
            color_scheme="dark",
            storage_state=known,
            device_scale_factor=1.5,
        ).new_page()
        phone.goto(f"{page.url}/campaigns/Spring%20reminders")
        phone.locator("time[data-told]").first.wait_for()
        phone.screenshot(path=PICTURES / "phone.png")
        browser.close()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        make_pictures(Path(temporary))
