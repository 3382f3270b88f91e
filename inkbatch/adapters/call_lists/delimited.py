"""Text files of rows: which encoding, which delimiter."""

import codecs
import re
from io import StringIO

import pandas as pd

DELIMITERS = ",;\t|"


def read_csv(content: bytes) -> pd.DataFrame:
    """Read rows whose delimiter is the one of `,`, `;`, tab and `|` that splits the header most."""
    text = decoded(content)
    return _read(text, delimiter=delimiter_of(text))


def read_tsv(content: bytes) -> pd.DataFrame:
    """Read rows divided by tabs."""
    return _read(decoded(content), delimiter="\t")


def decoded(content: bytes) -> str:
    """Return the text: UTF-8, or UTF-16 by its mark (Excel's «Unicode text»), or else cp1252."""
    if b"\0" in content and not content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise ValueError("it holds binary data")
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252")


def delimiter_of(text: str) -> str:
    """Return the delimiter that the first line has most of outside quotes, a comma if none."""
    header = re.split(r"[\r\n]", text, maxsplit=1)[0]
    return max(DELIMITERS, key=re.sub(r'"[^"]*"', "", header).count)


def _read(text: str, *, delimiter: str) -> pd.DataFrame:
    try:
        return pd.read_csv(
            StringIO(text),
            sep=delimiter,
            header=None,
            dtype=str,
            keep_default_na=False,
            na_filter=False,
            skip_blank_lines=False,
        )
    except pd.errors.EmptyDataError:  # the first line, which should be the header, is blank
        return pd.DataFrame()
