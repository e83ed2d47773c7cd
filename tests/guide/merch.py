"""What the shop sells, and what of it is there."""

from pathlib import Path
from tempfile import TemporaryDirectory

from tests.guide.manager import Manager

SHIRT, HOODIE = "Night Crossing T-shirt", "Wake Hoodie"
SHEET = """Handle,Title,Vendor,Option1 Name,Option1 Value,Variant Price,Variant Inventory Tracker,Variant Inventory Qty
gull-mug,Gull Mug,The Slow Ferries,Title,Default Title,14.00,shopify,40
storm-cap,Storm Cap,The Slow Ferries,Colour,Black,24.00,shopify,30
storm-cap,,,,Navy,24.00,shopify,30
ferry-print,Ferry Print,The Slow Ferries,Title,Default Title,a lot,shopify,10
"""


async def new_product(manager: Manager) -> None:
    await manager.follow("Products")
    await manager.follow("Add")
    await manager.fill("Title", SHIRT)
    await manager.choose("Category", "Clothing")
    await manager.tick("Published: fans can see and buy it")
    await manager.fill("Option", "Size")
    await manager.fill("Values", "S, M, L, XL")
    await manager.fill("Price", "30")
    await manager.fill("Quantity of each", "25")
    await manager.picture("new-product", "Price", "Quantity of each", "Save", below="Options")
    await manager.press("Save")


async def product_pictures(manager: Manager) -> None:
    with TemporaryDirectory() as folder:
        photo = Path(folder) / "front.jpg"
        await manager.photograph("/static/demo/crossing-t-shirt.svg", photo)
        await manager.open("/admin/product/list")
        await manager.follow(SHIRT)
        await manager.follow("Edit")
        await manager.add_files("Add images", photo)
        await manager.press("Save")
    await manager.wait_for(".pictures img")
    await manager.follow("Edit")
    await manager.fill("Alt text", "A black T-shirt with a ferry under the moon")
    await manager.picture("product-pictures", "Alt text", "Add images", "Save", below="Images")
    await manager.press("Save")


async def import_products(manager: Manager) -> None:
    with TemporaryDirectory() as folder:
        sheet = Path(folder) / "shopify.csv"
        sheet.write_text(SHEET)
        await manager.follow("Product imports")
        await manager.follow("Add")
        await manager.add_files("File", sheet)
        await manager.press("Save")
    await manager.wait_for("table")
    await manager.read()
    await manager.picture("import-products", "Import", "Changes to be made")
    await manager.follow("Import")
    await manager.press("Import")
    await manager.wait_for(".state-done")


async def restock(manager: Manager) -> None:
    await manager.follow("Products")
    await manager.follow(HOODIE)
    await manager.follow("Receive a delivery")
    await manager.fill("S / Navy", "12")
    await manager.fill("L / Navy", "20")
    await manager.fill("Note", "Printer's delivery 2093")
    await manager.picture("restock", "Receive a delivery")
    await manager.press("Receive a delivery")


async def count_stock(manager: Manager) -> None:
    await manager.follow("Stock")
    await manager.fill("Title", "Deck Tote")
    await manager.press("Apply")
    await manager.follow("Deck Tote")
    await manager.follow("Counted")
    await manager.fill("Quantity", "61")
    await manager.fill("Note", "After the weekend in Ghent")
    await manager.picture("count-stock", "Counted")
    await manager.press("Counted")


async def new_price(manager: Manager) -> None:
    await manager.follow("Products")
    await manager.follow("Deck Tote")
    await manager.follow("New prices")
    await manager.fill("New price", "14")
    await manager.press("Preview changes")
    await manager.picture("new-price", "New price", "New prices")
    await manager.press("New prices")


async def off_sale(manager: Manager) -> None:
    await manager.follow("Products")
    await manager.follow("Sticker Sheet")
    await manager.picture("off-sale", "Hide")
    await manager.follow("Hide")
    await manager.press("Hide")


async def new_category(manager: Manager) -> None:
    await manager.follow("Categories")
    await manager.follow("Add")
    await manager.fill("Title", "Bundles")
    await manager.fill("Position in lists", "1")
    await manager.picture("new-category", "Save")
    await manager.press("Save")


TASKS = {
    "new-product": new_product,
    "product-pictures": product_pictures,
    "import-products": import_products,
    "restock": restock,
    "count-stock": count_stock,
    "new-price": new_price,
    "off-sale": off_sale,
    "new-category": new_category,
}
