"""What managers do with a concert."""

from collections.abc import Callable, Sequence

from wtforms import Form

from apps.backoffice.actions.action import Action, ActionContext
from apps.backoffice.forms.values import bind
from apps.concerts.admin.common import archiving, deleting, locked, restoring
from apps.concerts.admin.concert_form import NewDateForm
from apps.concerts.models import Concert, ConcertState
from apps.concerts.permissions import ConcertPermission as P
from apps.concerts.repositories import ConcertRepository
from apps.concerts.scheduling import services
from apps.concerts.scheduling.concerts import reschedule
from apps.concerts.scheduling.deleting import delete_concert
from apps.concerts.scheduling.duplicating import duplicate
from apps.concerts.staff_schemas import NewDateIn
from apps.core.text.i18n import lazy as _


def may_become(state: ConcertState) -> Callable[[Concert], bool]:
    return lambda concert: concert.archived_at is None and concert.may_move(state)


def may_be_announced(concert: Concert) -> bool:
    """Stopping a sale is an action of its own."""
    return may_become(ConcertState.announced)(concert) and concert.state is not ConcertState.on_sale


def may_be_moved(concert: Concert) -> bool:
    return concert.archived_at is None and concert.state is not ConcertState.cancelled


def is_postponed(concert: Concert) -> bool:
    return concert.state is ConcertState.postponed


def has_holders(concert: Concert) -> bool:
    """There may be people with tickets, who are told."""
    return concert.state is not ConcertState.draft


async def set_new_date(context: ActionContext, concert: Concert, form: Form) -> None:
    found = await ConcertRepository(session=context.session).find_locked(concert.id)
    await reschedule(context.session, found, bind(form, NewDateIn).starts_at, actor=context.actor)


async def copy(context: ActionContext, concert: Concert, form: Form) -> Concert:
    return await duplicate(context.session, concert, bind(form, NewDateIn).starts_at, actor=context.actor)


ACTIONS: Sequence[Action] = (
    Action(
        name="announce",
        title=_("Announce"),
        question=_(
            "Shall fans see this concert? Tickets are not sold yet. If it was postponed, who holds a ticket is told "
            "that it takes place as it was planned."
        ),
        done=_("Fans see it now."),
        is_next=True,
        permission=P.CONCERTS_SELL,
        run=locked(ConcertRepository, services.announce),
        applies=may_be_announced,
        needless=_("It is announced already, called off, or in the archive."),
        concerns=is_postponed,
        many=True,
    ),
    Action(
        name="put-on-sale",
        title=_("Put on sale"),
        question=_(
            "Shall the sale begin? Ticket types with a sale window of their own wait for it. If it was postponed, who "
            "holds a ticket is told that it takes place as it was planned."
        ),
        done=_("It is on sale."),
        is_next=True,
        permission=P.CONCERTS_SELL,
        run=locked(ConcertRepository, services.put_on_sale),
        applies=may_become(ConcertState.on_sale),
        needless=_("It is on sale already, not announced yet, called off, or in the archive."),
        concerns=is_postponed,
        many=True,
    ),
    Action(
        name="stop-sale",
        title=_("Stop the sale"),
        question=_("Shall no more tickets be sold for now? What lies in carts cannot be bought either."),
        done=_("The sale has stopped."),
        permission=P.CONCERTS_SELL,
        run=locked(ConcertRepository, services.stop_sale),
        applies=services.is_selling,
        needless=_("It is not on sale."),
        many=True,
    ),
    Action(
        name="postpone",
        title=_("Postpone"),
        question=_("Shall it be postponed? The sale stops, tickets stay valid, and who holds one gets a mail."),
        done=_("It is postponed. Who holds a ticket gets a mail in two minutes."),
        permission=P.CONCERTS_SELL,
        run=locked(ConcertRepository, services.postpone),
        applies=may_become(ConcertState.postponed),
        concerns=has_holders,
    ),
    Action(
        name="reschedule",
        title=_("Set a new date"),
        question=_(
            "When is it instead? Tickets stay valid, and who holds one gets a mail. A postponed concert is announced "
            "again: then press “Put on sale”."
        ),
        done=_(
            "It has a new date. Who holds a ticket gets a mail in two minutes. If the sale had stopped, press “Put on "
            "sale” now."
        ),
        permission=P.CONCERTS_SELL,
        run=set_new_date,
        applies=may_be_moved,
        concerns=has_holders,
        form=NewDateForm,
    ),
    Action(
        name="duplicate",
        title=_("Duplicate"),
        question=_("When is the next one? It becomes a draft with the same ticket types, prices and places."),
        done=_("This is the copy: a draft."),
        permission=P.CONCERTS_EDIT,
        run=copy,
        form=NewDateForm,
    ),
    Action(
        name="call-off",
        title=_("Call off"),
        question=_(
            "Shall this concert be called off for ever? Orders that are not paid end, and who holds a ticket gets a "
            "mail at once. Then refund all tickets by the button beside."
        ),
        done=_("It is called off. Refund the tickets now."),
        permission=P.CONCERTS_CANCEL,
        run=locked(ConcertRepository, services.cancel),
        applies=may_become(ConcertState.cancelled),
        is_dangerous=True,
    ),
    archiving(
        locked(ConcertRepository, services.archive_concert),
        _(
            "Shall this go to the archive? Fans see it no more; tickets and orders stay. Of a concert that is called "
            "off, refund the tickets first."
        ),
    ),
    restoring(locked(ConcertRepository, services.restore_concert)),
    deleting(
        locked(ConcertRepository, delete_concert),
        _("Shall this draft be deleted for good, with its ticket types?"),
        applies=lambda concert: concert.state is ConcertState.draft,
    ),
)
