"""What staff and visitors do with pictures over HTTP. Every step checks its status."""

import httpx

from tests.staff_api import STAFF, StaffApi


class Gallery:
    def __init__(self, staff_api: StaffApi) -> None:
        self.staff_api = staff_api
        self.client = staff_api.client

    async def send(self, data: bytes, *, status: int = 201, kind: str = "image/jpeg") -> dict:
        headers = {**self.staff_api.headers, "Content-Type": kind}
        answer = await self.client.post(f"{STAFF}/images", content=data, headers=headers)
        assert answer.status_code == status, answer.text
        return answer.json()

    async def look(self, image: dict) -> dict:
        return await self.staff_api.get(f"/images/{image['id']}")

    async def fetch(self, path: str, *, status: int = 200, headers: dict[str, str] | None = None) -> httpx.Response:
        """As a browser does."""
        answer = await self.client.get(path, headers=headers)
        assert answer.status_code == status, path
        return answer

    async def versions(self, image: dict) -> list[bytes]:
        """The smallest first."""
        folder = image["url"].rpartition("/")[0]
        return [(await self.fetch(f"{folder}/{width}.webp")).content for width in (320, 640, 1280)]
