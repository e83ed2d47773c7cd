"""Who holds a ticket hears when the concert moves, is postponed or cancelled: once, and of what is true in the end."""

from email.message import EmailMessage

import msgspec
import pytest

from apps.core.db.database import Database
from apps.core.jobs import JOBS
from tests.journeys.buyer import Buyer, hurry_jobs, mails_about, sql
from tests.office import BERLIN, Office, editable

pytestmark = pytest.mark.anyio
LATER, LATEST = "2099-06-01T18:00:00Z", "2099-07-01T18:00:00Z"


@pytest.fixture
async def concert(office: Office) -> dict:
    shown, ticket_type = await office.on_sale(translations={"ru": {"title": "Концерт"}})
    return {**shown, "ticket": ticket_type["id"]}


async def holder(buyer: Buyer, concert: dict, **facts: str) -> dict:
    return await buyer.pay(await buyer.order_at_once(concert["ticket"], 2, **facts))


async def reschedule(office: Office, concert: dict, starts_at: str) -> None:
    path = f"/concerts/{concert['id']}"
    tag = (await office.ask("GET", path)).headers["etag"]
    await office.ask("POST", f"{path}/reschedule", json={"starts_at": starts_at}, headers={"If-Match": tag})


async def put(office: Office, concert: dict, **facts: str) -> None:
    """As the form does it: the state stays."""
    path = f"/concerts/{concert['id']}"
    await office.change(path, {**editable(await office.get(path), "title"), **facts})


async def wait_a_while(buyer: Buyer) -> None:
    await buyer.jobs()
    await hurry_jobs(buyer.db)
    await buyer.jobs()


async def page_of(buyer: Buyer, order: dict) -> str:
    return (await buyer.client.get(order["url"])).text


def news_for(order: dict) -> list[EmailMessage]:
    return [each for each in mails_about(order) if "(order" in each["Subject"] or "(заказ" in each["Subject"]]


def words_of(mail: EmailMessage, kind: str = "plain") -> str:
    part = mail.get_body((kind,))
    assert part is not None
    return str(part.get_content())


async def test_a_new_date_is_told_with_what_it_was(buyer: Buyer, office: Office, concert: dict) -> None:
    order = await holder(buyer, concert)
    await reschedule(office, concert, LATER)
    await buyer.jobs()
    assert news_for(order) == []
    await wait_a_while(buyer)
    (mail,) = news_for(order)
    assert mail["Subject"] == f"“Live” has a new date or place (order {order['number']})"
    for kind in ("plain", "html"):
        words = words_of(mail, kind)
        assert words.index("Thursday, 21 May 2099, 20:00") < words.index("Monday, 1 June 2099, 20:00")
        assert order["url"].partition("?")[0] in words


async def test_what_is_put_right_at_once_is_one_mail_of_what_is_true(
    buyer: Buyer, office: Office, concert: dict
) -> None:
    order = await holder(buyer, concert)
    for moment in (LATEST, LATER):
        await reschedule(office, concert, moment)
        await buyer.jobs()
    await wait_a_while(buyer)
    (mail,) = news_for(order)
    assert "1 June 2099" in words_of(mail)
    assert "July" not in words_of(mail)


async def test_what_is_taken_back_at_once_is_told_to_nobody(buyer: Buyer, office: Office, concert: dict) -> None:
    order = await holder(buyer, concert)
    for moment in (LATER, concert["starts_at"]):
        await reschedule(office, concert, moment)
    await wait_a_while(buyer)
    assert news_for(order) == []
    assert await sql(buyer.db, "SELECT * FROM concert_notice") == []


async def test_later_changes_are_told_again(buyer: Buyer, office: Office, concert: dict) -> None:
    order = await holder(buyer, concert)
    for moment in (LATER, concert["starts_at"], LATER):
        await reschedule(office, concert, moment)
        await wait_a_while(buyer)
    assert len(news_for(order)) == 3


async def test_another_venue_is_told_and_another_title_is_not(buyer: Buyer, office: Office, concert: dict) -> None:
    order = await holder(buyer, concert)
    venue = await office.add("/venues", {**BERLIN, "name": "Loft"})
    await put(office, concert, title="Alive")
    await wait_a_while(buyer)
    assert news_for(order) == []
    await put(office, concert, venue=venue["id"])
    await wait_a_while(buyer)
    (mail,) = news_for(order)
    assert "Hall of Live, Berlin" in words_of(mail)
    assert "Loft, Berlin" in words_of(mail)


async def test_postponing_and_taking_it_back_are_told(buyer: Buyer, office: Office, concert: dict) -> None:
    order = await holder(buyer, concert)
    for verb in ("postpone", "put-on-sale"):
        await office.do(f"/concerts/{concert['id']}", verb)
        await wait_a_while(buyer)
    postponed, back = sorted(news_for(order), key=lambda mail: "after all" in mail["Subject"])
    assert "is postponed" in postponed["Subject"]
    assert "stay valid for the new date" in words_of(postponed).replace("\n", " ")
    assert "takes place after all" in back["Subject"]


async def test_who_heard_of_the_new_date_is_not_told_that_it_takes_place_as_planned(
    buyer: Buyer, office: Office, concert: dict
) -> None:
    order, path = await holder(buyer, concert), f"/concerts/{concert['id']}"
    for change in (office.do(path, "postpone"), put(office, concert, starts_at=LATER), office.do(path, "put-on-sale")):
        await change
        await wait_a_while(buyer)
    assert [("new date" in each["Subject"], "postponed" in each["Subject"]) for each in news_for(order)] == [
        (True, False),
        (False, True),
    ]
    await office.do(path, "postpone")
    await wait_a_while(buyer)
    assert len(news_for(order)) == 3


async def test_who_ordered_before_and_pays_after_it_hears_of_it_once(
    buyer: Buyer, office: Office, concert: dict
) -> None:
    order = await buyer.order_at_once(concert["ticket"])
    for moment in (LATER, LATEST):
        await reschedule(office, concert, moment)
        await wait_a_while(buyer)
    assert news_for(order) == []
    order = await buyer.pay(order)
    await wait_a_while(buyer)
    (mail,) = news_for(order)
    assert "1 July 2099" in words_of(mail)


async def test_who_orders_after_a_change_hears_of_the_next_one_only(
    buyer: Buyer, office: Office, concert: dict
) -> None:
    before = await holder(buyer, concert)
    await reschedule(office, concert, LATER)
    between = await holder(buyer, concert)
    await reschedule(office, concert, LATEST)
    after = await holder(buyer, concert)
    await wait_a_while(buyer)
    assert [len(news_for(order)) for order in (before, between, after)] == [1, 1, 0]
    assert ["Before:" in await page_of(buyer, order) for order in (before, after)] == [True, False]


async def test_a_date_that_nobody_was_told_is_not_what_holders_knew(
    buyer: Buyer, office: Office, concert: dict, db: Database
) -> None:
    order = await holder(buyer, concert)
    await sql(db, "UPDATE concert SET starts_at = now() - interval '1 hour'")
    for mistake, mails in (("2009-05-21T18:00:00Z", 0), (LATER, 1)):
        await reschedule(office, concert, mistake)
        await wait_a_while(buyer)
        assert len(news_for(order)) == mails
    assert "2009" not in words_of(news_for(order)[0])


async def test_calling_off_is_told_at_once_in_the_orders_language(buyer: Buyer, office: Office, concert: dict) -> None:
    order = await holder(buyer, concert, locale="ru")
    await office.do(f"/concerts/{concert['id']}", "cancel")
    await buyer.jobs()
    await wait_a_while(buyer)
    (mail,) = news_for(order)
    assert mail["Subject"] == f"«Концерт» отменён (заказ {order['number']})"
    assert "21 мая 2099" in words_of(mail)


async def test_only_who_holds_a_valid_ticket_hears_of_it(
    buyer: Buyer, office: Office, concert: dict, db: Database
) -> None:
    refunded, pending = await holder(buyer, concert), await buyer.order_at_once(concert["ticket"])
    refund = {"reason": "ill", "whole": True}
    key = {"Idempotency-Key": "a-key-of-its-own"}
    await office.ask("POST", f"/orders/{refunded['number']}/refund", json=refund, headers=key)
    await office.do(f"/concerts/{concert['id']}", "cancel")
    await wait_a_while(buyer)
    assert news_for(refunded) == news_for(pending) == []


async def test_whose_ticket_came_back_in_the_meantime_hears_nothing(
    buyer: Buyer, office: Office, concert: dict, db: Database
) -> None:
    order = await holder(buyer, concert)
    await reschedule(office, concert, LATER)
    await buyer.jobs()
    await JOBS["box_office.tell_holders"].run(db, msgspec.json.encode({"concert_id": concert["id"]}))
    refund, key = {"reason": "ill", "whole": True}, {"Idempotency-Key": "a-key-of-its-own"}
    await office.ask("POST", f"/orders/{order['number']}/refund", json=refund, headers=key)
    await wait_a_while(buyer)
    assert news_for(order) == []


async def test_who_paid_nothing_is_not_promised_money(
    buyer: Buyer, office: Office, concert: dict, db: Database
) -> None:
    await sql(db, "UPDATE offer_price SET amount = 0")
    order = await buyer.order_at_once(concert["ticket"])
    await buyer.jobs()
    await office.do(f"/concerts/{concert['id']}", "cancel")
    await buyer.jobs()
    (mail,) = news_for(order)
    assert "Your tickets were free" in words_of(mail).replace("\n", " ")


async def test_a_postponed_concert_is_not_over_by_its_old_date(
    buyer: Buyer, office: Office, concert: dict, db: Database
) -> None:
    order = await holder(buyer, concert)
    await office.do(f"/concerts/{concert['id']}", "postpone")
    await wait_a_while(buyer)
    await sql(db, "UPDATE concert SET starts_at = now() - interval '2 days'")
    await office.do(f"/concerts/{concert['id']}", "cancel")
    await buyer.jobs()
    assert [each["Subject"] for each in news_for(order) if "cancelled" in each["Subject"]]


async def test_a_concert_that_is_over_is_no_news(buyer: Buyer, office: Office, concert: dict, db: Database) -> None:
    order = await holder(buyer, concert)
    await sql(db, "UPDATE concert SET starts_at = now() - interval '2 days'")
    await office.do(f"/concerts/{concert['id']}", "cancel")
    await wait_a_while(buyer)
    assert news_for(order) == []


async def test_a_concert_that_is_gone_is_no_news(buyer: Buyer, office: Office, db: Database) -> None:
    announced = await office.concert()
    await office.do(f"/concerts/{announced['id']}", "announce")
    await reschedule(office, announced, LATER)
    await sql(db, "DELETE FROM concert")
    await wait_a_while(buyer)
    assert await sql(db, "SELECT entrypoint FROM pgqueuer") == []


async def test_what_concerns_nobody_leaves_nothing(buyer: Buyer, office: Office, concert: dict, db: Database) -> None:
    draft = await office.concert(title="Draft")
    await reschedule(office, draft, LATER)
    assert await sql(db, "SELECT * FROM concert_notice") == []
    await reschedule(office, concert, LATER)
    await wait_a_while(buyer)
    assert await sql(db, "SELECT * FROM concert_notice") == []


async def test_a_title_is_never_markup_nor_a_header(buyer: Buyer, office: Office, concert: dict, db: Database) -> None:
    order = await holder(buyer, concert)
    await sql(db, "UPDATE concert SET title = :title", title="<b>Live</b>\x85=?utf-8?q?a=0Ab?=\u2028")
    await office.do(f"/concerts/{concert['id']}", "cancel")
    await buyer.jobs()
    (mail,) = news_for(order)
    assert "<b>" not in words_of(mail, "html")
    assert "&lt;b&gt;Live" in words_of(mail, "html")


async def test_the_orders_page_says_where_it_stands(buyer: Buyer, office: Office, concert: dict) -> None:
    order = await holder(buyer, concert)
    await reschedule(office, concert, LATER)
    await wait_a_while(buyer)
    page = await page_of(buyer, order)
    assert page.index("Monday, 1 June 2099, 20:00") < page.index("Before: Thursday, 21 May 2099, 20:00")
    for verb, words in {"postpone": "This concert is postponed.", "cancel": "This concert is cancelled."}.items():
        await office.do(f"/concerts/{concert['id']}", verb)
        assert words in await page_of(buyer, order)


async def test_the_orders_page_does_not_tell_of_a_move_that_was_taken_back(
    buyer: Buyer, office: Office, concert: dict
) -> None:
    order = await holder(buyer, concert)
    for moment in (LATER, concert["starts_at"]):
        await reschedule(office, concert, moment)
        await wait_a_while(buyer)
    assert "Before:" not in await page_of(buyer, order)
