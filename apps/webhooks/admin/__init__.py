"""Webhooks in the back office."""

from apps.webhooks.admin.deliveries import WebhookDeliveryAdmin
from apps.webhooks.admin.endpoints import WebhookEndpointAdmin

__all__ = ["WebhookDeliveryAdmin", "WebhookEndpointAdmin"]
