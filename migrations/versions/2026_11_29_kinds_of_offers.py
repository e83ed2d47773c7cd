"""Kinds of things to sell are rows that their apps add; jobs about tickets and parcels are those of their apps."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "2026_11_29_kinds_of_offers"
down_revision: str | None = "2026_11_29_orders_by_language"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

JOBS = {
    "checkout.end_orders_of_concert": "box_office.end_orders_of_concert",
    "checkout.end_late_orders_of_concert": "box_office.end_late_orders_of_concert",
    "checkout.tell_holders_soon": "box_office.tell_holders_soon",
    "checkout.tell_holders": "box_office.tell_holders",
    "checkout.refund_tickets": "box_office.refund_tickets",
    "checkout.mail_concert_news": "box_office.mail_concert_news",
    "checkout.mail_parcel_sent": "shop.mail_parcel_sent",
}


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "offer_kind",
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_offer_kind")),
    )
    op.execute("INSERT INTO offer_kind (name) VALUES ('merch'), ('ticket')")
    op.drop_constraint(op.f("ck_offer_kind_known"), "offer")
    op.create_foreign_key(op.f("fk_offer_kind"), "offer", "offer_kind", ["kind"], ["name"])
    op.create_unique_constraint(op.f("uq_offer_id_kind"), "offer", ["id", "kind"])
    op.drop_constraint(op.f("ck_order_line_kind_known"), "order_line")
    op.drop_constraint(op.f("fk_order_line_offer_id"), "order_line")
    op.create_foreign_key(
        op.f("fk_order_line_offer_id_kind"), "order_line", "offer", ["offer_id", "kind"], ["id", "kind"]
    )
    for before, after in JOBS.items():
        _rename(before, after)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for before, after in JOBS.items():
        _rename(after, before)
    op.drop_constraint(op.f("fk_order_line_offer_id_kind"), "order_line")
    op.create_foreign_key(op.f("fk_order_line_offer_id"), "order_line", "offer", ["offer_id"], ["id"])
    op.create_check_constraint(op.f("ck_order_line_kind_known"), "order_line", "kind IN ('merch', 'ticket')")
    op.drop_constraint(op.f("uq_offer_id_kind"), "offer")
    op.drop_constraint(op.f("fk_offer_kind"), "offer")
    op.create_check_constraint(op.f("ck_offer_kind_known"), "offer", "kind IN ('merch', 'ticket')")
    op.drop_table("offer_kind")


def _rename(before: str, after: str) -> None:
    renamed = sa.text("UPDATE pgqueuer SET entrypoint = :after WHERE entrypoint = :before")
    op.execute(renamed.bindparams(before=before, after=after))
