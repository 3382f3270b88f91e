"""A campaign's file and list on disk, as the page writes them: whole or not at all."""

import os
import shutil
from dataclasses import asdict
from pathlib import Path

import tomlkit
from tomlkit import TOMLDocument

from inkbatch.adapters.campaign_files import write_new_campaign
from inkbatch.web.campaigns.entries import FILE_NAME
from inkbatch.web.lists.uploads import Upload


def read_document(folder: Path) -> TOMLDocument:
    """Return the file with its comments."""
    return tomlkit.parse((folder / FILE_NAME).read_text("utf-8"))


def write_document(folder: Path, content: str) -> None:
    """Replace the file by one that is on disk before it takes the old one's place."""
    unfinished = folder / f".{FILE_NAME}.unfinished"
    with unfinished.open("w", encoding="utf-8") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(folder / FILE_NAME)


def new_campaign_with_list(campaigns: Path, name: str, upload: Upload) -> Path:
    """Make a campaign's folder with the uploaded list in it, and return it.

    Raises CampaignFileError where there is one of this name.
    """
    folder = campaigns / name
    write_new_campaign(folder, name)
    replace_list(folder, upload)
    return folder


def replace_list(folder: Path, upload: Upload) -> None:
    """Put an uploaded list into a campaign's folder, and have its file name it."""
    document = read_document(folder)
    shutil.move(upload.file, folder / upload.name)
    document["call_list"] = upload.name
    _say(document, "default_region", upload.region)
    columns = {
        role: header for role, header in asdict(upload.columns).items() if header is not None
    }
    if columns:
        table = document.setdefault("columns", tomlkit.table())
        for role, header in columns.items():
            table[role] = list(header) if isinstance(header, tuple) else header
    write_document(folder, tomlkit.dumps(document))


def _say(document: TOMLDocument, key: str, value: str | None) -> None:
    """Set a key of the file itself; new ones stand before its tables."""
    if value is None:
        document.pop(key, None)
    else:
        document[key] = value
