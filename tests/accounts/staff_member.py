"""Somebody of the staff, who talks to the staff's API. Every step checks its status."""

from typing import Any

import httpx

from apps.core.db.database import Database
from tests.staff import signed_in_as

USERS = "/api/v1/staff/users"
ROLES = "/api/v1/staff/roles"


class StaffMember:
    def __init__(self, client: httpx.AsyncClient, headers: dict[str, str]) -> None:
        self.client = client
        self.headers = headers

    async def ask(self, method: str, path: str, status: int, *, version: str | None = None, **request: Any) -> dict:
        headers = self.headers | ({"If-Match": version} if version else {})
        answer = await self.client.request(method, path, headers=headers, **request)
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else {}

    async def version(self, path: str) -> str:
        answer = await self.client.get(path, headers=self.headers)
        assert answer.status_code == 200, answer.text
        return answer.headers["etag"]

    async def change(self, path: str, body: dict, status: int = 200, *, part: str = "") -> dict:
        """As a person does: load it, then send the change with its version."""
        return await self.ask("PUT", path + part, status, version=await self.version(path), json=body)

    async def find(self, email: str) -> str:
        """The path of a person."""
        found = await self.ask("GET", USERS, 200, params={"q": email})
        return f"{USERS}/{found['items'][0]['id']}"

    async def role(self, name: str) -> str:
        """The path of a role."""
        found = await self.ask("GET", ROLES, 200, params={"limit": 100})
        return f"{ROLES}/{next(each['id'] for each in found['items'] if each['name'] == name)}"


async def hired(client: httpx.AsyncClient, db: Database, *roles: str, email: str | None = None) -> StaffMember:
    return StaffMember(client, await signed_in_as(db, *roles, email=email))
