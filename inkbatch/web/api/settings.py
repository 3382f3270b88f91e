"""A campaign's settings: those of its file, checked by the rules that the form is checked by."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated, Any

import tomlkit
from fastapi import APIRouter, Body, Depends, HTTPException, Request
from tomlkit.exceptions import TOMLKitError

from inkbatch.adapters.campaign_files.rule_files import preset_names
from inkbatch.web.access.guard import only_operators, person_of
from inkbatch.web.api.models import Settings
from inkbatch.web.campaigns.entries import Entry, find_entry
from inkbatch.web.office import Office
from inkbatch.web.setup.fields import FIELD_OF_KEY
from inkbatch.web.setup.files import read_document
from inkbatch.web.setup.saving import save_settings

MAY_CHANGE = frozenset(key.partition(".")[0] for key in FIELD_OF_KEY)
"""The keys that the form has too; which files are read is not said from afar."""

DEPTH_MAX = 8
Patch = Annotated[
    dict[str, Any],
    Body(
        description="The keys of campaign.toml to change, as a JSON merge patch (RFC 7396): null "
        "takes a key away, everything that is not named stays.",
        examples=[{"attempts": {"max": 3}, "pacing": {"calls_at_once": 5}}],
    ),
]


def settings_routes(office: Office) -> APIRouter:
    """Return what reads and changes the settings."""
    router = APIRouter(
        prefix="/campaigns/{slug}/settings",
        tags=["settings"],
        dependencies=[Depends(only_operators)],  # whole numbers, and where notices go
    )

    @router.get("")
    def settings(slug: str) -> Settings:
        """Return the campaign's file, as text and as JSON."""
        return _settings(_with_file(find_entry(office, slug)))

    @router.patch("")
    def change(request: Request, slug: str, patch: Patch) -> Settings:
        """Change some of them; all or nothing, and nothing that the file's rules forbid."""
        entry = _with_file(find_entry(office, slug))
        unknown = sorted(patch.keys() - MAY_CHANGE)
        if unknown:
            known = ", ".join(sorted(MAY_CHANGE))
            raise _refused(f"{', '.join(unknown)[:200]} is not changed here; these are: {known}")
        document = read_document(entry.folder)
        _require_known_rules(patch, document.unwrap())
        try:
            _merge(document, patch, depth=DEPTH_MAX)
            problems = save_settings(office, person_of(request), entry, document)
        except (TOMLKitError, ValueError, TypeError, RecursionError):
            raise _refused("it holds a value that campaign.toml cannot") from None
        if problems:
            raise _refused("; ".join(each.sentence for each in problems))
        return _settings(entry)

    return router


def _require_known_rules(patch: Mapping[str, Any], stands: Mapping[str, Any]) -> None:
    """Take rule sets that ship or that the file names already; a path would read any file."""
    wanted = patch.get("rules") or []
    known = {*preset_names(), *stands.get("rules", [])}
    if isinstance(wanted, list) and all(isinstance(each, str) for each in wanted):
        strange = sorted(set(wanted) - known)
        if strange:
            there_are = ", ".join(sorted(known))
            raise _refused(f"{strange[0][:60]} is no rule set here; there are {there_are}")


def _with_file(entry: Entry) -> Entry:
    if not (entry.folder / "campaign.toml").is_file():
        raise HTTPException(HTTPStatus.NOT_FOUND, "Its folder has no campaign.toml.")
    return entry


def _settings(entry: Entry) -> Settings:
    document = read_document(entry.folder)
    return Settings(toml=tomlkit.dumps(document), settings=document.unwrap())


def _merge(into: Any, patch: Mapping[str, Any], *, depth: int) -> None:
    """Merge as RFC 7396 has it; raises ValueError where it goes deeper than a file does."""
    if not depth:
        raise ValueError("too deep")
    for key, value in patch.items():
        if value is None:
            into.pop(key, None)
        elif isinstance(value, Mapping):
            if not isinstance(into.get(key), Mapping):
                into[key] = tomlkit.table()
            _merge(into[key], value, depth=depth - 1)
        elif into.get(key) != value:
            into[key] = value


def _refused(sentence: str) -> HTTPException:
    return HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY, f"Nothing was changed: {sentence}.")
