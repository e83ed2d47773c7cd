"""PayPal's signatures of webhooks, and its own call by which they are looked at."""

import hmac
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from uuid import uuid4
from zlib import crc32

import msgspec

from project.settings import settings

CERTIFICATES = {"new": b"of this year", "old": b"of last year"}
"""PayPal's own, both good."""
NAMES = ("Auth-Algo", "Cert-Url", "Transmission-Id", "Transmission-Time", "Transmission-Sig")


class VerifyBody(msgspec.Struct, forbid_unknown_fields=True):
    auth_algo: str
    cert_url: str
    transmission_id: str
    transmission_time: str
    transmission_sig: str
    webhook_id: str
    webhook_event: msgspec.Raw


def signed(body: bytes, *, age: int, by: str) -> Mapping[str, str]:
    url = f"https://api.paypal.com/v1/notifications/certs/{by}"
    told = ["SHA256withRSA", url, str(uuid4()), text_of(datetime.now(UTC) - timedelta(seconds=age)), _webhook_id()]
    values = (*told[:4], _signature(CERTIFICATES.get(by, b"not PayPal's"), told, body))
    return {f"Paypal-{name}": value for name, value in zip(NAMES, values, strict=True)}


def verified(body: bytes) -> dict[str, str]:
    """It wants the event as it came: what is signed is its checksum."""
    asked = msgspec.json.decode(body, type=VerifyBody)
    told = [asked.auth_algo, asked.cert_url, asked.transmission_id, asked.transmission_time, _webhook_id()]
    certificate = CERTIFICATES.get(asked.cert_url.rpartition("/")[2])
    is_good = certificate is not None and asked.webhook_id == _webhook_id()
    is_good = is_good and asked.transmission_sig == _signature(certificate or b"", told, bytes(asked.webhook_event))
    return {"verification_status": "SUCCESS" if is_good else "FAILURE"}


def text_of(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _webhook_id() -> str:
    return settings.provider_variables["PAYPAL_WEBHOOK_ID"]


def _signature(certificate: bytes, told: list[str], body: bytes) -> str:
    return hmac.new(certificate, f"{'|'.join(told)}|{crc32(body)}".encode(), sha256).hexdigest()
