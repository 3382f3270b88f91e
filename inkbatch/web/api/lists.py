"""Call lists: uploaded, looked through, read otherwise, given back corrected."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import FileResponse

from inkbatch.adapters.call_lists.cells import BadCell
from inkbatch.adapters.call_lists.regions import region_of
from inkbatch.domain.call_list import Columns
from inkbatch.web import words
from inkbatch.web.access.guard import only_operators, person_of
from inkbatch.web.api.files import FILE, TAKES_A_FILE
from inkbatch.web.api.models import Done, ReadAs, UploadTold
from inkbatch.web.campaigns.report import FORMS
from inkbatch.web.lists.checking import Checked, Checks
from inkbatch.web.lists.routes import CORRECTED, take_upload, write_corrected
from inkbatch.web.lists.uploads import Upload, find_upload
from inkbatch.web.lists.using import use_for_campaign
from inkbatch.web.office import Office

Name = Annotated[str, Query(max_length=1_000, description="The file's name, such as people.csv.")]


def list_routes(office: Office, checks: Checks) -> APIRouter:
    """Return what becomes of a list before a campaign has it; nothing on it dials anybody."""
    router = APIRouter(
        prefix="/uploads", tags=["call lists"], dependencies=[Depends(only_operators)]
    )

    @router.post("", status_code=HTTPStatus.CREATED, openapi_extra=TAKES_A_FILE)
    async def upload(
        request: Request,
        response: Response,
        name: Name,
        campaign: Annotated[
            str, Query(max_length=100, description="The campaign whose list it is to replace.")
        ] = "",
    ) -> UploadTold:
        """Take a .csv, .tsv, .txt, .xlsx or .parquet file, and begin to look through it."""
        taken = await take_upload(office, request, name=name, campaign=campaign)
        response.headers["Location"] = f"/api/v1/uploads/{taken.id}"
        return _told(checks, taken)

    @router.get("/{upload_id}")
    def found(upload_id: str) -> UploadTold:
        """Tell what was found; ask again until `is_checked`. Examples hold cells of the list."""
        return _told(checks, find_upload(office.uploads, upload_id))

    @router.put("/{upload_id}/reading")
    def read_as(upload_id: str, told: ReadAs) -> UploadTold:
        """Read the list anew, with its columns used as is said here."""
        upload = find_upload(office.uploads, upload_id)
        try:
            region = region_of(told.region, default=None)
        except BadCell:
            raise _refused(f"{told.region} is no country known here.") from None
        return _told(checks, upload.read_as(_columns(told), region=region))

    @router.get(
        "/{upload_id}/corrected{form}",
        response_class=Response,
        responses=FILE,
    )
    def corrected(upload_id: str, form: str) -> Response:
        """Return the file, .xlsx or .csv, each row with what became of it and why."""
        upload = find_upload(office.uploads, upload_id)
        if form not in CORRECTED:
            raise HTTPException(HTTPStatus.NOT_FOUND, "There is no such file.")
        return FileResponse(write_corrected(office, upload, form), media_type=FORMS[form])

    @router.post("/{upload_id}/use")
    async def use(request: Request, upload_id: str) -> Done:
        """Put it in the place of the list of the campaign that it was uploaded for."""
        upload = await run_in_threadpool(find_upload, office.uploads, upload_id)
        if not upload.campaign:
            raise _refused("It is for no campaign; make one with POST /campaigns.")
        slug = await run_in_threadpool(use_for_campaign, office, person_of(request), upload)
        return Done(slug=slug, state="list replaced")

    return router


def _told(checks: Checks, upload: Upload) -> UploadTold:
    check = checks.of(upload)
    about = UploadTold(
        id=upload.id,
        name=upload.name,
        campaign=upload.campaign or None,
        is_checked=check.checked is not None,
        rows_seen=check.rows_seen,
    )
    return about if check.checked is None else _found(about, check.checked)


def _found(about: UploadTold, checked: Checked) -> UploadTold:
    return about.model_copy(
        update={
            "problem": checked.problem,
            "by_status": {str(status): rows for status, rows in checked.by_status.items()},
            "callable_rows": checked.callable_rows,
            "columns": [
                {"header": each.header, "role": each.role or None, "samples": list(each.samples)}
                for each in checked.columns
            ],
            "notes": list(checked.notes),
            "findings": [
                {
                    "status": str(each.status),
                    "reason": each.reason,
                    "column": each.column,
                    "rows": each.rows,
                    "row_numbers": [row.row_number for row in each.examples],
                }
                for each in checked.groups
            ],
        }
    )


def _columns(told: ReadAs) -> Columns:
    unknown = sorted(told.columns.keys() - words.ROLES.keys())
    if unknown:
        raise _refused(f"{unknown[0][:60]} is no role; they are {', '.join(words.ROLES)}.")
    phone = told.columns.get("phone")
    others = {role: header for role, header in told.columns.items() if role != "phone"}
    if any(not isinstance(header, str) for header in others.values()):
        raise _refused("Only phone may have several headers.")
    several = tuple(phone) if isinstance(phone, list) else phone
    return Columns(phone=several, **{role: str(header) for role, header in others.items()})


def _refused(sentence: str) -> HTTPException:
    return HTTPException(HTTPStatus.UNPROCESSABLE_ENTITY, sentence)
