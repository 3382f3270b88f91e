"""A checked table of hours becomes the domain's `CallingWindow`."""

from inkbatch.adapters.campaign_files.tables import CallingWindowTable
from inkbatch.adapters.public_holidays import PublicHolidays
from inkbatch.domain.calling_window import CallingWindow


def build_window(table: CallingWindowTable) -> CallingWindow:
    """Return the window, its spans in order."""
    return CallingWindow(
        weekdays=table.week,
        zone=table.zone,
        exceptions={day: tuple(sorted(spans)) for day, spans in table.exceptions.items()},
        holidays=PublicHolidays(table.holidays) if table.holidays else None,
    )
