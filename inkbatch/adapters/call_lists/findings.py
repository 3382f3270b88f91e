"""What reading a call list found: every row counted, and what is alike grouped for a person."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from inkbatch.domain.list_row import Row, RowStatus
from inkbatch.domain.row_batch import RowBatch

EXAMPLES_MAX = 5
URGENCY = (
    RowStatus.REJECTED,
    RowStatus.SUPPRESSED,
    RowStatus.DUPLICATE,
    RowStatus.REPAIRED,
    RowStatus.ACCEPTED,
)
"""What a person has to mend comes first, remarks on good rows last."""


@dataclass(slots=True, kw_only=True)
class Finding:
    """Rows of one status, with one reason, in one column; `examples` are the first of them."""

    status: RowStatus
    reason: str
    column: str | None
    rows: int = 0
    examples: list[Row] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """The account of a list: `by_status` adds up to `rows`.

    The groups that a person has to mend come first, and of these the most frequent.
    """

    rows: int
    by_status: dict[RowStatus, int]
    groups: tuple[Finding, ...]

    @property
    def rejected(self) -> int:
        """How many rows need a person's hand before they can be called."""
        return self.by_status.get(RowStatus.REJECTED, 0)


class FindingsSoFar:
    """Counts rows as they pass by, holding no more of them than the examples."""

    def __init__(self) -> None:
        self._statuses: Counter[RowStatus] = Counter()
        self._groups: dict[tuple[RowStatus, str, str | None], Finding] = {}

    def add(self, batch: RowBatch) -> None:
        """Count rows, and group those of which there is anything to say."""
        self._statuses[RowStatus.ACCEPTED] += len(batch.plain)
        for row in batch.others:
            self._add_row(row)

    def so_far(self) -> Findings:
        """Return the account of the rows that have passed."""
        return Findings(
            rows=self._statuses.total(),
            by_status={status: self._statuses[status] for status in RowStatus},
            groups=tuple(
                sorted(
                    self._groups.values(),
                    key=lambda group: (URGENCY.index(group.status), -group.rows),
                )
            ),
        )

    def _add_row(self, row: Row) -> None:
        self._statuses[row.status] += 1
        if row.reason is None:
            return
        key = (row.status, row.reason, row.column)
        group = self._groups.get(key)
        if group is None:
            group = self._groups[key] = Finding(
                status=row.status, reason=row.reason, column=row.column
            )
        group.rows += 1
        if len(group.examples) < EXAMPLES_MAX:
            group.examples.append(row)


def findings(batches: Iterable[RowBatch]) -> Findings:
    """Return the account of a list's rows, read once."""
    account = FindingsSoFar()
    for batch in batches:
        account.add(batch)
    return account.so_far()
