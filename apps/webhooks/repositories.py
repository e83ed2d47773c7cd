"""Endpoints, events and deliveries as they are found and locked. Locks go endpoint → delivery."""

from apps.core.db.repositories import LockingRepository
from apps.webhooks.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint, WebhookMessage

ENDPOINTS = WebhookEndpoint.table()
MESSAGES = WebhookMessage.table()
DELIVERIES = WebhookDelivery.table()
ATTEMPTS = WebhookAttempt.table()


class EndpointRepository(LockingRepository[WebhookEndpoint]):
    model_type = WebhookEndpoint


class DeliveryRepository(LockingRepository[WebhookDelivery]):
    model_type = WebhookDelivery
