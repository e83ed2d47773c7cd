"""The same JSON that the app answers."""

from typing import Any

from rest_framework import serializers

from apps.core.money import price_text
from apps.orders.offers.availability import left
from benchmarks.django_peer.models import Product

CURRENCY, LOCALE = "EUR", "en"


def named(related: Any, title: str) -> dict[str, str] | None:
    """Of a category or tour that is not in the archive."""
    return None if related is None or related.archived_at else {"slug": related.slug, "title": title}


class ImageSerializer(serializers.Serializer):
    url = serializers.CharField(source="source_url")
    alt = serializers.CharField()


class ProductSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    slug = serializers.CharField()
    title = serializers.CharField(source="shown_title")
    category = serializers.SerializerMethodField()
    currency = serializers.ReadOnlyField(default=CURRENCY)
    price_from = serializers.ReadOnlyField(source="prices.amount")
    price_text = serializers.SerializerMethodField()
    price_to = serializers.ReadOnlyField(source="prices.highest")
    compare_at = serializers.ReadOnlyField(source="prices.compare_at")
    compare_at_text = serializers.SerializerMethodField()
    availability = serializers.SerializerMethodField()
    image = serializers.SerializerMethodField()

    def get_category(self, product: Any) -> dict[str, str] | None:
        return named(product.category, product.category_title)

    def get_price_text(self, product: Any) -> str | None:
        return price_text(product.prices["amount"], CURRENCY, LOCALE)

    def get_compare_at_text(self, product: Any) -> str | None:
        return price_text(product.prices["compare_at"], CURRENCY, LOCALE)

    def get_availability(self, product: Any) -> str:
        return left(product.pieces).availability or "sold_out"

    def get_image(self, product: Product) -> dict[str, str] | None:
        first = next(iter(product.images.all()), None)
        return ImageSerializer(first).data if first else None


class VenueSerializer(serializers.Serializer):
    name = serializers.CharField()
    city = serializers.CharField()
    region = serializers.CharField()
    country = serializers.CharField()
    latitude = serializers.FloatField()
    longitude = serializers.FloatField()
    time_zone = serializers.CharField()


class ConcertSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    slug = serializers.CharField()
    title = serializers.CharField(source="shown_title")
    starts_at = serializers.DateTimeField()
    state = serializers.CharField()
    venue = VenueSerializer()
    tour = serializers.SerializerMethodField()
    availability = serializers.SerializerMethodField()
    distance_km = serializers.ReadOnlyField(default=None)
    tickets_elsewhere = serializers.SerializerMethodField()

    def get_tickets_elsewhere(self, concert: Any) -> list[dict[str, Any]]:
        """Until they are on sale here."""
        return [] if self.get_availability(concert) else concert.tickets_elsewhere

    def get_tour(self, concert: Any) -> dict[str, str] | None:
        return named(concert.tour, concert.tour_title)

    def get_availability(self, concert: Any) -> str | None:
        return left(concert.pieces).availability
