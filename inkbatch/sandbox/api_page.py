"""The API as a page for people: every path with what it takes and answers, made of one document.

The page is whole in itself: no script, no picture, nothing from any other host.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from jinja2 import Environment, PackageLoader

_TEMPLATES = Environment(
    loader=PackageLoader("inkbatch.sandbox", "templates"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True, kw_only=True)
class Field:
    """A parameter of a path, or a field of a body."""

    name: str
    place: str
    type: str
    is_required: bool
    description: str


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One method of one path."""

    method: str
    path: str
    summary: str
    fields: tuple[Field, ...]
    answers: tuple[tuple[str, str, str], ...]


def api_page(document: Mapping[str, Any], *, base_url: str) -> str:
    """Return the page of an OpenAPI 3.1 document, served at a base URL that ends with a slash."""
    template = _TEMPLATES.get_template("api_page.html.jinja")
    return template.render(
        info=document["info"], operations=tuple(_operations(document)), base_url=base_url
    )


def _operations(document: Mapping[str, Any]) -> Iterator[Operation]:
    for path, methods in document["paths"].items():
        for method, told in methods.items():
            yield Operation(
                method=method.upper(),
                path=path,
                summary=told.get("description", ""),
                fields=(*_parameters(told), *_body(told, document)),
                answers=tuple(_answers(told)),
            )


def _parameters(told: Mapping[str, Any]) -> Iterator[Field]:
    for parameter in told.get("parameters", ()):
        yield Field(
            name=parameter["name"],
            place=parameter["in"],
            type=_type(parameter["schema"]),
            is_required=parameter.get("required", False),
            description=parameter.get("description", ""),
        )


def _body(told: Mapping[str, Any], document: Mapping[str, Any]) -> Iterator[Field]:
    content = told.get("requestBody", {}).get("content", {}).get("application/json")
    if content is None:
        return
    schema = document["components"]["schemas"][_name(content["schema"])]
    for name, field in schema["properties"].items():
        yield Field(
            name=name,
            place="body",
            type=_type(field),
            is_required=name in schema.get("required", ()),
            description=field.get("description", ""),
        )


def _answers(told: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    for status, answer in told["responses"].items():
        schema = answer.get("content", {}).get("application/json", {}).get("schema", {})
        yield status, answer["description"], _type(schema)


def _type(schema: Mapping[str, Any]) -> str:
    """Tell a JSON schema in a few words: `string | null`, `array of Call`, `string (uuid)`."""
    if "$ref" in schema:
        return _name(schema)
    if "anyOf" in schema:
        return " | ".join(_type(choice) for choice in schema["anyOf"])
    if schema.get("type") == "array":
        return f"array of {_type(schema['items'])}"
    form = schema.get("format") or schema.get("pattern")
    return f"{schema.get('type', 'any')} ({form})" if form else str(schema.get("type", "any"))


def _name(schema: Mapping[str, Any]) -> str:
    return str(schema["$ref"]).rsplit("/", maxsplit=1)[-1]
