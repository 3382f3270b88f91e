"""The way from a spreadsheet to a campaign that dials, as a person clicks it."""

import re

from tests.browser.damaged_lists import write_damaged_list

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def make_campaign(desk, page, name, people=6):
    """Upload a damaged list and make a campaign of it that may call at any hour."""
    page.goto(f"{desk.url}/campaigns/new")
    list_ = write_damaged_list(desk.folder / f"{name}.csv", people)
    page.set_input_files("#file", list_)
    page.get_by_label("Name of the campaign").fill(name)
    page.get_by_role("button", name="Make the campaign").click()
    page.wait_for_url(re.compile(r"/setup$"))
    for day in DAYS:
        page.locator(f"#{day}").fill("00:00-24:00")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Saved.").wait_for()


def start(page):
    """Look at what Start would do, and press it."""
    page.get_by_role("button", name="Review and start").click()
    page.get_by_role("button", name="Start calling").click()
    page.get_by_role("heading", name="Calls going on").wait_for()
