"""While somebody types into the settings: what to expect follows, and own numbers are offered."""

import re

from playwright.sync_api import expect

from tests.browser.walk import make_campaign


def test_the_forecast_follows_what_is_typed(desk, page):
    """It is told of a draft, changes as the form does, and says what is wrong; nothing is saved."""
    make_campaign(desk, page, "ahead", people=40)
    told = page.locator("#forecast")
    expect(told).to_contain_text("Done by")
    before = told.inner_text()
    page.locator("#head_room_calls").fill("95")
    expect(told).not_to_have_text(before)
    expect(told).to_contain_text("Done by")
    page.locator("#tries").fill("0")
    expect(told).to_contain_text("It cannot be told")
    page.reload()
    expect(page.locator("#head_room_calls")).not_to_have_value("95")


def test_numbers_at_inkbox_are_offered(desk, page):
    """One press takes a number of the organisation; a second one adds it no second time."""
    make_campaign(desk, page, "offered")
    page.locator("#from_numbers").fill("")
    offered = page.get_by_role("button", name=re.compile(r"^\+1")).first
    number = offered.inner_text()
    offered.click()
    offered.click()
    expect(page.locator("#from_numbers")).to_have_value(number)
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Saved.").wait_for()
    expect(page.locator("#from_numbers")).to_have_value(number)
