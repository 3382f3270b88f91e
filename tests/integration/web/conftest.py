"""A page over one campaign of ten people, of whom nobody was called."""

import shutil

import pytest

from tests.served_page import served_page
from tests.trial_campaigns import numbers, write_campaign


@pytest.fixture
def page(tmp_path, sqlite_template):
    shutil.copy(sqlite_template, tmp_path / "page.db")
    write_campaign(tmp_path / "campaigns" / "reminders", numbers(10))
    with served_page(tmp_path) as served:
        yield served


@pytest.fixture
def enrolled(page):
    """The same, its list taken in."""
    with page.visitor() as client:
        assert client.post("/campaigns/reminders/prepare").status_code == 303
    return page
