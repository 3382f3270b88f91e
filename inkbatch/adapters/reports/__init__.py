"""What came of a campaign: typed frames, figures, one self-contained page, and exports."""

from inkbatch.adapters.reports.arrow_tables import (
    as_frame,
    attempts_table,
    budget_table,
    calls_table,
    contacts_table,
)
from inkbatch.adapters.reports.campaign_figures import campaign_figures
from inkbatch.adapters.reports.comparing import Compared, Comparison, compare
from inkbatch.adapters.reports.exports import Exported, export
from inkbatch.adapters.reports.figure_frames import (
    comparison_frame,
    idle_frame,
    outcomes_frame,
    times_to_reach_frame,
)
from inkbatch.adapters.reports.figures import Figures
from inkbatch.adapters.reports.markdown import markdown_summary
from inkbatch.adapters.reports.page import render, write_report
from inkbatch.adapters.reports.queries import Wanted
from inkbatch.adapters.reports.rows import rows_frame
from inkbatch.adapters.reports.talk_frames import transcripts_frame

__all__ = [
    "Compared",
    "Comparison",
    "Exported",
    "Figures",
    "Wanted",
    "as_frame",
    "attempts_table",
    "budget_table",
    "calls_table",
    "campaign_figures",
    "compare",
    "comparison_frame",
    "contacts_table",
    "export",
    "idle_frame",
    "markdown_summary",
    "outcomes_frame",
    "render",
    "rows_frame",
    "times_to_reach_frame",
    "transcripts_frame",
    "write_report",
]
