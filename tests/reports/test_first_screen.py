"""The apps bring what stands on the first screen; it has one order, and leads to lists that there are."""

from apps.backoffice.lists.filters import Choice
from apps.reports.home import all_boxes, all_questions
from project import registry


def test_what_waits_stands_in_its_order() -> None:
    assert [each.title.source for each in all_questions()] == [
        "Orders to send",
        "Returns to see to",
        "Paid orders not delivered",
        "Lost disputes: orders to take back",
        "Failed payments",
        "Payments without an answer",
        "Payments received, orders not settled",
        "Payments with a different amount at the provider",
        "Payments that customers dispute",
        "Refunds to be sent or paid out",
        "Failed refunds in the last 14 days",
        "Differences between the books and the providers",
        "Orders that have waited for an invoice for more than an hour",
        "Cancelled concerts with tickets to refund",
        "Images that could not be downloaded",
        "Provider reports that could not be processed",
        "Webhooks disabled after failures",
        "Webhooks with a secret of an old SECRET_KEY",
        "Failed jobs",
        "Jobs waiting too long",
    ]


def test_the_boxes_stand_in_their_order() -> None:
    assert [each.panel.__name__ for each in all_boxes()] == ["next_concerts", "low_stock", "own_exports"]


def test_each_leads_to_a_list_that_can_be_asked_like_that() -> None:
    views = {view.identity: view for view in registry.admin_views()}
    assert views.keys() >= {each.view for each in all_boxes() if each.view}
    for each in all_questions():
        assert views.keys() >= each.views, each.title.source
        choices = {choice.name: choice.conditions for choice in views[each.view].filters if isinstance(choice, Choice)}
        assert all(value in choices[name] for name, value in each.query.items()), each.title.source
