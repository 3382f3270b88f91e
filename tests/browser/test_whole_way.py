"""From a damaged spreadsheet to a finished campaign and its report, by mouse and by keyboard."""

import re

from playwright.sync_api import expect

from tests.browser.damaged_lists import write_damaged_list
from tests.browser.walk import DAYS, make_campaign

FINISHED_MS = 60_000


def test_a_file_chosen_before_the_page_is_ready_is_uploaded(desk, page):
    """On a slow line the script comes after the person has chosen."""
    script, held = "**/static/page.js", []

    def hold(route):
        held.append(route)

    page.route(script, hold)
    page.goto(f"{desk.url}/campaigns/new", wait_until="commit")
    page.set_input_files("#file", write_damaged_list(desk.folder / "early.csv", 5))
    page.unroute(script)  # which lets go of what is held
    ready = page.locator("nav.stats a").filter(has_text="Ready to call")
    expect(ready.locator("b")).to_have_text("5")


def test_by_mouse(desk, page):
    """A person uploads, sees what is wrong, sets hours, starts, watches, and reads the report."""
    page.goto(desk.url)
    page.get_by_role("link", name=re.compile("New campaign|Upload a list")).first.click()
    page.set_input_files("#file", write_damaged_list(desk.folder / "spring.csv", 5))
    rows = page.locator("nav.stats a")
    expect(rows.filter(has_text="Ready to call").locator("b")).to_have_text("5")
    expect(rows.filter(has_text="Duplicates").locator("b")).to_have_text("1")
    expect(rows.filter(has_text="Cannot be called").locator("b")).to_have_text("3")
    expect(page.get_by_text("A spreadsheet shortened the number")).to_be_visible()
    rows.filter(has_text="Duplicates").click()
    expect(page.get_by_text("Row 2 has the same number and is the one to call")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    corrected = download.value.path().read_text("utf-8-sig")
    assert "inkbatch reason" in corrected
    assert "'=HYPERLINK" in corrected
    page.get_by_label("Name of the campaign").fill("by mouse")
    page.get_by_role("button", name="Make the campaign").click()
    page.get_by_label("Address of your agent").fill(
        "wss://agent.example.com/?n={contact.first_name}"
    )
    expect(page.locator("#address")).to_contain_text("wss://agent.example.com/?n=Ann%200&")
    for day in DAYS:
        page.locator(f"#{day}").fill("00:00-24:00")
    for outcome in ("No answer", "Voicemail", "Call failed", "Could not be dialed"):
        page.get_by_label(f"Unit of the wait after {outcome}").select_option("stop")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    assert desk.sandbox.ledger() == [], "nobody is dialed before Start"
    page.get_by_role("button", name="Review and start").click()
    expect(page.get_by_role("heading", name="5 people to call")).to_be_visible()
    assert desk.sandbox.ledger() == [], "nobody is dialed before Start"
    page.get_by_role("button", name="Start calling").click()
    expect(page.get_by_text("Finished")).to_be_visible(timeout=FINISHED_MS)
    numbers = {call["to_number"] for call in desk.sandbox.ledger()}
    assert numbers == {f"+121255501{place:02d}" for place in range(5)}
    page.get_by_role("link", name="Report", exact=True).click()
    report = page.frame_locator("#report")
    expect(report.get_by_role("heading", name=re.compile("of 5 people"))).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the page").click()
    assert "of 5 people" in download.value.path().read_text("utf-8")


def test_by_keyboard(desk, page):
    """The same without a mouse: everything is reached by Tab and pressed by Enter."""
    make_campaign(desk, page, "by keyboard", people=3)
    before = len(desk.sandbox.ledger())
    press_to(page, "Review and start")
    page.wait_for_url(re.compile(r"/start$"))
    press_to(page, "Start calling")
    page.wait_for_url(re.compile(r"/campaigns/by%20keyboard$"))
    desk.sandbox.wait_for_calls(before + 3, process=desk.sandbox.process)
    press_to(page, "Attempts")
    page.wait_for_url(re.compile(r"/attempts$"))
    tab_until(page, "q")
    page.keyboard.type("0102")
    expect(page.locator("#rows tbody tr")).to_have_count(1)
    page.keyboard.press("Tab")
    press_to(page, "+1•••••••0102")
    expect(page.get_by_role("heading", name="+12125550102")).to_be_visible()


def test_what_is_typed_before_the_scripts_are_there_counts(desk, page):
    """On a slow line a person types before the page's scripts came, and the preview follows."""
    make_campaign(desk, page, "slow line", people=3)
    held = []
    page.route("**/htmx.min.js", lambda route: held.append(route))  # noqa: PLW0108 - playwright wants a function of its own kind
    page.reload(wait_until="commit")
    field = page.get_by_label("Address of your agent")
    field.fill("wss://agent.example.com/?n={contact.first_name}")
    expect(page.locator("#address")).to_contain_text("Columns that can stand in it")
    held[0].continue_()
    expect(page.locator("#address")).to_contain_text("wss://agent.example.com/?n=Ann%200&")


def press_to(page, label, tabs_max=120):
    """Go on by Tab to the control of this name, and press Enter."""
    for _ in range(tabs_max):
        page.keyboard.press("Tab")
        named = page.evaluate("(document.activeElement.innerText || '').trim()")
        if named == label:
            page.keyboard.press("Enter")
            return
    raise AssertionError(f"Tab never came to {label}")


def tab_until(page, id_, tabs_max=60):
    """Go on by Tab to the field of this id."""
    for _ in range(tabs_max):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == id_:
            return
    raise AssertionError(f"Tab never came to #{id_}")
