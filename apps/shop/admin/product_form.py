"""The forms of a product: a new one with its options, an existing one with its variants."""

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

from wtforms import Form

from apps.backoffice import fields
from apps.core.text.i18n import lazy as _
from apps.core.text.translations import OTHER_LOCALES
from apps.shop.staff_schemas import MOST_OPTION_TEXTS, ProductTexts, ProductWithVariantsOut
from project.settings import settings

OPTIONS = ("option_1", "option_2", "option_3")
MOST_OPTIONS = len(OPTIONS)


class ImageForm(Form):
    url = fields.Picture(_("Image"))
    alt = fields.Input(_("Alt text"), help=_("Read to people who cannot see the image."))
    position = fields.Number(_("Position"), empty=None)
    gone = fields.Switch(_("Remove"))


class Pictures(fields.Rows):
    """In the order of their places, without those that are to go."""

    def __init__(self, **rest: Any) -> None:
        super().__init__(fields.Row(ImageForm), _("Images"), **{"spare": 0, **rest})

    @property
    def data(self) -> Any:
        return [{"url": entry.form.url.data, "alt": entry.form.alt.data} for entry in self._kept]

    @data.setter
    def data(self, value: Any) -> None:
        """WTForms sets it while it makes the rows; they know better."""

    def entry_for(self, step: str) -> Any | None:
        return self._kept[int(step)] if step.isdecimal() and int(step) < len(self._kept) else None

    @property
    def _kept(self) -> Sequence[Any]:
        """Where a place is given twice, or none, they stay in their order."""
        kept = [entry for entry in self.entries if not entry.form.gone.data]
        return sorted(kept, key=lambda entry: _position(entry.form.position.data))


def _position(typed: Any) -> tuple[bool, int]:
    """Without one, last."""
    return (False, typed) if isinstance(typed, int) else (True, 0)


class ProductFacts(Form):
    title = fields.Input(_("Title"), required=True)
    slug = fields.Slug()
    description = fields.LongText(
        _("Description"),
        help=_("Text with blank lines between paragraphs, or HTML: lists, tables, links. Unsafe HTML is removed."),
    )
    category = fields.Reference(_("Category"), identity="category")
    vendor = fields.Input(_("Vendor"))
    tags = fields.CommaSeparated(_("Tags"), help=_("Separated by commas."))
    published = fields.Switch(_("Published: fans can see and buy it"))
    publish_at = fields.DateTime(_("Publish at"), help=_("A draft until then. Leave empty to publish manually."))


class OptionForm(Form):
    name = fields.Input(_("Option"), help=_("Size"))
    values = fields.CommaSeparated(_("Values"), help=_("S, M, L, XL"))


class NewProductForm(ProductFacts):
    """With a price it has its variants at once: one for each combination of the options, or just one."""

    options = fields.Rows(
        fields.Row(OptionForm),
        _("Options"),
        help=_("Every combination becomes a variant. Leave empty if the product has only one."),
    )
    price = fields.Money(_("Price"), help=_("For all variants. Leave empty to add variants later."))
    stock = fields.Number(_("Quantity of each"), empty=None, help=_("Leave empty if stock is not tracked."))
    max_per_order = fields.Number(_("Max. per order"), default=10)
    images = Pictures()
    uploads = fields.Files(_("Add images"), help=_("JPEG, PNG, WebP, GIF or AVIF, 15 MB at most."))
    translations = fields.Translations()


class OptionTextForm(Form):
    """What an option, or one of its values, is called in another language."""

    original = fields.Hidden(_("Option"))
    text = fields.Input(_("Option"))


class OptionTexts(fields.Keyed):
    """Each is asked for by what it is called in the main language; what is empty is not translated."""

    def process(self, formdata: Any, *rest: Any, **more: Any) -> None:
        super().process(formdata, *rest, **more)
        for entry in self.entries:
            entry.form.text.label.text = entry.form.original.text

    @property
    def data(self) -> Any:
        rows = [entry.form.data for entry in self.entries]
        return {row["original"]: row["text"] for row in rows if row["text"]}

    @data.setter
    def data(self, value: Any) -> None:
        """WTForms sets it while it makes the rows; they know better."""


class ProductTextsForm(fields.TextsForm):
    """Of `apps.shop.staff_schemas.ProductTexts`."""

    options = OptionTexts(
        OptionTextForm,
        _("Options"),
        key="original",
        value="text",
        help=_("New options and values appear here once they are saved."),
        spare=0,
    )


class OptionsForm(Form):
    """Has the fields OPTIONS, which are one list in its data: `options`."""

    option_1 = fields.Input(_("Option"))
    option_2 = fields.Input(_("Option"))
    option_3 = fields.Input(_("Option"))

    @property
    def data(self) -> dict[str, Any]:
        values = {name: field.data for name, field in self._fields.items() if name not in OPTIONS}
        return {**values, "options": [self[name].data for name in OPTIONS if name in self]}

    def ask(self, option_names: Sequence[str]) -> None:
        """They are called as the product calls them, and those too many go."""
        for name, option in zip(OPTIONS, option_names, strict=False):
            self[name].label.text = option
        for name in OPTIONS[len(option_names) :]:
            if name in self:
                del self[name]


class VariantForm(OptionsForm):
    id = fields.Hidden(_("ID"), empty=None)
    price = fields.Money(_("Price"))
    compare_at = fields.Money(_("Compare-at price"))
    sku = fields.Input(_("SKU"))
    stock = fields.Number(_("Quantity"), empty=None)
    max_per_order = fields.Number(_("Max. per order"), default=10)
    max_per_customer = fields.Number(_("Max. per customer"), empty=None)
    position = fields.Number(_("Position"), empty=0, default=None)
    archived = fields.Switch(_("Archive"))

    def ask(self, option_names: Sequence[str]) -> None:
        """For stock only when it is new; what is new cannot go to the archive yet."""
        super().ask(option_names)
        needless = "stock" if self.id.data else "archived"
        if needless in self:
            del self[needless]


class Variants(fields.Rows):
    """Each asks for the options of the product."""

    option_names: Sequence[str] = ()

    def append_entry(self, *rest: Any, **more: Any) -> Any:
        entry = super().append_entry(*rest, **more)
        entry.form.ask(self.option_names)
        return entry

    def ask(self, option_names: Sequence[str]) -> None:
        self.option_names = option_names
        for entry in self.entries:
            entry.form.ask(option_names)


class ProductForm(ProductFacts):
    option_names = fields.CommaSeparated(
        _("Options"),
        help=_(
            "What the variants differ in, such as Size or Color. While there are variants, the number of "
            "options cannot change."
        ),
    )
    variants = Variants(
        fields.Row(VariantForm),
        _("Variants"),
        help=_("Add a new variant in the last row. To change quantities, receive a delivery or count the stock."),
    )
    images = Pictures()
    uploads = fields.Files(_("Add images"), help=_("JPEG, PNG, WebP, GIF or AVIF, 15 MB at most."))
    translations = fields.Translations(ProductTextsForm)


def values_of(product: ProductWithVariantsOut) -> dict[str, Any]:
    """What stands in the form of a product that is there."""
    return {
        **{name: getattr(product, name) for name in product.__struct_fields__},
        "images": [{"url": each.url, "alt": each.alt, "position": n} for n, each in enumerate(product.images, start=1)],
        "variants": [_row(each) for each in product.variants],
        "translations": {
            locale: _texts(product, product.translations.get(locale, ProductTexts())) for locale in OTHER_LOCALES
        },
    }


def _texts(product: ProductWithVariantsOut, texts: ProductTexts) -> dict[str, Any]:
    """With a row for every option, and after it for its values."""
    of_options = zip(product.option_names, *(variant.options for variant in product.variants), strict=False)
    known = dict.fromkeys(chain(*of_options), "")
    return {"title": texts.title, "description": texts.description, "options": _cut(known | dict(texts.options))}


def _cut(texts: Mapping[str, str]) -> dict[str, str]:
    """As many as there may be: of those without a text the last are left out."""
    empty = [each for each, text in texts.items() if not text]
    left_out = set(empty[max(0, MOST_OPTION_TEXTS - len(texts) + len(empty)) :])
    return {each: text for each, text in texts.items() if each not in left_out}


def _row(variant: Any) -> dict[str, Any]:
    price = variant.prices.get(settings.currency)
    return {
        **{name: getattr(variant, name) for name in ("id", "sku", "max_per_order", "max_per_customer", "position")},
        **dict(zip(OPTIONS, variant.options, strict=False)),
        "price": price and price.amount,
        "compare_at": price and price.compare_at,
    }
