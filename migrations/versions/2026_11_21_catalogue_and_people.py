"""Categories, tours, translations, archiving, search and the cheapest price; users, roles and sessions; rate limits.

`product` is written anew under its lock: a moment for hundreds of products, some seconds for ten thousand. Old web
processes do not know the new columns: stop them first. Going back, the extensions stay, which others may use.
"""

from collections.abc import Sequence
from uuid import uuid4

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "2026_11_21_catalogue_and_people"
down_revision: str | None = "2026_11_21_job_queue"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

EXTENSIONS = ("pg_trgm", "unaccent", "fuzzystrmatch")
FOLD = """
CREATE FUNCTION fold(text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN lower(public.unaccent('public.unaccent'::regdictionary, $1))
"""
WORDS = """
CREATE FUNCTION words(text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN array_remove(regexp_split_to_array($1 COLLATE "default", '[^[:alnum:]]+'), '')
"""
# "T-shirt" is found as "t shirt" and as "tshirt".
PRODUCT_WORDS = """
CREATE FUNCTION product_words(search text) RETURNS text[] LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN public.words(search) || public.words(replace(search, '-', ''))
"""
# Two neighbours swapped are one edit, not the two that levenshtein counts.
TYPING_EDITS = """
CREATE FUNCTION typing_edits(known text, typed text) RETURNS integer LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN CASE WHEN EXISTS (
    SELECT FROM generate_series(1, length(typed) - 1) AS place
    WHERE known = overlay(typed PLACING reverse(substr(typed, place, 2)) FROM place FOR 2)
) THEN 1 ELSE public.levenshtein_less_equal(known, typed, 2) END
"""
KEEP_WORDS = """
CREATE FUNCTION keep_product_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO product_word (word)
    SELECT DISTINCT word COLLATE "C" FROM changed CROSS JOIN unnest(tsvector_to_array(words)) AS word
    WHERE word ~ '^[[:alpha:]]{3,30}$' ORDER BY 1
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$
"""
ALL_WORDS = """
INSERT INTO product_word (word)
SELECT DISTINCT word COLLATE "C" FROM product CROSS JOIN unnest(tsvector_to_array(words)) AS word
WHERE word ~ '^[[:alpha:]]{3,30}$'
"""
CATEGORIES = (
    """
INSERT INTO category (id, slug, title)
SELECT gen_random_uuid(), slug, min(title)
FROM (SELECT category AS title, trim(BOTH '-' FROM regexp_replace(fold(category), '[^[:alnum:]]+', '-', 'g')) AS slug
      FROM product WHERE category <> '') AS named
WHERE slug <> '' GROUP BY slug
""",
    """
UPDATE product SET category_id = category.id FROM category
WHERE category.slug = trim(BOTH '-' FROM regexp_replace(fold(product.category), '[^[:alnum:]]+', '-', 'g'))
""",
)
LISTED = sa.text("published AND archived_at IS NULL")
LISTS = {
    "ix_product_title": ["title", "id"],
    "ix_product_created_at": ["created_at", "id"],
    "ix_product_category_id_title": ["category_id", "title", "id"],
    "ix_product_category_id_created_at": ["category_id", "created_at", "id"],
}
HIDE_THE_ARCHIVED = "UPDATE product SET published = false WHERE archived_at IS NOT NULL"
BACK_TO_TEXT = "UPDATE product SET category = category.title FROM category WHERE category.id = product.category_id"

REFRESH_PRICES = """
CREATE FUNCTION refresh_product_price(products uuid[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    -- One writer at a time for a product: the statements below then see what the one before has committed.
    PERFORM 1 FROM product WHERE id = ANY(products) ORDER BY id FOR NO KEY UPDATE;
    WITH cheapest AS (
        SELECT variant.product_id, offer_price.currency, min(offer_price.amount) AS amount, product.category_id
        FROM variant
        JOIN product ON product.id = variant.product_id
        JOIN offer ON offer.id = variant.offer_id AND offer.active
        JOIN offer_price ON offer_price.offer_id = offer.id
        WHERE variant.product_id = ANY(products)
        GROUP BY variant.product_id, offer_price.currency, product.category_id
    ), gone AS (
        DELETE FROM product_price
        WHERE product_id = ANY(products) AND (product_id, currency) NOT IN (SELECT product_id, currency FROM cheapest)
    )
    INSERT INTO product_price (product_id, currency, amount, category_id)
    SELECT product_id, currency, amount, category_id FROM cheapest
    ON CONFLICT (product_id, currency) DO UPDATE SET amount = excluded.amount
    WHERE product_price.amount <> excluded.amount;
END $$
"""
PRICES_CHANGED = """
CREATE FUNCTION offer_prices_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM refresh_product_price(ARRAY(SELECT DISTINCT product_id FROM changed JOIN variant USING (offer_id)));
    RETURN NULL;
END $$
"""
OFFERS_CHANGED = """
CREATE FUNCTION offers_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM refresh_product_price(ARRAY(
        SELECT DISTINCT product_id FROM variant
        JOIN changed ON changed.id = variant.offer_id JOIN before ON before.id = changed.id
        WHERE changed.active <> before.active
    ));
    RETURN NULL;
END $$
"""
VARIANTS_CHANGED = """
CREATE FUNCTION variants_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM refresh_product_price(ARRAY(SELECT DISTINCT product_id FROM changed));
    RETURN NULL;
END $$
"""
PRODUCTS_CHANGED = """
CREATE FUNCTION products_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE product_price SET category_id = changed.category_id
    FROM changed JOIN before ON before.id = changed.id
    WHERE product_price.product_id = changed.id AND changed.category_id IS DISTINCT FROM before.category_id;
    RETURN NULL;
END $$
"""
TRIGGERS = (
    ("offer_price", "INSERT", "NEW TABLE AS changed", "offer_prices_changed"),
    ("offer_price", "UPDATE", "NEW TABLE AS changed", "offer_prices_changed"),
    ("offer_price", "DELETE", "OLD TABLE AS changed", "offer_prices_changed"),
    ("offer", "UPDATE", "OLD TABLE AS before NEW TABLE AS changed", "offers_changed"),
    ("product", "UPDATE", "OLD TABLE AS before NEW TABLE AS changed", "products_changed"),
    ("variant", "INSERT", "NEW TABLE AS changed", "variants_changed"),
    ("variant", "DELETE", "OLD TABLE AS changed", "variants_changed"),
)
WORD_TRIGGERS = ("INSERT", "UPDATE")
FUNCTIONS = (
    "offer_prices_changed()",
    "offers_changed()",
    "products_changed()",
    "variants_changed()",
    "refresh_product_price(uuid[])",
    "keep_product_words()",
)
ALL_PRICES = "SELECT refresh_product_price(ARRAY(SELECT id FROM product))"

DOOR = ["concerts.view"]
MODERATOR = [*DOOR, "products.view", "stock.view", "orders.view", "users.view"]
MANAGER = [
    *MODERATOR,
    *("products.edit", "products.archive", "stock.move", "stock.edit"),
    *("concerts.edit", "concerts.archive", "concerts.sell", "concerts.cancel"),
    *("orders.cancel", "orders.refund"),
]
ROLES = (
    ("customer", "Customer", []),
    ("door", "Door staff", DOOR),
    ("moderator", "Moderator", MODERATOR),
    ("manager", "Manager", MANAGER),
    ("admin", "Administrator", []),
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for extension in EXTENSIONS:
        op.execute(f"CREATE EXTENSION IF NOT EXISTS {extension} SCHEMA public")
    for function in (FOLD, WORDS, PRODUCT_WORDS, TYPING_EDITS):
        op.execute(function)
    op.create_table(
        "category",
        sa.Column("slug", sa.String(length=200), nullable=False),
        sa.Column("title", sa.String(length=255), nullable=False),
        sa.Column("position", sa.Integer(), server_default="0", nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "translations", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_category")),
        sa.UniqueConstraint("slug", name=op.f("uq_category_slug")),
    )
    op.create_table(
        "rate_count",
        sa.Column("key", sa.Uuid(), nullable=False),
        sa.Column("hits", sa.Integer(), nullable=False),
        sa.Column("window_ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_rate_count")),
        prefixes=["UNLOGGED"],
    )
    roles = op.create_table(
        "role",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column(
            "permissions", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False
        ),
        sa.Column("built_in", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role")),
        sa.UniqueConstraint("name", name=op.f("uq_role_name")),
    )
    op.create_table(
        "tour",
        sa.Column("slug", sa.String(length=200), nullable=False),
        sa.Column("title", sa.String(length=255), nullable=False),
        sa.Column("description", sa.Text(), server_default="", nullable=False),
        sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "translations", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tour")),
        sa.UniqueConstraint("slug", name=op.f("uq_tour_slug")),
    )
    op.create_table(
        "users",
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=200), server_default="", nullable=False),
        sa.Column("locale", sa.String(length=5), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.CheckConstraint("email = lower(email)", name=op.f("ck_users_email_is_lower")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("email", name=op.f("uq_users_email")),
    )
    op.create_table(
        "user_role",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("role_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["role_id"], ["role.id"], name=op.f("fk_user_role_role_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_user_role_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", "role_id", name=op.f("pk_user_role")),
    )
    op.create_index("ix_user_role_role_id", "user_role", ["role_id"], unique=False)
    op.create_table(
        "user_session",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("family", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_user_session_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_session")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_user_session_token_hash")),
    )
    op.create_index("ix_user_session_expires_at", "user_session", ["expires_at"], unique=False)
    op.create_index("ix_user_session_family", "user_session", ["family"], unique=False)
    op.create_index("ix_user_session_user_id", "user_session", ["user_id"], unique=False)
    op.create_table(
        "product_price",
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("category_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["product_id"], ["product.id"], name=op.f("fk_product_price_product_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("product_id", "currency", name=op.f("pk_product_price")),
    )
    op.create_index(
        "ix_product_price_currency_amount", "product_price", ["currency", "amount", "product_id"], unique=False
    )
    op.create_index(
        "ix_product_price_category_id",
        "product_price",
        ["category_id", "currency", "amount", "product_id"],
        unique=False,
    )
    op.add_column("concert", sa.Column("tour_id", sa.Uuid(), nullable=True))
    op.add_column("concert", sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "concert",
        sa.Column(
            "translations", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
    )
    op.create_index("ix_concert_tour_id", "concert", ["tour_id", "starts_at", "id"], unique=False)
    op.create_index("ix_concert_venue_id", "concert", ["venue_id"], unique=False)
    op.create_foreign_key(op.f("fk_concert_tour_id"), "concert", "tour", ["tour_id"], ["id"])
    op.add_column("offer", sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "offer",
        sa.Column(
            "translations", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
    )
    op.add_column("orders", sa.Column("user_id", sa.Uuid(), nullable=True))
    op.create_index(
        "ix_orders_user_id", "orders", ["user_id"], unique=False, postgresql_where=sa.text("user_id IS NOT NULL")
    )
    op.create_foreign_key(op.f("fk_orders_user_id"), "orders", "users", ["user_id"], ["id"])
    op.add_column("pool", sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("product", sa.Column("category_id", sa.Uuid(), nullable=True))
    op.add_column("product", sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "product",
        sa.Column(
            "translations", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
    )
    op.add_column(
        "product",
        sa.Column(
            "search",
            sa.Text(collation="C"),
            sa.Computed(
                "fold(title || ' ' || vendor || ' ' || tags::text || ' ' || jsonb_path_query_array(translations, '$.*.title')::text)",
                persisted=True,
            ),
            nullable=False,
        ),
    )
    op.add_column(
        "product",
        sa.Column(
            "words",
            postgresql.TSVECTOR(),
            sa.Computed(
                "array_to_tsvector(product_words(fold(title || ' ' || vendor || ' ' || tags::text || ' ' || jsonb_path_query_array(translations, '$.*.title')::text)))",
                persisted=True,
            ),
            nullable=False,
        ),
    )
    op.drop_index("ix_product_published_title", table_name="product")
    for name, columns in LISTS.items():
        op.create_index(name, "product", columns, unique=False, postgresql_where=LISTED)
    op.create_index(
        "ix_product_search",
        "product",
        ["search"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"search": "gin_trgm_ops"},
    )
    op.create_index(
        "ix_product_words",
        "product",
        ["words"],
        unique=False,
        postgresql_using="gin",
        postgresql_where=LISTED,
    )
    op.create_table(
        "product_word",
        sa.Column("word", sa.Text(collation="C"), nullable=False),
        sa.PrimaryKeyConstraint("word", name=op.f("pk_product_word")),
    )
    op.create_index(
        "ix_product_word_word",
        "product_word",
        ["word"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"word": "gin_trgm_ops"},
    )
    for end in ("left", "right"):
        op.create_index(
            f"ix_product_word_{end}", "product_word", [sa.text(f'"{end}"(word, 1)'), sa.text("length(word)")]
        )
    begins = sa.text('"left"(search, 100)')
    op.create_index("ix_product_search_begins", "product", [begins], unique=False, postgresql_where=LISTED)
    op.create_foreign_key(op.f("fk_product_category_id"), "product", "category", ["category_id"], ["id"])
    for statement in CATEGORIES:
        op.execute(statement)
    op.drop_column("product", "category")
    op.add_column("venue", sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_venue_latitude_longitude", "venue", ["latitude", "longitude"], unique=False)
    for function in (REFRESH_PRICES, PRICES_CHANGED, OFFERS_CHANGED, PRODUCTS_CHANGED, VARIANTS_CHANGED):
        op.execute(function)
    for table, event, rows, function in TRIGGERS:
        op.execute(
            f"CREATE TRIGGER {table}_{event.lower()}_keeps_prices AFTER {event} ON {table} "
            f"REFERENCING {rows} FOR EACH STATEMENT EXECUTE FUNCTION {function}()"
        )
    op.execute(ALL_PRICES)
    op.execute(KEEP_WORDS)
    for event in WORD_TRIGGERS:
        op.execute(
            f"CREATE TRIGGER product_{event.lower()}_keeps_words AFTER {event} ON product "
            "REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION keep_product_words()"
        )
    op.execute(ALL_WORDS)
    op.bulk_insert(
        roles,
        [
            {"id": uuid4(), "name": name, "title": title, "permissions": permissions, "built_in": True}
            for name, title, permissions in ROLES
        ],
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table, event, _, _ in TRIGGERS:
        op.execute(f"DROP TRIGGER {table}_{event.lower()}_keeps_prices ON {table}")
    for event in WORD_TRIGGERS:
        op.execute(f"DROP TRIGGER product_{event.lower()}_keeps_words ON product")
    for function in FUNCTIONS:
        op.execute(f"DROP FUNCTION {function}")
    op.drop_index("ix_venue_latitude_longitude", table_name="venue")
    op.drop_column("venue", "archived_at")
    op.add_column(
        "product",
        sa.Column(
            "category",
            sa.VARCHAR(length=255),
            server_default=sa.text("''::character varying"),
            autoincrement=False,
            nullable=False,
        ),
    )
    op.execute(BACK_TO_TEXT)
    op.execute(HIDE_THE_ARCHIVED)
    op.drop_constraint(op.f("fk_product_category_id"), "product", type_="foreignkey")
    op.drop_index(
        "ix_product_search", table_name="product", postgresql_using="gin", postgresql_ops={"search": "gin_trgm_ops"}
    )
    for name in (*LISTS, "ix_product_search_begins", "ix_product_words"):
        op.drop_index(name, table_name="product")
    op.create_index("ix_product_published_title", "product", ["published", "title", "id"], unique=False)
    op.drop_column("product", "words")
    op.drop_column("product", "search")
    op.drop_column("product", "translations")
    op.drop_column("product", "archived_at")
    op.drop_column("product", "category_id")
    op.drop_column("pool", "archived_at")
    op.drop_constraint(op.f("fk_orders_user_id"), "orders", type_="foreignkey")
    op.drop_index("ix_orders_user_id", table_name="orders", postgresql_where=sa.text("user_id IS NOT NULL"))
    op.drop_column("orders", "user_id")
    op.drop_column("offer", "translations")
    op.drop_column("offer", "archived_at")
    op.drop_constraint(op.f("fk_concert_tour_id"), "concert", type_="foreignkey")
    op.drop_index("ix_concert_venue_id", table_name="concert")
    op.drop_index("ix_concert_tour_id", table_name="concert")
    op.drop_column("concert", "translations")
    op.drop_column("concert", "archived_at")
    op.drop_column("concert", "tour_id")
    op.drop_index("ix_product_price_category_id", table_name="product_price")
    op.drop_index("ix_product_price_currency_amount", table_name="product_price")
    op.drop_table("product_price")
    op.drop_index("ix_user_session_user_id", table_name="user_session")
    op.drop_index("ix_user_session_family", table_name="user_session")
    op.drop_index("ix_user_session_expires_at", table_name="user_session")
    op.drop_table("user_session")
    op.drop_index("ix_user_role_role_id", table_name="user_role")
    op.drop_table("user_role")
    op.drop_table("users")
    op.drop_table("tour")
    op.drop_table("role")
    op.drop_table("rate_count")
    op.drop_table("category")
    op.drop_table("product_word")
    for function in ("typing_edits(text, text)", "product_words(text)", "words(text)", "fold(text)"):
        op.execute(f"DROP FUNCTION {function}")
