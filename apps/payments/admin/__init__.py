"""Payments in the back office, and what providers reported of them."""

from apps.payments.admin.payments import PaymentAdmin
from apps.payments.admin.providers import PaymentProviderAdmin
from apps.payments.admin.webhook_events import WebhookEventAdmin

__all__ = ["PaymentAdmin", "PaymentProviderAdmin", "WebhookEventAdmin"]
