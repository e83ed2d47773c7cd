"""What the band's office does over the staff's API. Every step checks its status."""

from typing import Any

import httpx

STAFF = "/api/v1/staff"
BERLIN = {
    "name": "Kesselhaus",
    "city": "Berlin",
    "country": "Germany",
    "coordinates": {"latitude": 52.54, "longitude": 13.41},
}
STANDING = {"name": "Standing", "prices": {"EUR": {"amount": 3000}}, "allocation": {}}
OUTPUT_ONLY = ("id", "state", "archived_at", "orders_with_tickets", "finished", "concert", "title", "active")


class StaffApi:
    def __init__(self, client: httpx.AsyncClient, headers: dict[str, str]) -> None:
        self.client = client
        self.headers = headers

    async def ask(
        self, method: str, path: str, *, status: int = 200, json: Any = None, headers: dict[str, str] | None = None
    ) -> httpx.Response:
        """`path` below the staff's API."""
        answer = await self.client.request(
            method, f"{STAFF}{path}", json=json, headers={**self.headers, **(headers or {})}
        )
        assert answer.status_code == status, answer.text
        return answer

    async def get(self, path: str, *, status: int = 200) -> dict:
        return (await self.ask("GET", path, status=status)).json()

    async def add(self, path: str, body: dict, *, status: int = 201) -> dict:
        return (await self.ask("POST", path, status=status, json=body)).json()

    async def do(self, path: str, action: str, *, status: int = 200) -> dict:
        return (await self.ask("POST", f"{path}/{action}", status=status)).json()

    async def change(self, path: str, body: dict, *, status: int = 200, tag: str | None = None) -> dict:
        """From the version that is there now, if no other `tag` is given."""
        tag = tag or (await self.ask("GET", path)).headers["etag"]
        return (await self.ask("PUT", path, status=status, json=body, headers={"If-Match": tag})).json()

    async def concert(self, **facts: object) -> dict:
        """A draft at a venue of its own."""
        venue = await self.add("/venues", {**BERLIN, "name": f"Hall of {facts.get('title', 'Live')}"})
        body = {"title": "Live", "venue": venue["id"], "starts_at": "2099-05-21T18:00:00Z", **facts}
        return await self.add("/concerts", body)

    async def on_sale(self, **facts: object) -> tuple[dict, dict]:
        """A concert on sale with one ticket type."""
        concert = await self.concert(**facts)
        ticket_type = await self.add(f"/concerts/{concert['id']}/ticket-types", STANDING)
        await self.do(f"/concerts/{concert['id']}", "announce")
        return await self.do(f"/concerts/{concert['id']}", "put-on-sale"), ticket_type


def editable(shown: dict, *also: str) -> dict:
    """The part of a resource that a change sends back."""
    return {name: value for name, value in shown.items() if name not in OUTPUT_ONLY or name in also}
