"""A file of people becomes a call list; fulfils `ports.CallListReader`."""

from pathlib import Path

from inkbatch.adapters.call_lists.columns import field_names, locate
from inkbatch.adapters.call_lists.rows import Layout, read_rows
from inkbatch.adapters.call_lists.tables import read_table
from inkbatch.domain.call_list import CallList, Columns


def read_call_list(path: Path, *, columns: Columns, default_region: str | None) -> CallList:
    """Read every row of the file, in its order, each with what became of it.

    A column not named in `columns` is recognised by its header; named with an empty text, it is
    taken not to be there. `CallList.columns` are the names by which a template may use the
    columns (`First name` is `{contact.first_name}`): all but the phone column. Blank rows after
    the last filled one are no rows of the list.

    Raises CallListError when the file is no call list at all.
    """
    table = read_table(path)
    places = locate(columns, headers=table.headers, file=path)
    names = field_names(table.headers)
    layout = Layout(places=places, headers=table.headers, names=names)
    return CallList(
        name=path.name,
        sha256=table.sha256,
        columns=names[: places.phone] + names[places.phone + 1 :],
        rows=read_rows(table.rows, layout=layout, default_region=default_region),
    )
