"""The forecast as one picture: people reached by day, and when the campaign is done."""

from itertools import accumulate
from xml.sax.saxutils import escape

from inkbatch.domain.campaign_forecast import CampaignForecast

WIDTH, HEIGHT, LEFT, TOP, PLOT = 720, 300, 44, 40, 200
DAYS_DRAWN = 120
"""Of a longer campaign the first days are drawn."""

STYLE = (
    "text{font:12px system-ui,sans-serif;fill:#1b2436}.quiet{fill:#5d6575}"
    ".reached{fill:#0f766e}.spread{stroke:#1b2436;stroke-width:1}"
    ".done{fill:none;stroke:#c98a1b;stroke-width:2}.axis{stroke:#8b91a0}"
    "@media(prefers-color-scheme:dark){text{fill:#eceae4}.quiet{fill:#a7adba}"
    ".spread{stroke:#eceae4}}"
)


def chart(told: CampaignForecast) -> str:
    """Return an SVG that needs nothing else: bars are medians, whiskers P10 to P90 of a day."""
    days = told.days[:DAYS_DRAWN]
    tallest = max((day.reached.p90 for day in days), default=0) or 1
    pitch = (WIDTH - LEFT - 10) / max(len(days), 1)
    marks = [
        mark
        for at, day in enumerate(days)
        for mark in (
            _bar(LEFT + at * pitch, pitch, day.reached.p50 / tallest),
            _whisker(
                LEFT + (at + 0.5) * pitch, day.reached.p10 / tallest, day.reached.p90 / tallest
            ),
        )
    ]
    done = " ".join(
        f"{LEFT + (at + 0.5) * pitch:.1f},{TOP + PLOT * (1 - day.done_share):.1f}"
        for at, day in enumerate(days)
    )
    every = max(len(days) // 8, 1)
    labels = [
        f'<text class="quiet" x="{LEFT + (at + 0.5) * pitch:.1f}" y="{TOP + PLOT + 18}" '
        f'text-anchor="middle">{day.date[5:]}</text>'
        for at, day in enumerate(days)
        if at % every == 0
    ]
    reached = list(accumulate(day.reached.p50 for day in days))
    summary = f"About {reached[-1]:.0f} people reached in {len(days)} days." if days else "Nobody."
    return "\n".join(
        [
            (
                f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
                'role="img" aria-labelledby="forecast-title forecast-desc">'
            ),
            (
                f'<title id="forecast-title">Forecast of {escape(told.campaign)}</title>'
                f'<desc id="forecast-desc">{summary}</desc><style>{STYLE}</style>'
            ),
            (
                f'<text x="{LEFT}" y="20">People reached a day (bar: median, line: P10 to P90); '
                "yellow: share of replays that are done</text>"
            ),
            (
                f'<line class="axis" x1="{LEFT}" x2="{WIDTH - 10}" y1="{TOP + PLOT}" '
                f'y2="{TOP + PLOT}"/>'
            ),
            (
                f'<text class="quiet" x="{LEFT - 6}" y="{TOP + 6}" text-anchor="end">'
                f"{tallest:.0f}</text>"
            ),
            *marks,
            f'<polyline class="done" points="{done}"/>',
            *labels,
            "</svg>",
        ]
    )


def _bar(left: float, pitch: float, height: float) -> str:
    return (
        f'<rect class="reached" x="{left + pitch * 0.15:.1f}" width="{pitch * 0.7:.1f}" '
        f'y="{TOP + PLOT * (1 - height):.1f}" height="{PLOT * height:.1f}"/>'
    )


def _whisker(middle: float, low: float, high: float) -> str:
    return (
        f'<line class="spread" x1="{middle:.1f}" x2="{middle:.1f}" '
        f'y1="{TOP + PLOT * (1 - low):.1f}" y2="{TOP + PLOT * (1 - high):.1f}"/>'
    )
