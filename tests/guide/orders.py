"""What fans have ordered."""

from tests.guide.manager import Manager


async def free_tickets(manager: Manager) -> None:
    await manager.follow("Orders")
    await manager.follow("Add")
    await manager.choose("Ticket or variant", "Oslo")
    await manager.fill("Quantity", "2")
    await manager.fill("Name", "Radio Harbour")
    await manager.fill("Email", "desk@radio.example")
    await manager.fill("Reason", "Prize for the morning show")
    await manager.picture("free-tickets", "Ticket or variant", "Reason", "Save", height=1060)
    await manager.press("Save")


async def find_order(manager: Manager) -> None:
    await _look_for(manager, "Jonas Weber")
    await manager.picture("find-order", "Number, email or name", "Apply")
    await manager.follow_row("Jonas Weber")


async def refund_a_ticket(manager: Manager) -> None:
    await _open_order(manager, "Jonas Weber")
    await manager.follow("Refund items")
    await manager.fill("Quantity", "1")
    await manager.fill("Reason", "A friend cannot come")
    await manager.picture("refund-a-ticket", "Quantity", "Refund items", below="Items to refund")
    await manager.press("Refund items")


async def mail_again(manager: Manager) -> None:
    await _open_order(manager, "Jonas Weber")
    await manager.follow("Resend email")
    await manager.fill("Send to another address", "jonas.weber@fans.example")
    await manager.picture("mail-again", "Resend email")
    await manager.press("Resend email")


async def send_parcels(manager: Manager) -> None:
    await manager.follow("Orders")
    await manager.select("Parcels", "To pack")
    await manager.press("Apply")
    await manager.tick("Select all")
    await manager.picture("send-parcels", "Mark as packed")
    await manager.press("Mark as packed")
    await manager.press("Mark as packed")


async def export(manager: Manager) -> None:
    await manager.follow("Orders")
    await manager.choose("Concert", "Oslo")
    await manager.press("Apply")
    await manager.picture("export", "Apply", "Export as CSV")
    assert "Jonas Weber" in await manager.download("Export as CSV")


async def _open_order(manager: Manager, name: str) -> None:
    await _look_for(manager, name)
    await manager.follow_row(name)


async def _look_for(manager: Manager, name: str) -> None:
    await manager.follow("Orders")
    await manager.fill("Number, email or name", name)
    await manager.press("Apply")


TASKS = {
    "free-tickets": free_tickets,
    "find-order": find_order,
    "refund-a-ticket": refund_a_ticket,
    "mail-again": mail_again,
    "send-parcels": send_parcels,
    "export": export,
}
