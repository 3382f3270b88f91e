"""What came of a campaign: typed frames, figures, one self-contained page, and exports."""

from inkbatch.adapters.reports.campaign_figures import campaign_figures
from inkbatch.adapters.reports.exports import Exported, export
from inkbatch.adapters.reports.figures import Figures
from inkbatch.adapters.reports.frames import attempts_frame, contacts_frame, rows_frame
from inkbatch.adapters.reports.markdown import markdown_summary
from inkbatch.adapters.reports.page import render, write_report
from inkbatch.adapters.reports.result_frames import transcripts_frame

__all__ = [
    "Exported",
    "Figures",
    "attempts_frame",
    "campaign_figures",
    "contacts_frame",
    "export",
    "markdown_summary",
    "render",
    "rows_frame",
    "transcripts_frame",
    "write_report",
]
