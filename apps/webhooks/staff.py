"""Webhooks, for staff."""

from typing import Annotated
from uuid import UUID

from litestar import Controller, Response, get, post
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec.structs import asdict

from apps.accounts.guards import Staff, fresh_proof, requires
from apps.accounts.resources import routes
from apps.core.db.archive import InArchive
from apps.core.errors import Invalid, NotFound
from apps.core.http.openapi import problems
from apps.core.http.pagination import After, BadCursor, Page, PageSize
from apps.core.http.preconditions import shown
from apps.core.http.requests import PERSONAL, Reads, Session
from apps.webhooks.delivering.delivery import WebhookDisabled
from apps.webhooks.delivering.replay import send_again, send_failed_again
from apps.webhooks.delivering.signing import shown_secret
from apps.webhooks.endpoints import (
    UrlTaken,
    add_endpoint,
    disable_endpoint,
    enable_endpoint,
    rotate_secret,
    send_test,
)
from apps.webhooks.models import DeliveryState
from apps.webhooks.permissions import WebhookPermission as P
from apps.webhooks.repositories import DeliveryRepository
from apps.webhooks.resources import WEBHOOK, webhook_out
from apps.webhooks.schemas import (
    NewWebhookOut,
    WebhookDeliveryDetailsOut,
    WebhookDeliveryOut,
    WebhookIn,
    WebhookReplayIn,
    WebhookReplayOut,
    WebhookSecretOut,
)
from apps.webhooks.staff_reads import DeliveryQuery, delivery_details, list_deliveries

TAGS = ["Staff: webhooks"]
SEE, EDIT = [requires(P.WEBHOOKS_VIEW)], [requires(P.WEBHOOKS_EDIT)]
WebhookQuery = Annotated[UUID | None, QueryParameter(name="webhook", description="Of this webhook.", required=False)]
StateQuery = Annotated[
    DeliveryState | None, QueryParameter(name="state", description="waiting, delivered or failed.", required=False)
]
TypeQuery = Annotated[
    str | None, QueryParameter(name="type", description="Events of this type.", max_length=40, required=False)
]


class WebhookStaffController(Controller):
    path, tags = WEBHOOK.path, TAGS

    list = routes.to_list(WEBHOOK, "Webhooks, the newest first.")
    show = routes.to_show(WEBHOOK, "One webhook.")
    change = routes.to_change(
        WEBHOOK, "Change a webhook. What is waiting goes to the new URL.", UrlTaken, guards=[fresh_proof]
    )
    archive = routes.to_archive(WEBHOOK, "Take a webhook out of use; what was sent stays on record.")
    restore = routes.to_restore(WEBHOOK, "Put a webhook back into use, with the secret that it had.", UrlTaken)
    enable = routes.to_do(
        WEBHOOK,
        "enable",
        enable_endpoint,
        "It hears of events from now on.",
        InArchive,
        permission=P.WEBHOOKS_EDIT,
        guards=[fresh_proof],
    )
    disable = routes.to_do(
        WEBHOOK,
        "disable",
        disable_endpoint,
        "It hears nothing any more, and what is waiting for it is given up.",
        permission=P.WEBHOOKS_EDIT,
    )
    ping = routes.to_do(
        WEBHOOK,
        "ping",
        send_test,
        "Send an event of the type `ping`, whatever the webhook listens to.",
        InArchive,
        WebhookDisabled,
        permission=P.WEBHOOKS_EDIT,
    )

    @post("/", status_code=201, guards=[*EDIT, fresh_proof], responses=problems(Invalid, UrlTaken))
    async def create(self, data: JSONBody[WebhookIn], session: Session, current_user: Staff) -> Response[NewWebhookOut]:
        """Add a webhook. The answer is the only one with its secret: keep it.

        The secret is kept nowhere, so there is no `Idempotency-Key`: a repeat is refused by its URL.
        """
        endpoint = await add_endpoint(session, data, actor=current_user.actor)
        out = NewWebhookOut(**asdict(webhook_out(endpoint)), secret=shown_secret(endpoint))
        return shown(out, status=201, location=f"{WEBHOOK.path}/{endpoint.id}", live=(*WEBHOOK.live, "secret"))

    @post(
        "/{id:uuid}/rotate-secret",
        status_code=200,
        guards=[*EDIT, fresh_proof],
        responses=problems(NotFound, InArchive),
    )
    async def rotate_secret(
        self, id: FromPath[UUID], session: Session, current_user: Staff
    ) -> Response[WebhookSecretOut]:
        """Make a new secret. For 24 hours the one before signs, too."""
        endpoint = await WEBHOOK.lock(session, id)
        await rotate_secret(session, endpoint, actor=current_user.actor)
        out = WebhookSecretOut(id=id, secret=shown_secret(endpoint), former_until=endpoint.former_until)
        return shown(out)

    @post("/{id:uuid}/replay", status_code=200, guards=EDIT, responses=problems(NotFound, InArchive, WebhookDisabled))
    async def replay(
        self, id: FromPath[UUID], data: JSONBody[WebhookReplayIn], session: Session, current_user: Staff
    ) -> WebhookReplayOut:
        """Send again all that was given up since a time."""
        endpoint = await WEBHOOK.lock(session, id)
        return WebhookReplayOut(await send_failed_again(session, endpoint, since=data.since, actor=current_user.actor))


class DeliveryStaffController(Controller):
    path, tags = "/api/v1/staff/webhook-deliveries", TAGS

    @get("/", guards=SEE, cache_control=PERSONAL, responses=problems(BadCursor))
    async def list(
        self,
        reads: Reads,
        webhook: WebhookQuery = None,
        state_filter: StateQuery = None,
        type: TypeQuery = None,
        limit: PageSize = 20,
        after: After = None,
    ) -> Page[WebhookDeliveryOut]:
        """What was sent, or is to be, the newest first."""
        query = DeliveryQuery(webhook=webhook, state=state_filter, type=type)
        return await list_deliveries(reads, query, limit=limit, after=after)

    @get("/{id:uuid}", guards=SEE, cache_control=PERSONAL, responses=problems(NotFound))
    async def show(self, id: FromPath[UUID], reads: Reads) -> WebhookDeliveryDetailsOut:
        """One delivery with its payload and its attempts."""
        return await delivery_details(reads, id)

    @post("/{id:uuid}/replay", status_code=200, guards=EDIT, responses=problems(NotFound, InArchive, WebhookDisabled))
    async def replay(self, id: FromPath[UUID], session: Session, current_user: Staff) -> WebhookDeliveryDetailsOut:
        """Send it again, with the same `webhook-id`."""
        delivery = await DeliveryRepository(session=session).find(id)
        await send_again(session, delivery, actor=current_user.actor)
        return await delivery_details(await session.connection(), id)
