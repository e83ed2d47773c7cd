"""The demo band's catalogue in Russian. The files that it is imported from have only English.

Whichever of the two is the main language stands in the columns, the other one in the translations.
"""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from apps.concerts.models import Concert
from apps.core.db.database import Database
from apps.shop.models import Category, Product, Variant, called
from apps.shop.products.variants import follow_products
from project.settings import settings

FILE = Path(__file__).with_name("russian.json")


class Russian(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """By slug or external id; options and ticket types by what they are called in English."""

    categories: dict[str, str]
    products: dict[str, dict[str, str]]
    options: dict[str, str]
    concerts: dict[str, dict[str, str]]
    ticket_types: dict[str, str]


@cache
def russian() -> Russian:
    return msgspec.json.decode(FILE.read_bytes(), type=Russian)


def main_and_other(english: str, in_russian: str) -> tuple[str, dict[str, str]]:
    """The text in the main language, and the other one by its language."""
    texts = {"en": english, "ru": in_russian}
    return texts.pop(settings.locale), texts


async def translate_products(db: Database) -> None:
    """To be called for what was just imported, as `translate_concerts` is."""
    async with db.begin() as session:
        for category in await session.scalars(select(Category).where(Category.slug.in_(russian().categories))):
            _tell(category, {"title": russian().categories[category.slug]})
        products = (await session.scalars(select(Product).where(Product.slug.in_(russian().products)))).all()
        for product in products:
            _tell(product, russian().products[product.slug])
        await _tell_options(session, products)
        await follow_products(session, products)


async def translate_concerts(db: Database) -> None:
    async with db.begin() as session:
        for concert in await session.scalars(select(Concert).where(Concert.external_id.in_(russian().concerts))):
            _tell(concert, russian().concerts[str(concert.external_id)])


def _tell(row: Category | Product | Concert, texts: dict[str, str]) -> None:
    translations: dict[str, dict[str, str]] = {}
    for name, text in texts.items():
        main, others = main_and_other(getattr(row, name), text)
        setattr(row, name, main)
        for locale, other in others.items():
            translations.setdefault(locale, {})[name] = other
    row.translations = translations


async def _tell_options(session: AsyncSession, products: Sequence[Product]) -> None:
    of_products = select(Variant).where(Variant.product_id.in_([product.id for product in products]))
    variants = (await session.scalars(of_products)).all()
    for product in products:
        own = [variant for variant in variants if variant.product_id == product.id]
        known = {*product.option_names, *(option for variant in own for option in variant.options)}
        options = {each: russian().options[each] for each in sorted(known & russian().options.keys())}
        product.translations = {
            locale: {**texts, **_options(options)} for locale, texts in product.translations.items()
        }
        if settings.locale == "ru":
            product.option_names = called(product.option_names, options)
            for variant in own:
                variant.options = called(variant.options, options)


def _options(in_russian: dict[str, str]) -> dict[str, dict[str, str]]:
    """By what they are called in the main language."""
    back = settings.locale == "ru"
    told = {theirs: english for english, theirs in in_russian.items()} if back else in_russian
    return {"options": told} if told else {}
