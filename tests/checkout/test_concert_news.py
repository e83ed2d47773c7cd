"""Who holds a ticket hears when the concert moves, is postponed or cancelled: once, and of what is true in the end."""

from email.message import EmailMessage

import msgspec
import pytest

from apps.core.db.database import Database
from apps.core.jobs import JOBS
from tests.journeys.customer import Customer, hurry_jobs, mails_about, sql
from tests.staff_api import BERLIN, StaffApi, editable

pytestmark = pytest.mark.anyio
LATER, LATEST = "2099-06-01T18:00:00Z", "2099-07-01T18:00:00Z"


@pytest.fixture
async def concert(staff_api: StaffApi) -> dict:
    shown, ticket_type = await staff_api.on_sale(translations={"ru": {"title": "Концерт"}})
    return {**shown, "ticket": ticket_type["id"]}


async def holder(customer: Customer, concert: dict, **facts: str) -> dict:
    return await customer.pay(await customer.order_at_once(concert["ticket"], 2, **facts))


async def reschedule(staff_api: StaffApi, concert: dict, starts_at: str) -> None:
    path = f"/concerts/{concert['id']}"
    tag = (await staff_api.ask("GET", path)).headers["etag"]
    await staff_api.ask("POST", f"{path}/reschedule", json={"starts_at": starts_at}, headers={"If-Match": tag})


async def put(staff_api: StaffApi, concert: dict, **facts: str) -> None:
    """As the form does it: the state stays."""
    path = f"/concerts/{concert['id']}"
    await staff_api.change(path, {**editable(await staff_api.get(path), "title"), **facts})


async def wait_a_while(customer: Customer) -> None:
    await customer.jobs()
    await hurry_jobs(customer.db)
    await customer.jobs()


async def page_of(customer: Customer, order: dict) -> str:
    return (await customer.client.get(order["url"])).text


def news_for(order: dict) -> list[EmailMessage]:
    return [each for each in mails_about(order) if "(order" in each["Subject"] or "(заказ" in each["Subject"]]


def words_of(mail: EmailMessage, kind: str = "plain") -> str:
    part = mail.get_body((kind,))
    assert part is not None
    return str(part.get_content())


async def test_a_new_date_is_told_with_what_it_was(customer: Customer, staff_api: StaffApi, concert: dict) -> None:
    order = await holder(customer, concert)
    await reschedule(staff_api, concert, LATER)
    await customer.jobs()
    assert news_for(order) == []
    await wait_a_while(customer)
    (mail,) = news_for(order)
    assert mail["Subject"] == f"“Live” has a new date or place (order {order['number']})"
    for kind in ("plain", "html"):
        words = words_of(mail, kind)
        assert words.index("Thursday, 21 May 2099, 20:00") < words.index("Monday, 1 June 2099, 20:00")
        assert order["url"].partition("?")[0] in words


async def test_what_is_put_right_at_once_is_one_mail_of_what_is_true(
    customer: Customer, staff_api: StaffApi, concert: dict
) -> None:
    order = await holder(customer, concert)
    for moment in (LATEST, LATER):
        await reschedule(staff_api, concert, moment)
        await customer.jobs()
    await wait_a_while(customer)
    (mail,) = news_for(order)
    assert "1 June 2099" in words_of(mail)
    assert "July" not in words_of(mail)


async def test_what_is_taken_back_at_once_is_told_to_nobody(
    customer: Customer, staff_api: StaffApi, concert: dict
) -> None:
    order = await holder(customer, concert)
    for moment in (LATER, concert["starts_at"]):
        await reschedule(staff_api, concert, moment)
    await wait_a_while(customer)
    assert news_for(order) == []
    assert await sql(customer.db, "SELECT * FROM concert_notice") == []


async def test_later_changes_are_told_again(customer: Customer, staff_api: StaffApi, concert: dict) -> None:
    order = await holder(customer, concert)
    for moment in (LATER, concert["starts_at"], LATER):
        await reschedule(staff_api, concert, moment)
        await wait_a_while(customer)
    assert len(news_for(order)) == 3


async def test_another_venue_is_told_and_another_title_is_not(
    customer: Customer, staff_api: StaffApi, concert: dict
) -> None:
    order = await holder(customer, concert)
    venue = await staff_api.add("/venues", {**BERLIN, "name": "Loft"})
    await put(staff_api, concert, title="Alive")
    await wait_a_while(customer)
    assert news_for(order) == []
    await put(staff_api, concert, venue=venue["id"])
    await wait_a_while(customer)
    (mail,) = news_for(order)
    assert "Hall of Live, Berlin" in words_of(mail)
    assert "Loft, Berlin" in words_of(mail)


async def test_postponing_and_taking_it_back_are_told(customer: Customer, staff_api: StaffApi, concert: dict) -> None:
    order = await holder(customer, concert)
    for action in ("postpone", "put-on-sale"):
        await staff_api.do(f"/concerts/{concert['id']}", action)
        await wait_a_while(customer)
    postponed, back = sorted(news_for(order), key=lambda mail: "after all" in mail["Subject"])
    assert "is postponed" in postponed["Subject"]
    assert "stay valid for the new date" in words_of(postponed).replace("\n", " ")
    assert "takes place after all" in back["Subject"]


async def test_who_heard_of_the_new_date_is_not_told_that_it_takes_place_as_planned(
    customer: Customer, staff_api: StaffApi, concert: dict
) -> None:
    order, path = await holder(customer, concert), f"/concerts/{concert['id']}"
    for change in (
        staff_api.do(path, "postpone"),
        put(staff_api, concert, starts_at=LATER),
        staff_api.do(path, "put-on-sale"),
    ):
        await change
        await wait_a_while(customer)
    assert [("new date" in each["Subject"], "postponed" in each["Subject"]) for each in news_for(order)] == [
        (True, False),
        (False, True),
    ]
    await staff_api.do(path, "postpone")
    await wait_a_while(customer)
    assert len(news_for(order)) == 3


async def test_who_ordered_before_and_pays_after_it_hears_of_it_once(
    customer: Customer, staff_api: StaffApi, concert: dict
) -> None:
    order = await customer.order_at_once(concert["ticket"])
    for moment in (LATER, LATEST):
        await reschedule(staff_api, concert, moment)
        await wait_a_while(customer)
    assert news_for(order) == []
    order = await customer.pay(order)
    await wait_a_while(customer)
    (mail,) = news_for(order)
    assert "1 July 2099" in words_of(mail)


async def test_who_orders_after_a_change_hears_of_the_next_one_only(
    customer: Customer, staff_api: StaffApi, concert: dict
) -> None:
    before = await holder(customer, concert)
    await reschedule(staff_api, concert, LATER)
    between = await holder(customer, concert)
    await reschedule(staff_api, concert, LATEST)
    after = await holder(customer, concert)
    await wait_a_while(customer)
    assert [len(news_for(order)) for order in (before, between, after)] == [1, 1, 0]
    assert ["Before:" in await page_of(customer, order) for order in (before, after)] == [True, False]


async def test_a_date_that_nobody_was_told_is_not_what_holders_knew(
    customer: Customer, staff_api: StaffApi, concert: dict, db: Database
) -> None:
    order = await holder(customer, concert)
    await sql(db, "UPDATE concert SET starts_at = now() - interval '1 hour'")
    for mistake, mails in (("2009-05-21T18:00:00Z", 0), (LATER, 1)):
        await reschedule(staff_api, concert, mistake)
        await wait_a_while(customer)
        assert len(news_for(order)) == mails
    assert "2009" not in words_of(news_for(order)[0])


async def test_calling_off_is_told_at_once_in_the_orders_language(
    customer: Customer, staff_api: StaffApi, concert: dict
) -> None:
    order = await holder(customer, concert, locale="ru")
    await staff_api.do(f"/concerts/{concert['id']}", "cancel")
    await customer.jobs()
    await wait_a_while(customer)
    (mail,) = news_for(order)
    assert mail["Subject"] == f"«Концерт» отменён (заказ {order['number']})"
    assert "21 мая 2099" in words_of(mail)


async def test_only_who_holds_a_valid_ticket_hears_of_it(
    customer: Customer, staff_api: StaffApi, concert: dict, db: Database
) -> None:
    refunded, pending = await holder(customer, concert), await customer.order_at_once(concert["ticket"])
    refund = {"reason": "ill", "whole": True}
    key = {"Idempotency-Key": "a-key-of-its-own"}
    await staff_api.ask("POST", f"/orders/{refunded['number']}/refund", json=refund, headers=key)
    await staff_api.do(f"/concerts/{concert['id']}", "cancel")
    await wait_a_while(customer)
    assert news_for(refunded) == news_for(pending) == []


async def test_whose_ticket_came_back_in_the_meantime_hears_nothing(
    customer: Customer, staff_api: StaffApi, concert: dict, db: Database
) -> None:
    order = await holder(customer, concert)
    await reschedule(staff_api, concert, LATER)
    await customer.jobs()
    await JOBS["box_office.tell_holders"].run(db, msgspec.json.encode({"concert_id": concert["id"]}))
    refund, key = {"reason": "ill", "whole": True}, {"Idempotency-Key": "a-key-of-its-own"}
    await staff_api.ask("POST", f"/orders/{order['number']}/refund", json=refund, headers=key)
    await wait_a_while(customer)
    assert news_for(order) == []


async def test_who_paid_nothing_is_not_promised_money(
    customer: Customer, staff_api: StaffApi, concert: dict, db: Database
) -> None:
    await sql(db, "UPDATE offer_price SET amount = 0")
    order = await customer.order_at_once(concert["ticket"])
    await customer.jobs()
    await staff_api.do(f"/concerts/{concert['id']}", "cancel")
    await customer.jobs()
    (mail,) = news_for(order)
    assert "Your tickets were free" in words_of(mail).replace("\n", " ")


async def test_a_postponed_concert_is_not_over_by_its_old_date(
    customer: Customer, staff_api: StaffApi, concert: dict, db: Database
) -> None:
    order = await holder(customer, concert)
    await staff_api.do(f"/concerts/{concert['id']}", "postpone")
    await wait_a_while(customer)
    await sql(db, "UPDATE concert SET starts_at = now() - interval '2 days'")
    await staff_api.do(f"/concerts/{concert['id']}", "cancel")
    await customer.jobs()
    assert [each["Subject"] for each in news_for(order) if "cancelled" in each["Subject"]]


async def test_a_concert_that_is_over_is_no_news(
    customer: Customer, staff_api: StaffApi, concert: dict, db: Database
) -> None:
    order = await holder(customer, concert)
    await sql(db, "UPDATE concert SET starts_at = now() - interval '2 days'")
    await staff_api.do(f"/concerts/{concert['id']}", "cancel")
    await wait_a_while(customer)
    assert news_for(order) == []


async def test_a_concert_that_is_gone_is_no_news(customer: Customer, staff_api: StaffApi, db: Database) -> None:
    announced = await staff_api.concert()
    await staff_api.do(f"/concerts/{announced['id']}", "announce")
    await reschedule(staff_api, announced, LATER)
    await sql(db, "DELETE FROM concert")
    await wait_a_while(customer)
    assert await sql(db, "SELECT entrypoint FROM pgqueuer") == []


async def test_what_concerns_nobody_leaves_nothing(
    customer: Customer, staff_api: StaffApi, concert: dict, db: Database
) -> None:
    draft = await staff_api.concert(title="Draft")
    await reschedule(staff_api, draft, LATER)
    assert await sql(db, "SELECT * FROM concert_notice") == []
    await reschedule(staff_api, concert, LATER)
    await wait_a_while(customer)
    assert await sql(db, "SELECT * FROM concert_notice") == []


async def test_a_title_is_never_markup_nor_a_header(
    customer: Customer, staff_api: StaffApi, concert: dict, db: Database
) -> None:
    order = await holder(customer, concert)
    await sql(db, "UPDATE concert SET title = :title", title="<b>Live</b>\x85=?utf-8?q?a=0Ab?=\u2028")
    await staff_api.do(f"/concerts/{concert['id']}", "cancel")
    await customer.jobs()
    (mail,) = news_for(order)
    assert "<b>" not in words_of(mail, "html")
    assert "&lt;b&gt;Live" in words_of(mail, "html")


async def test_the_orders_page_says_where_it_stands(customer: Customer, staff_api: StaffApi, concert: dict) -> None:
    order = await holder(customer, concert)
    await reschedule(staff_api, concert, LATER)
    await wait_a_while(customer)
    page = await page_of(customer, order)
    assert page.index("Monday, 1 June 2099, 20:00") < page.index("Before: Thursday, 21 May 2099, 20:00")
    for action, words in {"postpone": "This concert is postponed.", "cancel": "This concert is cancelled."}.items():
        await staff_api.do(f"/concerts/{concert['id']}", action)
        assert words in await page_of(customer, order)


async def test_the_orders_page_does_not_tell_of_a_move_that_was_taken_back(
    customer: Customer, staff_api: StaffApi, concert: dict
) -> None:
    order = await holder(customer, concert)
    for moment in (LATER, concert["starts_at"]):
        await reschedule(staff_api, concert, moment)
        await wait_a_while(customer)
    assert "Before:" not in await page_of(customer, order)
