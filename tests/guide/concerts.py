"""From an idea for an evening to a sold-out hall, and what can come between."""

from tests.guide.manager import Manager, evening

CONCERT = "An Evening on the Pier"
TYPES = (("Standing", "28", ""), ("Balcony, seated", "36", "60"), ("VIP: dinner with the band", "95", "12"))


async def new_concert(manager: Manager) -> None:
    await manager.follow("Concerts")
    await manager.follow("Add")
    await manager.fill("Title", CONCERT)
    await manager.choose("Venue", "Leuchtturmkeller")
    await manager.fill("Starts", evening(150))
    await manager.choose("Tour", "Night Crossing")
    await manager.fill("Places in the hall", "300")
    for number, (title, price, at_most) in enumerate(TYPES):
        await manager.fill("Title", title, nth=1 + number)
        await manager.fill("Price", price, nth=number)
        await manager.fill("At most", at_most, nth=number)
    await manager.picture(
        "new-concert", "Places in the hall", "At most", "Save", below="Places in the hall", height=1130
    )
    await manager.press("Save")


async def put_on_sale(manager: Manager) -> None:
    await _find(manager, CONCERT)
    await manager.picture("put-on-sale", "Announce")
    await manager.follow("Announce")
    await manager.press("Announce")
    await manager.follow("Put on sale")
    await manager.press("Put on sale")


async def stop_the_sale(manager: Manager) -> None:
    await _find(manager, "The Slow Ferries in Hamburg")
    await manager.follow("Stop sales")
    await manager.picture("stop-the-sale", "Stop sales")
    await manager.press("Stop sales")


async def new_date(manager: Manager) -> None:
    await _find(manager, "The Slow Ferries in Helsinki")
    await manager.follow("Set a new date")
    await manager.fill("New date", evening(60))
    await manager.picture("new-date", "Set a new date")
    await manager.press("Set a new date")


async def call_off(manager: Manager) -> None:
    await _find(manager, "The Slow Ferries in Gdańsk")
    await manager.follow("Cancel concert")
    await manager.picture("call-off", "Cancel concert")
    await manager.press("Cancel concert")
    await manager.follow("Refund all tickets")
    await manager.press("Refund all tickets")


async def duplicate(manager: Manager) -> None:
    await _find(manager, "The Slow Ferries in London")
    await manager.follow("Duplicate")
    await manager.fill("New date", evening(90))
    await manager.picture("duplicate", "Duplicate")
    await manager.press("Duplicate")


async def _find(manager: Manager, title: str) -> None:
    await manager.follow("Concerts")
    await manager.follow(title)


TASKS = {
    "new-concert": new_concert,
    "put-on-sale": put_on_sale,
    "stop-the-sale": stop_the_sale,
    "new-date": new_date,
    "call-off": call_off,
    "duplicate": duplicate,
}
