"""Shopify's product CSV read into products: several lines are one product, its options become variants."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from apps.core.importing import BadValue, Problem, slugify, text
from apps.core.text.html import sanitise
from apps.core.text.i18n import lazy as _
from apps.shop.imports.shopify_cells import LARGEST, address, amount, flag, tags, whole
from apps.shop.imports.shopify_sheet import Cells, read_sheet
from apps.shop.models import offer_title

Lines = list[tuple[int, Cells]]

SLOTS = (1, 2, 3)


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantRecord:
    """Prices are minor units. `quantity` is None where the file says nothing; `tracked`: stock is counted."""

    line: int
    options: tuple[str, ...]
    position: int
    title: str
    sku: str
    barcode: str
    grams: int
    needs_shipping: bool
    tax_class: str
    price: int
    compare_at: int | None
    tracked: bool
    quantity: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageRecord:
    url: str
    alt: str
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductRecord:
    """`description` is sanitised HTML."""

    line: int
    slug: str
    title: str
    description: str
    vendor: str
    category: str
    tags: list[str]
    option_names: list[str]
    published: bool
    variants: list[VariantRecord]
    images: list[ImageRecord]


@dataclass(slots=True)
class Reading:
    """`columns` are the ones the file has, by our names: what it has no column for is left as it is."""

    columns: frozenset[str]
    products: list[ProductRecord] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.products)


def read_products(data: bytes, *, currency: str) -> Reading:
    """Never raises: what cannot be read is among the problems."""
    sheet = read_sheet(data)
    reading = Reading(sheet.columns, problems=sheet.problems)
    left_out = _by_product(sheet.left_out, [])
    for slug, lines in _by_product(sheet.lines, reading.problems).items():
        head = next(((line, cells) for line, cells in lines if cells["title"]), lines[0])
        try:
            if product := _Product(slug, head, lines, left_out.get(slug, []), currency, reading).record():
                reading.products.append(product)
        except BadValue as bad:
            sentence = _("{problem}; the product was left out").format(problem=bad.sentence)
            reading.problems.append(Problem(head[0], sentence))
    return reading


def _by_product(lines: Lines, problems: list[Problem]) -> dict[str, Lines]:
    """Lines by the slug of their handle (or title: a new product needs no handle), wherever in the file they stand."""
    products: dict[str, Lines] = {}
    for line, cells in lines:
        if slug := slugify(cells["handle"] or cells["title"]):
            products.setdefault(slug, []).append((line, cells))
        else:
            problems.append(Problem(line, _("there is neither a handle nor a title")))
    return products


@dataclass(slots=True)
class _Product:
    """One product being read. A bad variant or picture is left out by itself; anything else leaves out the product.

    What is left out keeps its place: the others stay where the file has them. `left_out` are its unreadable lines.
    """

    slug: str
    head: tuple[int, Cells]
    lines: Lines
    left_out: Lines
    currency: str
    reading: Reading

    def record(self) -> ProductRecord | None:
        line, cells = self.head
        if flag(cells["gift_card"], _("gift card"), default=False):
            sentence = _("'{name}' is a gift card: these are not imported").format(name=self.slug)
            self.reading.warnings.append(Problem(line, sentence))
            return None
        title = text(cells["title"], _("the title"), limit=255)
        if not title:
            raise BadValue(_("'{name}' has no title").format(name=self.slug))
        names = self.option_names()
        variants = list(self.variants(title, names))
        if not variants:
            return None
        return ProductRecord(
            line=line,
            slug=text(self.slug, _("the handle"), limit=200),
            title=title,
            description=sanitise(text(cells["description"], _("the description"), limit=200_000)),
            vendor=text(cells["vendor"], _("the vendor"), limit=255),
            category=text(cells["category"] or cells["taxonomy"].rpartition(">")[2], _("the type"), limit=255),
            tags=tags(cells["tags"]),
            option_names=list(names.values()),
            published=flag(cells["published"], _("published"), default=True)
            and cells["status"].casefold() in ("", "active"),
            variants=variants,
            images=list(self.images()),
        )

    def option_names(self) -> dict[int, str]:
        """Slot → name. A product without options has the one option "Title" with the value "Default Title"."""
        named = {
            n: next((cells[f"option{n}_name"] for _, cells in self.lines if cells[f"option{n}_name"]), "")
            for n in SLOTS
        }
        values = {n: {cells[f"option{n}_value"] for _, cells in self.lines} - {""} for n in SLOTS}
        names = {n: text(named[n] or f"Option {n}", _("the name of an option"), limit=255) for n in SLOTS if values[n]}
        only_default = list(values[1]) == ["Default Title"] and len(names) == 1
        return {} if only_default else names

    def variants(self, title: str, names: dict[int, str]) -> Iterator[VariantRecord]:
        seen: dict[tuple[str, ...], int] = {}
        positions = self.positions()
        for line, cells in self.lines:
            if line not in positions:
                continue
            try:
                variant = self.variant(line, cells, title, names, position=positions[line])
                if variant.options in seen:
                    sentence = _("{variant} is there already, on line {line}")
                    raise BadValue(sentence.format(variant=variant.title, line=seen[variant.options]))
            except BadValue as bad:
                self.reading.problems.append(Problem(line, bad.sentence))
            else:
                seen[variant.options] = line
                yield variant

    def positions(self) -> dict[int, int]:
        """Of the lines that are variants, by their numbers."""
        lines = [
            line
            for line, cells in self.lines + self.left_out
            if line == self.head[0] or any((cells["option1_value"], cells["price"], cells["sku"]))
        ]
        return {line: position for position, line in enumerate(sorted(lines))}

    def variant(self, line: int, cells: Cells, title: str, names: dict[int, str], position: int) -> VariantRecord:
        options = tuple(self.option(cells, n, name) for n, name in names.items())
        price = amount(cells["price"], _("the price"), self.currency)
        before = amount(cells["compare_at"], _("the price to compare at"), self.currency) if cells["compare_at"] else 0
        return VariantRecord(
            line=line,
            options=options,
            position=position,
            title=text(offer_title(title, options), _("title and options together"), limit=300),
            sku=text(cells["sku"].lstrip("'"), _("the SKU"), limit=255),
            barcode=text(cells["barcode"].lstrip("'"), _("the barcode"), limit=255),
            grams=whole(cells["grams"], _("the weight")) or 0,
            needs_shipping=flag(cells["needs_shipping"], _("requires shipping"), default=True),
            tax_class="standard" if flag(cells["taxable"], _("taxable"), default=True) else "exempt",
            price=price,
            compare_at=before if before > price else None,
            tracked=bool(cells["tracker"]) and not flag(cells["policy"], _("the inventory policy"), default=False),
            quantity=self.quantity(line, cells),
        )

    def option(self, cells: Cells, slot: int, name: str) -> str:
        value = text(cells[f"option{slot}_value"], _("the {option}").format(option=name), limit=255)
        if not value:
            raise BadValue(_("there is no value for the option {option}").format(option=name))
        return value

    def quantity(self, line: int, cells: Cells) -> int | None:
        """Shopify counts below zero what was sold too often; here nothing is left then."""
        units = whole(cells["quantity"], _("the quantity"), least=-LARGEST)
        if units is None or units >= 0:
            return units
        self.reading.warnings.append(Problem(line, _("the quantity {units} was read as 0").format(units=units)))
        return 0

    def images(self) -> Iterator[ImageRecord]:
        """The product's pictures in their order, then those only a variant names."""
        own = [(line, cells["image"], cells["image_alt"], cells["image_position"]) for line, cells in self.lines]
        of_variants = [(line, cells["variant_image"], "", "") for line, cells in self.lines]
        seen: set[str] = set()
        positions: dict[str, int] = {}
        for line, source, alt, cell in own + of_variants:
            if source:
                positions.setdefault(source, len(positions) + 1)
            try:
                url = address(source)
                if url and url not in seen:
                    position = whole(cell, _("the position of the image")) or positions[source]
                    words = text(alt, _("the alt text of the image"), limit=512)
                    yield ImageRecord(url=url, alt=words, position=position)
                    seen.add(url)
            except BadValue as bad:
                self.reading.problems.append(Problem(line, bad.sentence))
