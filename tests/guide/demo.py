"""A demo of its own for the guide, thrown away and made anew each time, with fans who order something."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from project.settings import ROOT

FOLDER = ROOT / ".data" / "guide"
PATIENCE = 180  # seconds for the demo to be made, on a busy machine
SETTINGS = {
    "ENVIRONMENT": "demo",
    "DATA_DIR": str(FOLDER),
    "DATABASE_URL": "",
    "LOCALE": "en",
    "CURRENCY": "EUR",
    "TIME_ZONE": "Europe/Berlin",
}
OSLO = {"line1": "Thorvald Meyers gate 12", "postal_code": "0555", "city": "Oslo", "country": "NO"}


@contextmanager
def fresh_demo(port: int) -> Iterator[str]:
    """Yields its address."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, str(ROOT / "manage.py"), "demo", "--fresh", "--port", str(port)]
    with (FOLDER / "demo.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=os.environ | SETTINGS, stdout=log, stderr=log)
    try:
        site = f"http://127.0.0.1:{port}"
        _wait_until_ready(process, site)
        yield site
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def _wait_until_ready(process: "subprocess.Popen[bytes]", site: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not _is_ready(site):
        if process.poll() is not None or time.monotonic() > deadline:
            raise SystemExit(f"The demo did not start:\n{(FOLDER / 'demo.log').read_text()[-2000:]}")
        time.sleep(0.5)


def _is_ready(site: str) -> bool:
    try:
        return httpx.get(f"{site}/health/ready", trust_env=False).is_success
    except httpx.TransportError:
        return False


def let_fans_order(site: str) -> None:
    """Two parcels to be sent, and three tickets of one order."""
    with httpx.Client(base_url=site, trust_env=False, timeout=30) as client:
        shirts, hoodies = (_variants(client, slug) for slug in ("crossing-t-shirt", "wake-hoodie"))
        _order(client, "Mara Lindqvist", {shirts[1]: 2, hoodies[1]: 1}, address=OSLO)
        _order(client, "Tomas Ferreira", {shirts[2]: 1}, address=OSLO | {"line1": "Toftes gate 4"})
        _order(client, "Jonas Weber", {_tickets(client, "Oslo"): 3}, delivery="pickup")


def _variants(client: httpx.Client, slug: str) -> list[str]:
    return [each["id"] for each in client.get(f"/api/v1/products/{slug}").json()["variants"]]


def _tickets(client: httpx.Client, city: str) -> str:
    concerts = client.get("/api/v1/concerts").json()["items"]
    slug = next(each["slug"] for each in concerts if each["venue"]["city"] == city)
    return str(client.get(f"/api/v1/concerts/{slug}").json()["ticket_types"][0]["id"])


def _order(client: httpx.Client, name: str, pieces: dict[str, int], **rest: Any) -> None:
    """Placed, and paid at the demo's provider."""
    email = f"{name.split()[0].lower()}@fans.example"
    lines = [{"offer": offer, "quantity": quantity} for offer, quantity in pieces.items()]
    order = _post(client, "/api/v1/checkout", {"email": email, "name": name, "lines": lines, **rest})
    payment = _post(client, f"/api/v1/orders/{order['number']}/payments?key={order['key']}", {"provider": "demo"})
    assert client.post(f"{payment['pay_url']}/pay").status_code == 303


def _post(client: httpx.Client, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = client.post(path, json=body)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())
