"""How the letters of a text file are coded.

Measured on lists of names: charset-normalizer confuses the two eight-bit codes that people have
with others of the same bytes, so that the letters which come out decide here.
"""

import codecs
import re
from io import TextIOWrapper

from inkbatch.adapters.table_files.limits import Limits, Unreadable, mebibytes
from inkbatch.adapters.table_files.open_file import CHUNK_BYTES, OpenFile

EIGHT_BIT_NAMES = {"cp1252": "Windows (Western Europe)", "mac_roman": "Mac (Roman)"}
_SAMPLE_HITS_MAX = 5_000
_ZEROS_MANY, _ZEROS_FEW = 0.4, 0.1
_HIGH = re.compile(rb"[A-Za-z\x80-\xff]?[\x80-\xff][A-Za-z\x80-\xff]?")
_USUAL_LETTERS = "äöüßéèêëáàâãåæíìîïóòôõøúùûñç"
_INITIALS = "ÁÍÓÚ"
_GOOD_PUNCTUATION = "\u2019\u2018\u201c\u201d\u2013\u2014€…°ºª«»¿¡\xa0"


def encoding_of(file: OpenFile, limits: Limits) -> str:
    """Return the codec of the whole file: by its mark, else UTF-8 if it is, else eight bits.

    Raises Unreadable for binary data and for UTF-8 that is broken here and there.
    """
    head = file.head(4096)
    wide = _wide(head)
    if wide is not None:
        _require_decodes(file, wide)
        return wide
    if _is_utf8(file, limits):
        return "utf-8-sig"
    return _eight_bit(file)


def _wide(head: bytes) -> str | None:
    """Return UTF-16 by its mark, or where most of every other byte is zero, as in Latin letters."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    zeros_even, zeros_odd = head[::2].count(0), head[1::2].count(0)
    many, few = len(head) / 2 * _ZEROS_MANY, len(head) / 2 * _ZEROS_FEW
    if zeros_odd > many and zeros_even <= few:
        return "utf-16-le"
    if zeros_even > many and zeros_odd <= few:
        return "utf-16-be"
    return None


def _require_decodes(file: OpenFile, encoding: str) -> None:
    try:
        with TextIOWrapper(file.reader(), encoding=encoding, newline="") as text:
            while chunk := text.read(CHUNK_BYTES):
                if "\0" in chunk:
                    raise Unreadable(_BINARY)
    except UnicodeError:
        raise Unreadable(f"is cut off or damaged inside its {encoding.upper()} letters") from None


_BINARY = (
    "holds binary data (NUL bytes), which no text file has; open it in the program that made it "
    "and save it anew"
)


def _is_utf8(file: OpenFile, limits: Limits) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    valid = True
    with file.reader() as reader:
        while chunk := reader.read(limits.line_bytes_max):
            _require_lines_of_text(chunk, limits)
            if valid:
                valid = _decodes(decoder, chunk)
    return valid and _decodes(decoder, b"", final=True)


def _require_lines_of_text(chunk: bytes, limits: Limits) -> None:
    if b"\0" in chunk:
        raise Unreadable(_BINARY)
    if len(chunk) == limits.line_bytes_max and b"\n" not in chunk and b"\r" not in chunk:
        raise Unreadable(
            f"has a line of more than {mebibytes(limits.line_bytes_max)}; it is no list of rows"
        )


def _decodes(decoder: codecs.IncrementalDecoder, chunk: bytes, *, final: bool = False) -> bool:
    try:
        decoder.decode(chunk, final)
    except UnicodeDecodeError:
        return False
    return True


def _eight_bit(file: OpenFile) -> str:
    hits: list[bytes] = []
    with file.reader() as reader:
        while len(hits) < _SAMPLE_HITS_MAX and (chunk := reader.read(CHUNK_BYTES)):
            _refuse_broken_utf8(chunk)
            hits += _HIGH.findall(chunk)
    scores = {name: sum(_naturalness(hit, name) for hit in hits) for name in EIGHT_BIT_NAMES}
    best = max(scores, key=lambda name: scores[name])  # a tie goes to the first, cp1252
    return best if best != "cp1252" or _decodes_wholly(file, best) else "mac_roman"


def _refuse_broken_utf8(chunk: bytes) -> None:
    """One wrong byte in much good UTF-8 must not turn every name into nonsense."""
    text = chunk.decode("utf-8", errors="replace")
    broken = text.count("\ufffd")
    good = sum(map(text.lower().count, _USUAL_LETTERS))
    if good > 4 * broken > 0:
        line = text[: text.index("\ufffd")].count("\n") + 1
        raise Unreadable(
            f"is UTF-8 with broken letters, the first in line {line}; save it anew as UTF-8"
        )


def _decodes_wholly(file: OpenFile, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    with file.reader() as reader:
        return all(
            _decodes(decoder, chunk) for chunk in iter(lambda: reader.read(CHUNK_BYTES), b"")
        )


def _naturalness(hit: bytes, encoding: str) -> int:
    """Return how well a letter beyond ASCII stands between its neighbours in one encoding."""
    try:
        text = hit.decode(encoding)
    except UnicodeDecodeError:
        return -5
    return sum(
        0
        if letter.isascii()
        else _fits(letter, before=text[:place][-1:], after=text[place + 1 :][:1])
        for place, letter in enumerate(text)
    )


def _fits(letter: str, *, before: str, after: str) -> int:
    if letter in _GOOD_PUNCTUATION:
        return 2
    if not letter.isalpha():
        return -2
    if not (before or after):
        return 0  # a word of one letter
    usual = 3 if letter.lower() in _USUAL_LETTERS else 1
    if letter.isupper():
        odd = before.islower() or (before and after.islower())
        return -2 if odd else usual + (letter in _INITIALS and after.islower())
    if after.isupper() or (letter == "ç" and not before and after not in "aou"):
        return -2
    return usual
