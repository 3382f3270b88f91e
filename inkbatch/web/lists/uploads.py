"""What was uploaded and is in no campaign yet: the file, and how it is to be read."""

import json
import secrets
import shutil
from dataclasses import asdict, dataclass, field, replace
from http import HTTPStatus
from pathlib import Path
from typing import Any

from fastapi import HTTPException

from inkbatch.domain.call_list import Columns

UPLOADS_MAX = 200
ID_BYTES = 12
ABOUT_NAME = "upload.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """An uploaded file; `columns` and `region` are what a person said of it, if anything.

    `campaign` is the slug of the campaign whose list it is to replace; empty for a new one.
    """

    id: str
    folder: Path
    name: str
    campaign: str = ""
    region: str | None = None
    columns: Columns = field(default_factory=Columns)

    @property
    def file(self) -> Path:
        """Where its content is."""
        return self.folder / self.name

    def read_as(self, columns: Columns, *, region: str | None) -> "Upload":
        """Write down how it is to be read from now on."""
        changed = replace(self, columns=columns, region=region)
        changed.save()
        return changed

    def save(self) -> None:
        """Write down what is known of it, beside the file."""
        about = {
            "name": self.name,
            "campaign": self.campaign,
            "region": self.region,
            "columns": asdict(self.columns),
        }
        (self.folder / ABOUT_NAME).write_text(json.dumps(about), "utf-8")

    def forget(self) -> None:
        """Delete it."""
        shutil.rmtree(self.folder, ignore_errors=True)


def new_upload(uploads: Path, *, name: str, campaign: str = "") -> Upload:
    """Make room for a file; the oldest uploads that nobody used make room for new ones."""
    uploads.mkdir(parents=True, exist_ok=True)
    kept = sorted(uploads.iterdir(), key=lambda path: path.stat().st_mtime)
    for old in kept[: max(0, len(kept) - UPLOADS_MAX + 1)]:
        shutil.rmtree(old, ignore_errors=True)
    id_ = secrets.token_hex(ID_BYTES)
    folder = uploads / id_
    folder.mkdir(mode=0o700)
    return Upload(id=id_, folder=folder, name=name, campaign=campaign)


def find_upload(uploads: Path, id_: str) -> Upload:
    """Return an upload; answers 404 where there is none."""
    folder = uploads / id_
    is_id = len(id_) == 2 * ID_BYTES and id_.isalnum() and id_.isascii()
    about = folder / ABOUT_NAME
    if not is_id or not about.is_file():
        raise HTTPException(HTTPStatus.NOT_FOUND, "There is no such upload; upload the list again.")
    told = json.loads(about.read_text("utf-8"))
    return Upload(
        id=id_,
        folder=folder,
        name=told["name"],
        campaign=told["campaign"],
        region=told["region"],
        columns=_columns(told["columns"]),
    )


def _columns(told: dict[str, Any]) -> Columns:
    phone = told.pop("phone")
    return Columns(phone=tuple(phone) if isinstance(phone, list) else phone, **told)
