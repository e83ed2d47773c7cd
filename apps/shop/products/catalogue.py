"""The catalogue as staff write it down: categories and products. The offers of a product follow it."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from apps.core.audit import assign, record
from apps.core.db.archive import archive_all, choosable, refuse_archived, restore_all
from apps.core.errors import AppError, FieldError, Invalid
from apps.core.events import Event, publish
from apps.core.text.datetimes import in_utc
from apps.core.text.html import sanitise
from apps.core.text.i18n import lazy as _
from apps.core.text.slugs import choose_slug
from apps.media.fetching.fetch_requests import ask_for, known_fetches
from apps.media.urls import digest_of
from apps.media.usage import hold_pictures
from apps.shop.events import ProductChanged, ProductPublished, ProductUnpublished
from apps.shop.models import Category, Product, ProductImage, Variant
from apps.shop.products.variants import follow_products
from apps.shop.staff_schemas import CategoryIn, ImageIn, ProductIn, ProductTexts

NO_CATEGORY = _("There is no such category.")
SAME_PICTURE = _("This image has already been added.")
PICTURE_GONE = _("This image is no longer stored. Please upload it again.")
OUT_ALREADY = _("Already published.")


class OptionsInUse(AppError):
    status = 409
    type = "options-in-use"
    message = _("The product has variants with these options. Their number cannot change.")


async def add_category(session: AsyncSession, data: CategoryIn, *, actor: str) -> Category:
    """Raises SlugTaken."""
    category = Category(id=uuid7())
    _before, facts = assign(category, await _category_facts(session, category, data))
    session.add(category)
    await session.flush()
    record(session, "shop.add_category", category, actor=actor, after=facts)
    return category


async def change_category(session: AsyncSession, category: Category, data: CategoryIn, *, actor: str) -> None:
    """The category is locked. Raises InArchive, SlugTaken."""
    refuse_archived(category)
    before, after = assign(category, await _category_facts(session, category, data))
    await session.flush()
    if after:
        record(session, "shop.change_category", category, actor=actor, before=before, after=after)


async def _category_facts(session: AsyncSession, category: Category, data: CategoryIn) -> dict[str, Any]:
    return {
        "title": data.title,
        "slug": await choose_slug(session, category, wanted=data.slug, words=data.title),
        "position": data.position,
        "translations": msgspec.to_builtins(data.translations),
    }


async def add_product(session: AsyncSession, data: ProductIn, *, actor: str) -> Product:
    """Without variants yet, so there is nothing to buy. Raises Invalid, SlugTaken."""
    product = Product(id=uuid7(), images=[])
    data = await _with_own_pictures(session, data)
    _before, facts = assign(product, await _product_facts(session, product, data))
    await _set_images(session, product, data.images)
    session.add(product)
    await session.flush()
    record(session, "shop.add_product", product, actor=actor, after=facts | _images(product))
    if product.published:
        await publish(session, ProductPublished(product.id))
    return product


async def change_product(session: AsyncSession, product: Product, data: ProductIn, *, actor: str) -> None:
    """The product is locked, and was loaded with its images. Orders keep the titles they were placed with.

    Raises InArchive, Invalid, OptionsInUse, SlugTaken.
    """
    refuse_archived(product)
    await _refuse_other_options(session, product, data.option_names)
    data = await _with_own_pictures(session, data)
    pictures, was_published = _images(product), product.published
    before, after = assign(product, await _product_facts(session, product, data))
    await _set_images(session, product, data.images)
    await session.flush()
    await follow_products(session, [product])
    if pictures != _images(product):
        before, after = before | pictures, after | _images(product)
    if after:
        record(session, "shop.change_product", product, actor=actor, before=before, after=after)
        await publish(session, _news(product, was_published=was_published))


def _news(product: Product, *, was_published: bool) -> Event:
    if product.published is was_published:
        return ProductChanged(product.id)
    return ProductPublished(product.id) if product.published else ProductUnpublished(product.id)


async def archive_product(session: AsyncSession, product: Product, *, actor: str) -> None:
    """The product is locked. Its variants are sold no more."""
    await archive_products(session, [product], actor=actor)


async def archive_products(session: AsyncSession, products: Sequence[Product], *, actor: str) -> None:
    """The same with several, in as many statements."""
    gone = [product for product in products if product.archived_at is None and product.published]
    await archive_all(session, products, action="shop.archive_product", actor=actor)
    await follow_products(session, products)
    await publish(session, *(ProductUnpublished(product.id) for product in gone))


async def restore_product(session: AsyncSession, product: Product, *, actor: str) -> None:
    await restore_products(session, [product], actor=actor)


async def restore_products(session: AsyncSession, products: Sequence[Product], *, actor: str) -> None:
    """The same with several, in as many statements."""
    back = [product for product in products if product.archived_at is not None and product.published]
    await restore_all(session, products, action="shop.restore_product", actor=actor)
    await follow_products(session, products)
    await publish(session, *(ProductPublished(product.id) for product in back))


async def _product_facts(session: AsyncSession, product: Product, data: ProductIn) -> dict[str, Any]:
    await _refuse_wrong(session, product, data)
    return {
        "title": data.title,
        "slug": await choose_slug(session, product, wanted=data.slug, words=data.title),
        "description": sanitise(data.description),
        "vendor": data.vendor,
        "category_id": data.category,
        "tags": list(dict.fromkeys(data.tags)),
        "option_names": data.option_names,
        "published": data.published,
        **in_utc(publish_at=data.publish_at),
        "translations": _sanitised(data.translations),
    }


async def _refuse_wrong(session: AsyncSession, product: Product, data: ProductIn) -> None:
    urls = [image.url for image in data.images]
    errors = [FieldError(f"images[{n}].url", SAME_PICTURE) for n, url in enumerate(urls) if url in urls[:n]]
    gone = await _gone_pictures(session, product, data)
    errors += [FieldError(f"images[{n}].url", PICTURE_GONE) for n, url in enumerate(urls) if digest_of(url) in gone]
    if data.category and not await choosable(session, Category, data.category, kept=product.category_id):
        errors.append(FieldError("category", NO_CATEGORY))
    if data.published and data.publish_at:
        errors.append(FieldError("publish_at", OUT_ALREADY))
    if errors:
        raise Invalid(errors=errors)


async def _gone_pictures(session: AsyncSession, product: Product, data: ProductIn) -> set[bytes]:
    """All that the product comes to show is held; what it has shown before stays, whatever became of it."""
    urls = {image.url for image in data.images} - {image.source_url for image in product.images}
    translated = [texts.description or "" for texts in data.translations.values()]
    return await hold_pictures(session, [*urls, data.description, *translated])


def _sanitised(translations: Mapping[Any, ProductTexts]) -> dict[str, dict[str, str]]:
    sanitised: dict[str, dict[str, str]] = msgspec.to_builtins(translations)
    for texts in sanitised.values():
        if "description" in texts:
            texts["description"] = sanitise(texts["description"])
    return sanitised


async def _refuse_other_options(session: AsyncSession, product: Product, names: Sequence[str]) -> None:
    """Variants, those in the archive too, have a value for each name."""
    found = select(func.count()).where(Variant.product_id == product.id)
    if len(names) != len(product.option_names) and await session.scalar(found):
        raise OptionsInUse


async def _with_own_pictures(session: AsyncSession, data: ProductIn) -> ProductIn:
    """Pictures that lay elsewhere and were fetched before, each once, by the addresses that they have here."""
    known = await known_fetches(session, [image.url for image in data.images])
    images: list[ImageIn] = []
    for image in data.images:
        own = image.url in known and known[image.url].address
        if not own:
            images.append(image)
        elif own not in {each.url for each in images}:
            images.append(ImageIn(own, image.alt))
    return msgspec.structs.replace(data, images=images)


async def _set_images(session: AsyncSession, product: Product, data: Sequence[ImageIn]) -> None:
    """A picture that was there keeps its row; what lies elsewhere is fetched."""
    known = {image.source_url: image for image in product.images}
    product.images = [known.get(each.url) or ProductImage(source_url=each.url) for each in data]
    for position, (image, each) in enumerate(zip(product.images, data, strict=True)):
        image.alt, image.position = each.alt, position
    await ask_for(session, [each.url for each in data if each.url not in known])


def _images(product: Product) -> dict[str, Any]:
    return {"images": [{"url": image.source_url, "alt": image.alt} for image in product.images]}
