"""Files of products that staff hand over."""

from collections.abc import Mapping
from typing import Any

from apps.core.db.database import Database
from apps.core.importing import Keep, Tally
from apps.core.text.i18n import Lazy
from apps.core.text.i18n import lazy as _
from apps.shop.imports.importing import import_products
from apps.shop.imports.shopify import Reading, read_products
from apps.shop.imports.shopify_sheet import NAMES, columns_of

NO_NAMES = _("This is not Shopify's product CSV: its first line has no column “Handle” or “Title”.")
NO_PRICES = _("This is not Shopify's product CSV: its first line has no column “Variant Price”.")


def refusal_of(data: bytes) -> Lazy | None:
    """Why this is no file of products, by its first line."""
    columns = columns_of(data)
    if not columns & NAMES:
        return NO_NAMES
    return None if "price" in columns else NO_PRICES


class ProductImporter:
    """Options: the `currency` of the prices, and whether stock is to be set (`set_stock`)."""

    def read(self, data: bytes, options: Mapping[str, Any]) -> Reading:
        return read_products(data, currency=options["currency"])

    async def load(
        self,
        db: Database,
        reading: Reading,
        options: Mapping[str, Any],
        *,
        dry_run: bool,
        begin: int,
        actor: str,
        keep: Keep,
    ) -> Tally:
        terms = {"currency": options["currency"], "set_stock": options["set_stock"]}
        return await import_products(db, reading, **terms, dry_run=dry_run, begin=begin, actor=actor, keep=keep)
