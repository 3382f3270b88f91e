"""What a form of the page sends: names and texts, each within its limit."""

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from urllib.parse import parse_qs

from fastapi import HTTPException, Request

from inkbatch.web.body import read_body

FIELDS_MAX = 1_000
TEXT_LENGTH_MAX = 4_000


class Form(Mapping[str, str]):
    """The fields of a form; a missing one is the empty text, blanks around are dropped."""

    def __init__(self, fields: Mapping[str, list[str]]) -> None:
        self._fields = fields

    def __getitem__(self, name: str) -> str:
        return self._fields.get(name, [""])[-1].strip()

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)

    def as_sent(self, name: str) -> list[str]:
        """Return every text of a name as it was sent."""
        return self._fields.get(name, [])

    def all(self, name: str) -> list[str]:
        """Return every text of a name that is not empty."""
        return [text.strip() for text in self._fields.get(name, []) if text.strip()]


async def read_form(request: Request) -> Form:
    """Return what was sent; answers 422 where it is no form."""
    body = await read_body(request)
    try:
        fields = parse_qs(
            body.decode(), keep_blank_values=True, max_num_fields=FIELDS_MAX, errors="strict"
        )
    except ValueError:
        raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY, "the form cannot be read") from None
    if any(len(text) > TEXT_LENGTH_MAX for texts in fields.values() for text in texts):
        raise HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY, "a text of the form is too long")
    return Form(fields)
