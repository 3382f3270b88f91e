"""While it dials: a second browser sees the same, and a pause takes effect for both."""

from playwright.sync_api import expect

from tests.browser.walk import make_campaign, start


def test_a_pause_while_dialing_is_seen_by_a_second_browser(desk, page, signed_in):
    """The second browser sees calls and the pause without being touched; nobody more is dialed."""
    make_campaign(desk, page, "paused", people=40)
    page.locator("#calls_at_once").fill("1")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Saved.").wait_for()
    start(page)
    other = desk.visit("/campaigns/paused", storage_state=signed_in)
    other.evaluate("window.untouched = true")
    expect(other.locator("dl.bars").first).to_be_visible()
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("button", name="Resume")).to_be_visible()
    expect(other.get_by_role("button", name="Resume")).to_be_visible()
    expect(other.get_by_role("status").first).to_contain_text("paused by operator")
    expect(other.get_by_text("Nobody is being called at this moment.")).to_be_visible()
    dialed = len(desk.sandbox.ledger())
    assert dialed < 40
    page.get_by_role("button", name="Resume").click()
    expect(other.locator(".pill.running").first).to_be_visible()
    assert other.evaluate("window.untouched")
    desk.sandbox.wait_for_calls(dialed + 1, process=desk.sandbox.process)
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("button", name="Resume")).to_be_visible()
    other.context.close()
