"""What came of a campaign as the page gives it out: the report, its figures, exports."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from inkbatch.adapters import reports
from inkbatch.adapters.store import SqlStore
from inkbatch.domain.campaign_forecast import CampaignForecast
from inkbatch.ports import CampaignRecord, Clock


@dataclass(frozen=True, kw_only=True)
class StoredReports:
    """Fulfils `office.Reports`, from the database."""

    store: SqlStore
    clock: Clock
    expected: Callable[[CampaignRecord], CampaignForecast | None]

    def write_page(self, record: CampaignRecord, *, to: Path, with_talks: bool) -> Path:
        """Write the self-contained page and return its path."""
        return reports.write_report(
            self.store.engine,
            record,
            to=to,
            now=self.clock.now(),
            forecast=self.expected(record),
            with_talks=with_talks,
        )

    def figures(self, record: CampaignRecord) -> dict[str, Any]:
        """Return the figures as plain values for JSON."""
        now, ahead = self.clock.now(), self.expected(record)
        return reports.campaign_figures(
            self.store.engine, record, now=now, forecast=ahead
        ).as_dict()

    def compare(self, records: Sequence[CampaignRecord]) -> dict[str, Any]:
        """Return campaigns beside each other as plain values for JSON."""
        return reports.compare(self.store.engine, records).as_dict()

    def write_export(self, record: CampaignRecord, *, what: str, to: Path) -> Path:
        """Write contacts, attempts, rows or transcripts, in the form that the ending names."""
        now = self.clock.now()
        return reports.export(self.store.engine, record, what=what, to=to, now=now)
