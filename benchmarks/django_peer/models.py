"""The catalogue's tables, as far as its lists read them."""

from django.db import models


class Unmanaged(models.Model):
    id = models.UUIDField(primary_key=True)

    class Meta:
        abstract = True
        managed = False


class Category(Unmanaged):
    slug = models.CharField(max_length=200)
    title = models.CharField(max_length=255)
    translations = models.JSONField()
    archived_at = models.DateTimeField(null=True)

    class Meta(Unmanaged.Meta):
        db_table = "category"


class Product(Unmanaged):
    slug = models.CharField(max_length=200)
    title = models.CharField(max_length=255)
    translations = models.JSONField()
    category = models.ForeignKey(Category, models.DO_NOTHING, null=True)
    published = models.BooleanField()
    archived_at = models.DateTimeField(null=True)

    class Meta(Unmanaged.Meta):
        db_table = "product"


class ProductPrice(models.Model):
    pk = models.CompositePrimaryKey("product_id", "currency")
    product = models.ForeignKey(Product, models.DO_NOTHING)
    currency = models.CharField(max_length=3)
    amount = models.BigIntegerField()
    highest = models.BigIntegerField()
    compare_at = models.BigIntegerField(null=True)

    class Meta:
        managed = False
        db_table = "product_price"


class ProductImage(Unmanaged):
    product = models.ForeignKey(Product, models.DO_NOTHING, related_name="images")
    source_url = models.CharField(max_length=2000)
    alt = models.CharField(max_length=512)
    position = models.IntegerField()

    class Meta(Unmanaged.Meta):
        db_table = "product_image"


class Offer(Unmanaged):
    active = models.BooleanField()
    sale_from = models.DateTimeField(null=True)
    sale_until = models.DateTimeField(null=True)

    class Meta(Unmanaged.Meta):
        db_table = "offer"


class Variant(models.Model):
    offer = models.OneToOneField(Offer, models.DO_NOTHING, primary_key=True)
    product = models.ForeignKey(Product, models.DO_NOTHING)

    class Meta:
        managed = False
        db_table = "variant"


class Pool(Unmanaged):
    capacity = models.IntegerField()
    reserved = models.IntegerField()

    class Meta(Unmanaged.Meta):
        db_table = "pool"


class Hold(models.Model):
    pk = models.CompositePrimaryKey("item_id", "pool_id")
    item_id = models.UUIDField()
    pool = models.ForeignKey(Pool, models.DO_NOTHING)
    state = models.CharField(max_length=20)

    class Meta:
        managed = False
        db_table = "hold"


class OfferPool(models.Model):
    pk = models.CompositePrimaryKey("offer_id", "pool_id")
    offer = models.ForeignKey(Offer, models.DO_NOTHING)
    pool = models.ForeignKey(Pool, models.DO_NOTHING)
    units = models.IntegerField()

    class Meta:
        managed = False
        db_table = "offer_pool"


class Venue(Unmanaged):
    name = models.CharField(max_length=255)
    city = models.CharField(max_length=120)
    region = models.CharField(max_length=120)
    country = models.CharField(max_length=120)
    latitude = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    longitude = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    time_zone = models.CharField(max_length=64)

    class Meta(Unmanaged.Meta):
        db_table = "venue"


class Tour(Unmanaged):
    slug = models.CharField(max_length=200)
    title = models.CharField(max_length=255)
    translations = models.JSONField()
    archived_at = models.DateTimeField(null=True)

    class Meta(Unmanaged.Meta):
        db_table = "tour"


class Concert(Unmanaged):
    slug = models.CharField(max_length=200)
    title = models.CharField(max_length=255)
    translations = models.JSONField()
    venue = models.ForeignKey(Venue, models.DO_NOTHING)
    tour = models.ForeignKey(Tour, models.DO_NOTHING, null=True)
    archived_at = models.DateTimeField(null=True)
    starts_at = models.DateTimeField()
    state = models.CharField(max_length=20)
    tickets_elsewhere = models.JSONField()

    class Meta(Unmanaged.Meta):
        db_table = "concert"


class TicketType(models.Model):
    offer = models.OneToOneField(Offer, models.DO_NOTHING, primary_key=True)
    concert = models.ForeignKey(Concert, models.DO_NOTHING)

    class Meta:
        managed = False
        db_table = "ticket_type"
