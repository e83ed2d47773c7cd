"""PayPal's search of transactions, over the captures and refunds of the stand-in."""

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs

Object = dict[str, Any]
SEARCH = "/v1/reporting/transactions"
STATES = {"COMPLETED": "S", "PENDING": "P", "DECLINED": "D", "FAILED": "D"}


def searched(query: str, captures: Collection[Object], refunds: Collection[Object]) -> Object:
    asked = {name: value for name, (value,) in parse_qs(query).items()}
    first, last = datetime.fromisoformat(asked["start_date"]), datetime.fromisoformat(asked["end_date"])
    found = [
        each
        for each in _transactions(captures, refunds)
        if first <= datetime.fromisoformat(each["transaction_initiation_date"]) <= last
    ]
    page, size = int(asked["page"]), int(asked["page_size"])
    shown = [{"transaction_info": each} for each in found[(page - 1) * size : page * size]]
    return {
        "transaction_details": shown,
        "total_items": len(found),
        "total_pages": -(-len(found) // size),
        "page": page,
    }


def _transactions(captures: Collection[Object], refunds: Collection[Object]) -> Iterator[Object]:
    for each in captures:
        yield _info(each, "T0006", each["amount"])
    for each in refunds:
        back = {**each["amount"], "value": f"-{each['amount']['value']}"}
        of = each["links"][0]["href"].rpartition("/")[2]
        yield _info(each, "T1107", back) | {"paypal_reference_id": of, "paypal_reference_id_type": "TXN"}


def _info(what: Object, code: str, amount: Object) -> Object:
    info = {"transaction_id": what["id"], "transaction_event_code": code, "transaction_amount": amount}
    info |= {"transaction_initiation_date": what["create_time"], "transaction_status": STATES[what["status"]]}
    return info | {"custom_field": what.get("custom_id", "")}
