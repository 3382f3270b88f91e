"""What a person should know of a sheet beside its rows."""

from collections.abc import Sequence

from inkbatch.adapters.table_files.sheet_scan import Place, SheetScan

_NAMED_MAX = 5


def other_sheets_note(others: Sequence[str], hidden: set[str], *, read: str) -> tuple[str, ...]:
    """Name the sheets that were not read."""
    if not others:
        return ()
    named = [f'"{name}" (hidden)' if name in hidden else f'"{name}"' for name in others]
    more = f" and {len(named) - _NAMED_MAX} more" if len(named) > _NAMED_MAX else ""
    listed = ", ".join(named[:_NAMED_MAX]) + more
    return (f'only the sheet "{read}" was read, not {listed}',)


def hidden_notes(name: str, *, is_hidden: bool) -> tuple[str, ...]:
    """Say that the sheet which was asked for is hidden."""
    return (f'the sheet "{name}" is hidden in the workbook',) if is_hidden else ()


def scan_notes(
    scan: SheetScan, *, merged: Sequence[tuple[str, int]], first_row: int
) -> tuple[str, ...]:
    """Point out hidden rows and columns, merged cells and formulas without a value."""
    return (
        *_hidden_rows([row for row in scan.hidden_rows if row >= first_row]),
        *(("some columns are hidden in the sheet; they were read too",) * scan.has_hidden_columns),
        *_merged([name for name, last_row in merged if last_row >= first_row]),
        *_formulas(sorted(place for place in scan.without_value if place[0] + 1 >= first_row)),
    )


def _hidden_rows(rows: Sequence[int]) -> tuple[str, ...]:
    if not rows:
        return ()
    if len(rows) == 1:
        return (f"row {rows[0]} is hidden or filtered out in the sheet; it was read too",)
    return (
        (
            f"{len(rows):,} rows are hidden or filtered out in the sheet, the first is row "
            f"{rows[0]}; they were read too"
        ),
    )


def _merged(names: Sequence[str]) -> tuple[str, ...]:
    if not names:
        return ()
    return (
        (
            f"cells are merged, the first at {names[0]}; only the top left one of merged cells "
            "has a value, the others were read as empty"
        ),
    )


def _formulas(places: Sequence[Place]) -> tuple[str, ...]:
    if not places:
        return ()
    row, column = places[0]
    first = f"{column_letters(column)}{row + 1}"
    return (
        (
            f"{len(places):,} cells hold a formula without a saved value, the first is {first}; "
            "open the workbook in a spreadsheet program and save it"
        ),
    )


def column_letters(index: int) -> str:
    """Return A for 0, AA for 26."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
