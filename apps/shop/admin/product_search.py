"""What managers look for products and variants by."""

from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select

from apps.core.text.search import anywhere
from apps.shop.models import Product, Variant


def with_text(words: str) -> Select[tuple[UUID]]:
    """Products with all these words in title, vendor or tags."""
    return select(Product.id).where(*(Product.search.like(func.fold(anywhere(word))) for word in words.split()))


def has_code(words: str) -> ColumnElement[bool]:
    """Whether they are in a variant's SKU or barcode, which have no accents."""
    return or_(*(func.lower(code).like(anywhere(words.lower())) for code in (Variant.sku, Variant.barcode)))
