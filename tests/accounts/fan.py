"""Somebody with an account, who talks to the API as an app does. Every step checks its status."""

from typing import Any

import httpx

from apps.core.db.database import Database
from tests.letters import newest_letter, token_in

PASSWORD = "seven gulls over the harbour"


class Fan:
    def __init__(self, client: httpx.AsyncClient, *, email: str = "fan@example.org", password: str = PASSWORD) -> None:
        self.client = client
        self.email = email
        self.password = password
        self.access = self.refresh = ""

    async def open_account(self, db: Database, **extra: object) -> dict:
        """Register, and follow the link in the mail."""
        await self.register(**extra)
        return await self.confirm(token_in(await newest_letter(db)))

    async def register(self, *, status: int = 202, **extra: object) -> dict:
        body = {"email": self.email, "password": self.password, **extra}
        return await self.ask("POST", "/api/v1/auth/register", status, json=body)

    async def confirm(self, token: str, *, status: int = 201) -> dict:
        body = {"token": token, "password": self.password}
        return await self.ask("POST", "/api/v1/auth/confirm", status, json=body)

    async def forget(self, *, status: int = 202) -> dict:
        return await self.ask("POST", "/api/v1/auth/forgot", status, json={"email": self.email})

    async def reset(self, token: str, *, status: int = 204) -> dict:
        body = {"token": token, "password": self.password}
        return await self.ask("POST", "/api/v1/auth/reset", status, json=body)

    async def sign_in(self, *, status: int = 200, **extra: str) -> dict:
        form = {"grant_type": "password", "username": self.email, "password": self.password, **extra}
        return await self._token(form, status)

    async def renew(self, refresh: str | None = None, *, status: int = 200) -> dict:
        return await self._token({"grant_type": "refresh_token", "refresh_token": refresh or self.refresh}, status)

    async def me(self, *, status: int = 200) -> dict:
        return await self.ask("GET", "/api/v1/me", status)

    async def ask(self, method: str, path: str, status: int, **request: Any) -> dict:
        answer = await self.client.request(method, path, headers=self.headers, **request)
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else {}

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.access}"} if self.access else {}

    async def _token(self, form: dict[str, str], status: int) -> dict:
        answer = await self.client.post("/api/v1/auth/token", data=form)
        assert answer.status_code == status, answer.text
        body: dict = answer.json()
        self.access = body.get("access_token", self.access)
        self.refresh = body.get("refresh_token", self.refresh)
        return body
