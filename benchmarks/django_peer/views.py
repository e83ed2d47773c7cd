"""The two lists: each one page of keyset pagination, serialised from annotated rows."""

from collections.abc import Sequence
from typing import Any

from django.db.models import (
    Case,
    Exists,
    F,
    IntegerField,
    Max,
    Min,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    TextField,
    When,
)
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Coalesce, JSONObject, Now
from rest_framework.generics import ListAPIView
from rest_framework.pagination import CursorPagination
from rest_framework.response import Response

from apps.orders.offers.availability import NONE, NONE_FOR_NOW, UNCOUNTED
from benchmarks.django_peer.models import (
    Concert,
    Hold,
    OfferPool,
    Product,
    ProductImage,
    ProductPrice,
    TicketType,
    Variant,
)
from benchmarks.django_peer.serializers import ConcertSerializer, ProductSerializer

CURRENCY, LOCALE = "EUR", "en"


def most_pieces(offers: QuerySet[Any], parent: str) -> Subquery:
    """What is left of the offer of `parent` of which most is left; null without one on sale."""
    left = F("pool__capacity") - F("pool__reserved")
    is_held = Exists(Hold.objects.filter(pool=OuterRef("pool"), state="held"))
    fewest = Min(Case(When(is_full=False, then=left / F("units")), When(is_held, then=NONE_FOR_NOW), default=NONE))
    pools = OfferPool.objects.alias(is_full=Q(pool__capacity__lt=F("pool__reserved") + F("units")))
    pools = pools.filter(offer_id=OuterRef("offer_id")).values("offer_id")
    pieces = Coalesce(Subquery(pools.annotate(fewest=fewest).values("fewest")), UNCOUNTED)
    opened = Q(offer__sale_from=None) | Q(offer__sale_from__lte=Now())
    not_over = Q(offer__sale_until=None) | Q(offer__sale_until__gt=Now())
    counted = offers.filter(opened, not_over, offer__active=True).values(parent).annotate(most=Max(pieces))
    return Subquery(counted.values("most"), output_field=IntegerField())


def shown(name: str, source: str = "") -> Coalesce:
    """The text in the reader's language, else in the main one."""
    text = KeyTextTransform(name, KeyTransform(LOCALE, f"{source}translations"))
    return Coalesce(text, f"{source}{name}", output_field=TextField())


class Pages(CursorPagination):
    page_size = 20

    def get_paginated_response(self, data: Sequence[Any]) -> Response:
        return Response({"items": data, "next": self.get_next_link()})


class ByTitle(Pages):
    ordering = ("title", "id")


class ByStart(Pages):
    ordering = ("starts_at", "id")


class ProductList(ListAPIView):
    serializer_class = ProductSerializer
    pagination_class = ByTitle
    prices = ProductPrice.objects.filter(product_id=OuterRef("id"), currency=CURRENCY).values(
        all=JSONObject(amount="amount", highest="highest", compare_at="compare_at")
    )
    queryset = (
        Product.objects.filter(published=True, archived_at=None)
        .select_related("category")
        .annotate(prices=Subquery(prices), shown_title=shown("title"), category_title=shown("title", "category__"))
        .annotate(pieces=most_pieces(Variant.objects.filter(product_id=OuterRef("id")), "product_id"))
        .prefetch_related(Prefetch("images", ProductImage.objects.order_by("position", "id")))
        .only("id", "slug", "title", "category__slug", "category__archived_at")
    )


class ConcertList(ListAPIView):
    serializer_class = ConcertSerializer
    pagination_class = ByStart
    queryset = (
        Concert.objects.exclude(state="draft")
        .filter(archived_at=None, starts_at__gte=Now())
        .select_related("venue", "tour")
        .annotate(shown_title=shown("title"), tour_title=shown("title", "tour__"))
        .annotate(pieces=most_pieces(TicketType.objects.filter(concert_id=OuterRef("id")), "concert_id"))
        .only("id", "slug", "starts_at", "state", "tickets_elsewhere", "venue", "tour__slug", "tour__archived_at")
    )
