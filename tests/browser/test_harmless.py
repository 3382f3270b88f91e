"""Hostile names and cells are shown as what they are."""

import re

from playwright.sync_api import expect

from tests.browser.damaged_lists import PICTURE, SCRIPT
from tests.browser.walk import make_campaign


def test_cells_and_file_names_are_text(desk, page):
    """Markup in a cell, a header or a file's name is shown and never obeyed."""
    hostile = desk.folder / "x<img src=x onerror=alert(1)>.csv"
    header = "<b onmouseover=alert(1)>Phone</b>"
    hostile.write_text(f"{header},Name\n+12125550100,{SCRIPT}\n0,{PICTURE}\n", "utf-8")
    page.goto(f"{desk.url}/campaigns/new")
    page.set_input_files("#file", hostile)
    page.locator("nav.stats, .notice.bad").first.wait_for()
    expect(page.get_by_role("cell", name=re.compile("script")).first).to_be_visible()
    assert page.locator("main script, main img, main b[onmouseover]").count() == 0
    assert "taken over" not in page.title()


def test_a_person_of_a_hostile_list_is_shown_harmlessly(desk, page):
    """The contact's page tells the list's cells as text."""
    make_campaign(desk, page, "harmless", people=1)
    page.get_by_role("button", name="Review and start").click()
    page.goto(f"{desk.url}/campaigns/harmless/people")
    page.get_by_role("link", name="+1•••••••0100").click()
    page.get_by_text("Ann 0").wait_for()
    assert page.locator("main script, main img").count() == 0
    assert "taken over" not in page.title()


def test_the_settings_show_a_wrong_value_beside_its_field(desk, page):
    """A value that the file may not hold is told by its rule, and nothing is saved."""
    make_campaign(desk, page, "wrong", people=1)
    page.get_by_label("Address of your agent").fill('http://"><script>alert(1)</script>')
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#client_websocket_url-wrong")).to_contain_text("begins with wss://")
    assert "script" not in (desk.folder / "campaigns" / "wrong" / "campaign.toml").read_text()
