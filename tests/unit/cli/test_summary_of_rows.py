"""The summary that a run, a status and the demo end with."""

from inkbatch.cli.summary import where_rows_stand
from inkbatch.ports import CampaignCounts


def test_an_opt_out_hides_no_row_that_was_suppressed_from_the_start():
    """Rows and contacts may have states of one name, and still add up to the rows of the file."""
    counts = CampaignCounts(
        rows={"accepted": 3, "repaired": 1, "suppressed": 3, "rejected": 2},
        contacts={"reached": 3, "suppressed": 1, "waiting": 0},
        attempts={},
        open_attempts={},
        talk_minutes=0.0,
    )
    assert where_rows_stand(counts) == {"reached": 3, "suppressed": 4, "rejected": 2}
