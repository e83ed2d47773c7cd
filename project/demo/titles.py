"""The demo band's merch in its fans' other languages. The files that products are imported from have only one."""

from sqlalchemy import select

from apps.core.db import Database
from apps.shop.models import Product
from project.settings import settings

RUSSIAN = {
    "crossing-t-shirt": "Футболка «Переправа»",
    "moonrise-long-sleeve": "Лонгслив «Восход луны»",
    "wake-hoodie": "Худи «Кильватер»",
    "harbour-lights-out-vinyl": "Harbour Lights Out (винил)",
    "harbour-lights-out-cd": "Harbour Lights Out (CD)",
    "night-timetable-poster": "Постер «Ночное расписание»",
    "deck-tote": "Сумка-шопер «Палуба»",
    "signal-cap": "Кепка «Сигнал»",
    "harbour-patches": "Нашивки «Гавань»",
    "lighthouse-pin": "Значок «Маяк»",
    "sticker-sheet": "Лист наклеек",
    "songbook": "Песенник, том первый",
}


async def translate_products(db: Database) -> None:
    """To be called for what was just imported. Whichever language is the main one stands in the title."""
    async with db.begin() as session:
        for product in await session.scalars(select(Product).where(Product.slug.in_(RUSSIAN))):
            texts = {"en": product.title, "ru": RUSSIAN[product.slug]}
            product.title = texts.pop(settings.locale)
            product.translations = {locale: {"title": title} for locale, title in texts.items()}
