"""The call list that ships with the repository."""

import runpy
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pytest

from inkbatch.adapters.call_lists import findings, read_call_list, read_suppression_file
from inkbatch.adapters.campaign_files import load_campaign
from inkbatch.domain.agent_url import missing_columns
from inkbatch.domain.list_row import RowStatus

ROOT = Path(__file__).parents[3]
FOLDER = ROOT / "campaigns" / "appointment_reminder"


@pytest.fixture(scope="module")
def generator():
    return runpy.run_path(str(ROOT / "tests" / "tools" / "make_call_list.py"))


@pytest.fixture(scope="module")
def campaign():
    return load_campaign(FOLDER)


@pytest.fixture(scope="module")
def call_list(campaign):
    path = Path(campaign.call_list)
    return read_call_list(path, columns=campaign.columns, default_region=campaign.default_region)


def test_the_shipped_file_is_what_its_generator_makes(generator):
    """The workbook can be made anew, cell for cell."""
    sheet = openpyxl.load_workbook(FOLDER / "call_list.xlsx").active
    shipped = [tuple(cell or "" for cell in row) for row in sheet.iter_rows(values_only=True)]
    made = generator["call_list"]()
    assert shipped == [generator["HEADER"], *made]


def test_the_shipped_suppression_file_is_what_its_generator_makes(generator, tmp_path):
    """The suppression file belongs to the list beside it."""
    generator["write_do_not_call"](tmp_path / "made.csv")
    assert (FOLDER / "do_not_call.csv").read_bytes() == (tmp_path / "made.csv").read_bytes()


def test_the_shipped_list_shows_every_kind_of_row(call_list):
    """The demo has contacts in many zones, and bad rows to account for."""
    assert findings(call_list.batches).by_status == {
        RowStatus.ACCEPTED: 255,
        RowStatus.REPAIRED: 8,
        RowStatus.DUPLICATE: 2,
        RowStatus.SUPPRESSED: 0,
        RowStatus.REJECTED: 9,
    }
    assert len({row.zones for row in call_list.rows if row.becomes_contact}) == 7


def test_nobody_real_can_be_called(call_list):
    """Every number of the sample is reserved for fiction."""
    for row in call_list.rows:
        if row.number is not None:
            assert row.number[5:10] == "55501" or row.number.startswith("+442079460"), row


def test_the_shipped_suppressions_are_in_the_list(campaign, call_list):
    """The demo shows suppressed rows."""
    numbers = {row.number for row in call_list.rows if row.becomes_contact}
    (path,) = campaign.suppression_files
    now = datetime(2026, 11, 22, tzinfo=UTC)
    found = read_suppression_file(Path(path), default_region="US", now=now).suppressions
    assert len(found) == 3
    assert {one.number for one in found} <= numbers


def test_the_shipped_template_asks_for_columns_that_are_there(campaign, call_list):
    """Every call of the demo has a name to say."""
    assert missing_columns(campaign.client_websocket_url, call_list.columns) == ()
