"""What reading a call list found, grouped for a person."""

from dataclasses import dataclass

from inkbatch.domain.call_list import CallList, Row, RowStatus

EXAMPLES_MAX = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Rows of one status, with one reason, in one column; `examples` are the first of them."""

    status: RowStatus
    reason: str
    column: str | None
    rows: int
    examples: tuple[Row, ...]


def findings(call_list: CallList) -> tuple[Finding, ...]:
    """Return everything that was not simply accepted, the most frequent first."""
    groups: dict[tuple[RowStatus, str, str | None], list[Row]] = {}
    for row in call_list.rows:
        if row.reason is not None:
            groups.setdefault((row.status, row.reason, row.column), []).append(row)
    found = [
        Finding(
            status=status,
            reason=reason,
            column=column,
            rows=len(rows),
            examples=tuple(rows[:EXAMPLES_MAX]),
        )
        for (status, reason, column), rows in groups.items()
    ]
    return tuple(sorted(found, key=lambda finding: -finding.rows))
