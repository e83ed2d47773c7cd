"""Import products: compare what a file says with what is there, and write only the difference.

A product is known by its handle, a variant by its product and option values, a category by the slug of its title. What
the file does not name is left alone.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Table, func, select
from sqlalchemy.ext.asyncio import AsyncConnection
from uuid_utils.compat import uuid7

from apps.core.audit import Entry, record_all
from apps.core.db.bulk import insert_rows, update_rows
from apps.core.db.database import Database
from apps.core.importing import Change, Difference, Keep, Outcome, Problem, Tally, keep_nothing, shown_value
from apps.core.text.i18n import lazy as _
from apps.inventory import services as inventory
from apps.inventory.services import NewPool
from apps.media.fetching.fetch_requests import KnownFetch, ask_for, is_elsewhere
from apps.media.fetching.models import FetchState
from apps.media.usage import hold_pictures
from apps.shop.imports.audit_entries import category_entry, product_entries, variant_entries
from apps.shop.imports.columns import FROM_COLUMNS
from apps.shop.imports.existing_products import (
    ALLOCATION,
    CATEGORY,
    IMAGE,
    OFFER,
    PRICE,
    PRODUCT,
    VARIANT,
    ExistingProducts,
    Row,
    category_slug,
    read_existing_products,
)
from apps.shop.imports.shopify import ImageRecord, ProductRecord, Reading, VariantRecord
from apps.shop.models import MERCH, is_sold
from apps.shop.products.variants import translations_of

ACTOR = "import-products"
PRODUCTS_A_TRANSACTION = 500
MOST_DIFFERENCES = 20
COUNTED = {"products": PRODUCT, "variants": VARIANT, "images": IMAGE, "categories": CATEGORY}


async def import_products(
    db: Database,
    reading: Reading,
    *,
    currency: str,
    set_stock: bool = False,
    dry_run: bool = False,
    begin: int = 0,
    actor: str = ACTOR,
    keep: Keep = keep_nothing,
    on_progress: Callable[[int], None] = lambda products: None,
) -> Tally:
    """Products as read by `shopify.read_products`, 500 a transaction. `set_stock`: stock, too, becomes what it says.

    It goes on at the product number `begin`. `keep` notes in each transaction how far it is, and what came of it.
    """
    tally = Tally(problems=reading.problems, warnings=reading.warnings)
    for start in range(begin, len(reading.products), PRODUCTS_A_TRANSACTION):
        records = reading.products[start : start + PRODUCTS_A_TRANSACTION]
        async with db.transaction() as connection:
            existing = await read_existing_products(connection, records)
            plan = Plan(currency, reading.columns, set_stock, tally, existing, actor)
            for record in records:
                plan.product(record)
            await plan.count(connection)
            if not dry_run:
                await plan.write(connection)
                await keep(connection, start + len(records), tally)
        on_progress(len(records))
    return tally


@dataclass(slots=True)
class Plan:
    """The rows one transaction will write."""

    currency: str
    columns: frozenset[str]
    set_stock: bool
    tally: Tally
    existing: ExistingProducts
    actor: str
    differences: list[Difference] = field(default_factory=list)
    """Of the product that is looked at."""
    inserts: dict[Table, list[Row]] = field(default_factory=dict)
    updates: dict[Table, list[Row]] = field(default_factory=dict)
    pools: list[NewPool] = field(default_factory=list)
    counted: dict[UUID, int] = field(default_factory=dict)
    withdrawn: list[Row] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    """Of the audit log."""

    def product(self, record: ProductRecord) -> None:
        found = self.existing.products.get(record.slug)
        product = found["id"] if found else uuid7()
        self.differences = []
        facts = self._facts(
            record, found, "slug", "title", "description", "vendor", "tags", "option_names", "published"
        )
        facts["category_id"] = self._category(record, found)
        facts["publish_at"] = found["publish_at"] if found and not facts["published"] else None
        sold = is_sold(published=facts["published"], archived=bool(found and found["archived_at"]))
        differs = [self._put(PRODUCT, {"id": product}, facts, found)]
        texts = (record.title, found["translations"] if found else {})
        differs += [self._variant(product, each, sold=sold, product_texts=texts) for each in record.variants]
        if not sold:
            self._withdraw(product, {variant.options for variant in record.variants})
        old_pictures = self.existing.images_of(product)
        pictures = {row["source_url"]: row for row in old_pictures}
        differs += [self._image(product, url, image, pictures) for url, image in self._images(record).items()]
        self.entries += product_entries(product, found, facts, pictures=(old_pictures, list(pictures.values())))
        changed = Outcome.changed if any(differs) else Outcome.unchanged
        self._note(record, product, changed if found else Outcome.created)

    def _note(self, record: ProductRecord, product: UUID, outcome: Outcome) -> None:
        self.tally.count(outcome)
        if outcome is not Outcome.unchanged:
            is_new = outcome is Outcome.created
            differences = [] if is_new else self.differences[:MOST_DIFFERENCES]
            self.tally.note(Change(record.line, record.title, is_new, differences, product))

    def _category(self, record: ProductRecord, found: Row | None) -> UUID | None:
        """The category with the slug of the record's; made when there is none."""
        if found and not FROM_COLUMNS["category"] & self.columns:
            return cast(UUID | None, found["category_id"])
        slug = category_slug(record)
        if slug and slug not in self.existing.categories:
            made = {"id": uuid7(), "slug": slug, "title": record.category}
            self.existing.categories[slug] = made
            self.inserts.setdefault(CATEGORY, []).append(made)
            self.entries.append(category_entry(made))
        return self.existing.categories[slug]["id"] if slug else None

    def _withdraw(self, product: UUID, named: set[tuple[str, ...]]) -> None:
        """A product that is not published sells none of its variants, whether the file names them or not."""
        for row in self.existing.variants_of(product):
            if tuple(row["options"]) not in named:
                self.withdrawn.append({"id": row["id"], "active": False})

    def _variant(
        self, product: UUID, record: VariantRecord, *, sold: bool, product_texts: tuple[str, Mapping[str, Any]]
    ) -> bool:
        """`product_texts`: its title, and its translations."""
        found = self.existing.variants.get((product, record.options))
        offer = found["id"] if found else uuid7()
        active = is_sold(published=sold, archived=bool(found and found["archived_at"]))
        of_offer = {"kind": MERCH, "active": active}
        of_offer |= self._facts(record, found, "title", "tax_class", "needs_shipping")
        of_offer["translations"] = translations_of(*product_texts, record.options)
        of_variant = {"product_id": product, "options": list(record.options)}
        of_variant |= self._facts(record, found, "position", "sku", "barcode", "grams")
        old_prices = self.existing.prices.get(offer, {})
        prices = dict(old_prices)
        name = " / ".join(record.options)
        if found is None:
            self.differences.append(Difference("variant", after=name or record.title))
        differs = [
            self._put(OFFER, {"id": offer}, of_offer, found, of=name),
            self._put(VARIANT, {"offer_id": offer}, of_variant, found, of=name),
            self._price(offer, record, prices, of=name),
            self._stock(offer, record, known=found is not None),
        ]
        if not any(differs):
            return False
        both, added = (old_prices.values(), prices.values()), self._opened(offer)
        self.entries += variant_entries(offer, found, {**of_offer, **of_variant}, prices=both, added=added)
        return True

    def _price(self, offer: UUID, record: VariantRecord, prices: dict[str, Row], *, of: str) -> bool:
        """`prices` are the variant's by currency, and become what they will be."""
        found = prices.get(self.currency)
        before = self._facts(record, found, "compare_at")["compare_at"] or 0
        facts = {"amount": record.price, "compare_at": before if before > record.price else None}
        key = {"offer_id": offer, "currency": self.currency}
        prices[self.currency] = {**(found or {}), **key, **facts}
        return self._put(PRICE, key, facts, found, of=of)

    def _stock(self, offer: UUID, record: VariantRecord, *, known: bool) -> bool:
        """A new variant gets its stock. A known one keeps it, save when stock is to be set."""
        if not record.tracked or (known and not (self.set_stock and record.quantity is not None)):
            return False
        pools = self.existing.pools.get(offer, [])
        if not pools:
            pool = NewPool(name=record.title, units=record.quantity or 0)
            self.pools.append(pool)
            return self._put(ALLOCATION, {"offer_id": offer, "pool_id": pool.id}, {"units": 1}, None)
        if len(pools) > 1:
            sentence = _("{variant} uses several pools; its stock was not changed").format(variant=record.title)
            self.tally.warnings.append(Problem(record.line, sentence))
            return False
        differs: bool = pools[0]["left"] != record.quantity
        if differs:
            self.counted[pools[0]["pool_id"]] = record.quantity or 0
            self._differ({"left": (pools[0]["left"], record.quantity)}, of=" / ".join(record.options))
        return differs

    def _opened(self, offer: UUID) -> Row:
        """The pool of its own that it gets."""
        rows = [row for row in self.inserts.get(ALLOCATION, [])[-1:] if row["offer_id"] == offer]
        return {"allocation": {str(row["pool_id"]): row["units"] for row in rows}} if rows else {}

    def _images(self, record: ProductRecord) -> dict[str, ImageRecord]:
        """Each once, by our own address where it was fetched before."""
        images: dict[str, ImageRecord] = {}
        for image in record.images:
            known = self.existing.fetches.get(image.url)
            url = (known and known.address) or image.url
            if url not in images and is_elsewhere(url):
                self._count_picture(known)
            images.setdefault(url, image)
        return images

    def _count_picture(self, known: KnownFetch | None) -> None:
        if known and known.state == FetchState.failed:
            self.tally.pictures_failed += 1
        else:
            self.tally.pictures_waiting += 1

    def _image(self, product: UUID, url: str, record: ImageRecord, pictures: dict[str, Row]) -> bool:
        """`pictures` are the product's by their addresses, and become what they will be."""
        found = pictures.get(url)
        id = found["id"] if found else uuid7()
        facts = {"product_id": product, "source_url": url, **self._facts(record, found, "position", "alt")}
        if found is None:
            self.differences.append(Difference("image", after=shown_value(url)))
        pictures[url] = {"id": id, **facts}
        return self._put(IMAGE, {"id": id}, facts, found, of=url)

    def _facts(self, record: object, found: Row | None, *names: str) -> dict[str, Any]:
        """What the record says; of what the file has no column for, what is there already."""
        given = [name for name in names if not found or FROM_COLUMNS.get(name, self.columns) & self.columns]
        return {name: getattr(record, name) if name in given or not found else found[name] for name in names}

    def _put(self, table: Table, key: Row, facts: Row, found: Row | None, *, of: str = "") -> bool:
        if found:
            different = {name: (found[name], value) for name, value in facts.items() if found[name] != value}
            if not different:
                return False
            self._differ(different, of=of)
        (self.updates if found else self.inserts).setdefault(table, []).append({**key, **facts})
        return True

    def _differ(self, different: Mapping[str, tuple[Any, Any]], *, of: str) -> None:
        for name, (before, after) in different.items():
            shown = Difference(name, self._shown(name, before), self._shown(name, after), shown_value(of))
            self.differences.append(shown)

    def _shown(self, name: str, value: Any) -> Any:
        """A category by its title, which is known of those in the file."""
        if name != "category_id":
            return shown_value(value)
        return next((row["title"] for row in self.existing.categories.values() if row["id"] == value), None)

    async def count(self, connection: AsyncConnection) -> None:
        """How many there are, and will be: one query."""
        there_are = select(*(select(func.count()).select_from(table).scalar_subquery() for table in COUNTED.values()))
        for kind, number in zip(COUNTED, (await connection.execute(there_are)).one(), strict=True):
            self.tally.count_more(kind, there_are=number, new=len(self.inserts.get(COUNTED[kind], [])))

    async def write(self, connection: AsyncConnection) -> None:
        """Pictures are held after their products, as whoever saves one does it; pools come after the rows they are
        for, and the ones that are counted last of all."""
        await self._write_rows(connection, CATEGORY, PRODUCT)
        await hold_pictures(connection, self._texts())
        await self._write_rows(connection, OFFER, VARIANT, PRICE, IMAGE)
        await ask_for(connection, [row["source_url"] for row in self.inserts.get(IMAGE, [])])
        await update_rows(connection, OFFER, self.withdrawn)
        await inventory.open_pools(connection, self.pools, actor=self.actor)
        await insert_rows(connection, ALLOCATION, self.inserts.get(ALLOCATION, []))
        await inventory.count(connection, self.counted, actor=self.actor)
        await record_all(connection, self.entries, actor=self.actor)

    async def _write_rows(self, connection: AsyncConnection, *tables: Table) -> None:
        for table in tables:
            await insert_rows(connection, table, self.inserts.get(table, []))
            await update_rows(connection, table, self.updates.get(table, []))

    def _texts(self) -> list[str]:
        """All that is written and may name a picture."""
        kept = [each.get(table, []) for table in (PRODUCT, IMAGE) for each in (self.inserts, self.updates)]
        return [row[name] for rows in kept for row in rows for name in ("description", "source_url") if row.get(name)]
