"""Pictures of a product in the back office: taken in with its form, and shown with whether they are made yet."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from apps.accounts.current_user import CurrentUser
from apps.accounts.guards import NotAllowed
from apps.backoffice.forms.uploads import Upload
from apps.core.db.database import Database
from apps.core.errors import AppError, FieldError, Invalid, TooLarge
from apps.core.text.i18n import Lazy
from apps.core.text.i18n import lazy as _
from apps.media.fetching.fetch_requests import KnownFetch, is_elsewhere, known_fetches
from apps.media.fetching.models import FetchState
from apps.media.models import Image, ImageState
from apps.media.permissions import MediaPermission
from apps.media.pictures import NotAPicture, TooManyPixels
from apps.media.upload import take_upload
from apps.media.urls import address, digest_of, thumbnail
from apps.shop.admin.product_form import NewProductForm, ProductForm
from apps.shop.models import Product, ProductImage

LONGEST_NAME = 100
REFUSALS: Mapping[type[AppError], Lazy] = {
    TooLarge: _(
        "“{file}” is too large: an image can have 15 MB, all images together 64 MB, and at most 20 can "
        "be uploaded at once."
    ),
    TooManyPixels: _("“{file}” has too many pixels: at most 50 million."),
    NotAPicture: _("“{file}” cannot be read as an image. Use a JPEG, PNG, WebP, GIF or AVIF file."),
}


@dataclass(frozen=True, slots=True)
class ShownPicture:
    """`state` is None for a drawing of this site. What lies `elsewhere` is not shown until it is fetched."""

    url: str
    alt: str
    state: ImageState | FetchState | None
    elsewhere: bool


async def keep_uploads(db: Database, form: ProductForm | NewProductForm, current_user: CurrentUser) -> None:
    """Each becomes one more row of the form. Raises Invalid with all that cannot be taken, NotAllowed."""
    uploads = form.uploads.data
    if uploads and MediaPermission.MEDIA_UPLOAD not in current_user.permissions:
        raise NotAllowed
    known = {entry.form.url.data for entry in form.images.entries}
    errors = []
    for file in uploads:
        try:
            url = await _keep(db, file, actor=current_user.actor)
        except (NotAPicture, TooManyPixels, TooLarge) as error:
            errors.append(FieldError("uploads", REFUSALS[type(error)], {"file": str(file.filename)[:LONGEST_NAME]}))
            continue
        if url not in known:
            known.add(url)
            form.images.append_entry({"url": url})
    if errors:
        raise Invalid(errors=errors)


async def _keep(db: Database, file: Upload, *, actor: str) -> str:
    if not file.is_whole:
        raise TooLarge
    image = await take_upload(db, await file.read(), actor=actor)
    return address(image.hash)


async def pictures_of(session: AsyncSession, product: Product) -> list[ShownPicture]:
    """In their order: three queries at most."""
    of_product = select(ProductImage).where(ProductImage.product_id == product.id)
    images = (await session.scalars(of_product.order_by(ProductImage.position, ProductImage.id))).all()
    hashes = [digest for each in images if (digest := digest_of(each.source_url))]
    found = select(Image.hash, Image.state).where(Image.hash.in_(hashes))
    states = {address(hash): state for hash, state in await session.execute(found)}
    fetches = await known_fetches(session, [each.source_url for each in images])
    return [_shown(each, states, fetches) for each in images]


def _shown(image: ProductImage, states: Mapping[str, ImageState], fetches: Mapping[str, KnownFetch]) -> ShownPicture:
    url = image.source_url
    if not is_elsewhere(url):
        return ShownPicture(thumbnail(url), image.alt, states.get(url), elsewhere=False)
    state = fetches[url].state if url in fetches else FetchState.waiting
    return ShownPicture(url, image.alt, state, elsewhere=True)
