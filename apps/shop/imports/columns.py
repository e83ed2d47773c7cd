"""Which columns of a sheet say something of a product's or variant's field."""

FROM_COLUMNS = {
    "description": {"description"},
    "vendor": {"vendor"},
    "category": {"category", "taxonomy"},
    "tags": {"tags"},
    "published": {"published", "status"},
    "sku": {"sku"},
    "barcode": {"barcode"},
    "grams": {"grams"},
    "needs_shipping": {"needs_shipping"},
    "tax_class": {"taxable"},
    "compare_at": {"compare_at"},
    "alt": {"image_alt"},
}
