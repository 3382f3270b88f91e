"""axe-core finds nothing on any page, in light and dark, on a phone and on a wide screen."""

from pathlib import Path

import pytest

from tests.browser.walk import make_campaign

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text("utf-8")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OF_CAMPAIGN = ("", "/people", "/people/{contact}", "/attempts", "/report", "/setup", "/start")
OTHERS = (
    "/",
    "/compare",
    "/campaigns/new",
    "/never-call",
    "/activity",
    "/access",
    "/login",
    "/not-there",
)
LOOKS = ((390, "dark"), (1280, "light"))


@pytest.fixture(scope="module")
def paths(desk, signed_in):
    """Every main page, one with a list that was looked through among them."""
    page = desk.visit(storage_state=signed_in)
    page.goto(f"{desk.url}/campaigns/new")
    make_campaign(desk, page, "axe", people=2)
    page.get_by_role("button", name="Review and start").click()
    page.goto(f"{desk.url}/campaigns/axe/people")
    first = page.locator("#rows a").first.get_attribute("href")
    page.goto(f"{desk.url}/campaigns/new")
    page.set_input_files("#file", desk.folder / "axe.csv")
    page.locator("nav.stats").wait_for()
    upload = page.url.removeprefix(desk.url)
    page.context.close()
    contact = first.rsplit("/", 1)[1]
    return [
        *(f"/campaigns/axe{path.format(contact=contact)}" for path in OF_CAMPAIGN),
        *OTHERS,
        upload,
    ]


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_no_page_has_an_accessibility_fault(desk, signed_in, paths, width, scheme):
    """No fault by axe-core, and nothing wider than the screen."""
    # The checker is put in from outside, which the page's own policy forbids.
    context = desk.browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme=scheme,
        storage_state=signed_in,
        bypass_csp=True,
    )
    page, faults = context.new_page(), {}
    for path in paths:
        page.goto(f"{desk.url}{path}")
        page.evaluate(AXE)
        found = page.evaluate("tags => axe.run({runOnly: tags})", TAGS)
        faults[path] = [
            (fault["id"], [node["target"] for node in fault["nodes"]][:3])
            for fault in found["violations"]
        ]
        if page.evaluate("document.documentElement.scrollWidth") > width:
            faults[path].append("wider than the screen")
    context.close()
    assert {path: found for path, found in faults.items() if found} == {}
