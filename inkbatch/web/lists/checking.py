"""Looking through an uploaded list: what its columns are, and what is wrong with each row."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from threading import Lock, Thread

from inkbatch.adapters.call_lists import open_call_list
from inkbatch.adapters.call_lists.findings import Finding, FindingsSoFar
from inkbatch.adapters.call_lists.reader import OpenedList
from inkbatch.adapters.call_lists.tables import Table, read_table
from inkbatch.domain.call_list import Recognised
from inkbatch.domain.errors import CallListError
from inkbatch.domain.list_row import Row, RowStatus
from inkbatch.domain.row_batch import RowBatch
from inkbatch.ports import Store
from inkbatch.web.lists.uploads import Upload

SAMPLES_SHOWN, SAMPLE_ROWS = 3, 200
ROWS_KEPT_MAX = 1_000
"""So many rows of each status can be looked at on the page; the corrected file has all."""

CHECKS_KEPT = 20
AT_ONCE_MAX = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenColumn:
    """A column of the file; `role` is a key of `words.ROLES`, empty for one that is only kept."""

    header: str
    samples: tuple[str, ...]
    role: str
    is_named_once: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What was found; `problem` says why the file cannot be a call list as it is read now."""

    columns: tuple[SeenColumn, ...]
    recognised: tuple[Recognised, ...] = ()
    notes: tuple[str, ...] = ()
    rows: int = 0
    by_status: dict[RowStatus, int] = field(default_factory=dict)
    groups: tuple[Finding, ...] = ()
    kept: dict[RowStatus, list[Row]] = field(default_factory=dict)
    problem: str | None = None

    @property
    def callable_rows(self) -> int:
        """Rows that become people to call."""
        return sum(self.by_status.get(status, 0) for status in CALLABLE)


CALLABLE = (RowStatus.ACCEPTED, RowStatus.REPAIRED)


@dataclass(slots=True)
class Check:
    """One look through a list: how many rows it has seen, and what it found once it is done."""

    upload: Upload
    rows_seen: int = 0
    checked: Checked | None = None


@dataclass(slots=True)
class Checks:
    """The latest looks; each runs in a thread of its own, few of them at once."""

    store: Store
    _latest: dict[str, Check] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def of(self, upload: Upload) -> Check:
        """Return the look through an upload as it is to be read now; begins one where needed."""
        with self._lock:
            check = self._latest.get(upload.id)
            if check is None or check.upload != upload:
                check = Check(upload=upload)
                self._latest.pop(upload.id, None)
                self._latest[upload.id] = check
                while len(self._latest) > CHECKS_KEPT:
                    del self._latest[next(iter(self._latest))]
                Thread(target=self._run, args=(check,), daemon=True).start()
        return check

    def _run(self, check: Check) -> None:
        with self.store.reading() as tx:
            suppressed = {each.number: each.reason for each in tx.suppressions()}
        check.checked = look_through(check, suppressed)


def look_through(check: Check, suppressed: dict[str, str]) -> Checked:
    """Read the whole list once; raises nothing, since nobody waits for it."""
    upload = check.upload
    try:
        opened = open_call_list(
            upload.file,
            columns=upload.columns,
            default_region=upload.region,
            suppressed=suppressed,
        )
        return _account(opened, check)
    except CallListError as error:
        return Checked(columns=_columns_anyhow(upload.file), problem=_without_path(error, upload))


def _account(opened: OpenedList, check: Check) -> Checked:
    account = FindingsSoFar()
    kept: dict[RowStatus, list[Row]] = {status: [] for status in RowStatus}
    for batch in opened.batches:
        account.add(batch)
        for row in _worth_showing(batch, kept):
            kept[row.status].append(row)
        check.rows_seen += len(batch)
    found = account.so_far()
    return Checked(
        columns=seen_columns(opened.table, opened.recognised),
        recognised=opened.recognised,
        notes=opened.notes,
        rows=found.rows,
        by_status=found.by_status,
        groups=found.groups,
        kept=kept,
    )


def _worth_showing(batch: RowBatch, kept: dict[RowStatus, list[Row]]) -> Iterator[Row]:
    room = ROWS_KEPT_MAX - len(kept[RowStatus.ACCEPTED])
    yield from islice(batch.plain.rows(), max(room, 0))
    counts = Counter({status: len(rows) for status, rows in kept.items()})
    for row in batch.others:
        if counts[row.status] < ROWS_KEPT_MAX:
            counts[row.status] += 1
            yield row


def seen_columns(table: Table, recognised: Sequence[Recognised]) -> tuple[SeenColumn, ...]:
    """Return every column with a few of its values and what it is used as."""
    roles = {each.header: each.role for each in recognised}
    rows = [cells for _, cells in islice(table.rows(), SAMPLE_ROWS)]
    counts = Counter(table.headers)
    return tuple(
        SeenColumn(
            header=header,
            samples=tuple(islice((row[place] for row in rows if row[place]), SAMPLES_SHOWN)),
            role=roles.get(header, ""),
            is_named_once=bool(header) and counts[header] == 1,
        )
        for place, header in enumerate(table.headers)
    )


def _columns_anyhow(file: Path) -> tuple[SeenColumn, ...]:
    """Return the columns of a file of which nobody knows what they are; none if it is no table."""
    try:
        return seen_columns(read_table(file), ())
    except CallListError:
        return ()


def _without_path(error: CallListError, upload: Upload) -> str:
    return str(error).replace(str(upload.file), upload.name)
