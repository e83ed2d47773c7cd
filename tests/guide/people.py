"""Coming in, and who works here."""

from project.demo.people import PASSWORD
from tests.guide.manager import Manager

ADMIN, MANAGER = "admin@example.org", "manager@example.org"


async def sign_in(manager: Manager) -> None:
    await manager.open("/admin")
    await manager.fill("Email", MANAGER)
    await manager.fill("Password", PASSWORD)
    await manager.picture("sign-in", "Sign in")
    await manager.press("Sign in")


async def overview(manager: Manager) -> None:
    await manager.follow("Overview")
    await manager.picture("overview", "Needs attention")


async def new_colleague(manager: Manager) -> None:
    await manager.sign_out()
    await manager.sign_in(ADMIN)
    await manager.follow("Users")
    await manager.follow("Add")
    await manager.fill("Email", "ines@example.org")
    await manager.fill("Name", "Ines Harbour")
    await manager.tick("Door staff")
    await manager.picture("new-colleague", "Save")
    await manager.press("Save")
    await manager.follow("Send password link")
    await manager.press("Send password link")


async def deactivate(manager: Manager) -> None:
    await manager.follow("Users")
    await manager.follow("door@example.org")
    await manager.follow("Deactivate")
    await manager.picture("deactivate", "Deactivate")
    await manager.press("Deactivate")


async def erasure(manager: Manager) -> None:
    await manager.follow("Erasures")
    await manager.follow("Add")
    await manager.fill("Email", "door@example.org")
    await manager.picture("erasure", "Save")
    await manager.press("Save")
    await manager.follow("Cancel erasure")
    await manager.press("Cancel erasure")


async def who_did_it(manager: Manager) -> None:
    await manager.follow("Products")
    await manager.follow("Sticker Sheet")
    await manager.follow("Audit log")
    await manager.select("Action", "Refunds")
    await manager.choose("Who", "Manager")
    await manager.press("Apply")
    await manager.picture("who-did-it", "Apply")
    await manager.follow_row("Refunded")


TASKS = {
    "sign-in": sign_in,
    "overview": overview,
    "new-colleague": new_colleague,
    "deactivate": deactivate,
    "erasure": erasure,
    "who-did-it": who_did_it,
}
