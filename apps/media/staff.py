"""Pictures, for staff."""

from datetime import timedelta
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from apps.accounts.guards import Staff, requires
from apps.core.errors import NotFound, UnsupportedMediaType
from apps.core.http.openapi import FILE, problems
from apps.core.http.preconditions import shown
from apps.core.http.rate_limits import limited
from apps.core.http.requests import AnyRequest, Db, Session
from apps.media.permissions import MediaPermission
from apps.media.pictures import NotAPicture, TooManyPixels
from apps.media.repositories import ImageRepository
from apps.media.staff_schemas import UploadedImageOut, image_out
from apps.media.upload import LARGEST_FILE, take_upload

UPLOAD = requires(MediaPermission.MEDIA_UPLOAD)
UPLOADS = limited("picture uploads", 120, per=timedelta(minutes=1))
PICTURE = "image/*"
OCTETS = "application/octet-stream"
"""So in the document: generators of clients know no `*`, and some leave out a body of another type."""
STAFF = "/api/v1/staff"


class ImageStaffController(Controller):
    path = f"{STAFF}/images"
    tags = ["Staff: media"]
    guards = [UPLOAD]

    @post(
        "/",
        status_code=201,
        limit=UPLOADS,
        opt={FILE: OCTETS},
        request_max_body_size=LARGEST_FILE,
        responses=problems(NotAPicture, TooManyPixels),
    )
    async def create(self, request: AnyRequest, db: Db, current_user: Staff) -> Response[UploadedImageOut]:
        """Send a picture: a JPEG, PNG, WebP, GIF (its first frame) or AVIF file of at most 15 MB and 50 megapixels.

        The file is the body, as `application/octet-stream` or any `image/…`: what it is, is seen by its content. The
        same file again is the same image.
        """
        _refuse_other_types(request)
        image = await take_upload(db, await request.body(), actor=current_user.actor)
        return shown(image_out(image), status=201, location=f"{STAFF}/images/{image.id}")

    @get("/{id:uuid}", responses=problems(NotFound))
    async def show(self, id: FromPath[UUID], session: Session) -> Response[UploadedImageOut]:
        """One picture, and whether it can be shown yet."""
        return shown(image_out(await ImageRepository(session=session).find(id)))


def _refuse_other_types(request: AnyRequest) -> None:
    """Forms mostly, whose parts are no picture; the rest of the type counts for nothing."""
    if not request.headers.get("content-type", "").lower().startswith(("image/", OCTETS)):
        raise UnsupportedMediaType(expected=PICTURE)
