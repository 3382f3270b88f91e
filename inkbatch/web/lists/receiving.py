"""A file on its way in: named safely, capped while it streams, and of the form that it says."""

import asyncio
import re
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path

from fastapi import HTTPException, Request
from starlette.requests import ClientDisconnect

from inkbatch.adapters.table_files.forms import TEXTS, form_of, require_form
from inkbatch.adapters.table_files.limits import Limits, Unreadable, mebibytes
from inkbatch.adapters.table_files.open_file import open_regular

ALLOWED = (*TEXTS, ".xlsx", ".parquet")
LIMITS = Limits()
UPLOAD_BYTES_MAX = LIMITS.text_bytes_max
IDLE_SECONDS_MAX = 30.0
"""An upload of which nothing came for so long has broken off."""

NAME_LENGTH_MAX = 100
ODD_IN_NAMES = re.compile(r"[^\w .()-]")


def safe_name(told: str) -> str:
    """Return a file's name without its path and without what no file system likes."""
    plain = ODD_IN_NAMES.sub("_", re.split(r"[/\\]", told)[-1]).strip(" .")
    stem, dot, ending = plain.rpartition(".")
    return (
        f"{stem[:NAME_LENGTH_MAX] or 'list'}{dot}{ending[:10]}" if dot else plain[:NAME_LENGTH_MAX]
    )


def require_allowed(name: str) -> str:
    """Return the ending of a file's name; answers 415 for all that is no list."""
    try:
        form = form_of(Path(name))
    except Unreadable as refusal:
        raise _refused(name, str(refusal)) from None
    if form not in ALLOWED:
        raise _refused(name, f"ends in {form}; save it as .xlsx or .csv and give that")
    return form


async def receive(request: Request, to: Path, *, name: str, bytes_max: int | None = None) -> None:
    """Write the body to a file as it comes.

    Answers 413 as soon as more came than such a file may have, 408 when it stalls, and 415 for
    content of another form than the name says; nothing is left of a file that was refused.
    """
    form = require_allowed(name)
    most = bytes_max or (LIMITS.text_bytes_max if form in TEXTS else LIMITS.workbook_bytes_max)
    told = request.headers.get("content-length", "")
    if told.isdecimal() and int(told[:20]) > most:
        raise _too_large(name, most)
    with _gone_if_refused(to):
        await _write(request, to, name=name, most=most)
        try:
            require_form(open_regular(to), form, LIMITS)
        except Unreadable as refusal:
            raise _refused(name, str(refusal)) from None


@contextmanager
def _gone_if_refused(file: Path) -> Iterator[None]:
    try:
        yield
    except BaseException:
        file.unlink(missing_ok=True)
        raise


async def _write(request: Request, to: Path, *, name: str, most: int) -> None:
    size, chunks = 0, request.stream()
    try:
        with to.open("xb") as file:
            while True:
                async with asyncio.timeout(IDLE_SECONDS_MAX):
                    chunk = await anext(chunks, None)
                if chunk is None:
                    return
                size += len(chunk)
                if size > most:
                    raise _too_large(name, most)
                await asyncio.to_thread(file.write, chunk)
    except TimeoutError:
        raise HTTPException(HTTPStatus.REQUEST_TIMEOUT, "The upload stalled.") from None
    except ClientDisconnect:
        raise HTTPException(HTTPStatus.BAD_REQUEST, "The upload broke off.") from None


def _too_large(name: str, most: int) -> HTTPException:
    return HTTPException(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        f"{name} is larger than {mebibytes(most)}. Split it into several files.",
        headers={"Connection": "close"},
    )


def _refused(name: str, why: str) -> HTTPException:
    return HTTPException(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"{name} {why}.")
