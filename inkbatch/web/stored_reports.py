"""What came of a campaign as the page gives it out: the report, its figures, exports."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inkbatch.adapters import reports
from inkbatch.adapters.store import SqlStore
from inkbatch.ports import CampaignRecord, Clock


@dataclass(frozen=True, kw_only=True)
class StoredReports:
    """Fulfils `office.Reports`, from the database."""

    store: SqlStore
    clock: Clock

    def write_page(self, record: CampaignRecord, *, to: Path) -> Path:
        """Write the self-contained page and return its path."""
        return reports.write_report(self.store.engine, record, to=to, now=self.clock.now())

    def figures(self, record: CampaignRecord) -> dict[str, Any]:
        """Return the figures as plain values for JSON."""
        return reports.campaign_figures(self.store.engine, record, now=self.clock.now()).as_dict()

    def write_export(self, record: CampaignRecord, *, what: str, to: Path) -> Path:
        """Write contacts, attempts, rows or transcripts, in the form that the ending names."""
        now = self.clock.now()
        return reports.export(self.store.engine, record, what=what, to=to, now=now)
