"""What managers do with a concert."""

from collections.abc import Callable, Sequence

from wtforms import Form

from apps.backoffice.actions.action import Action, ActionContext
from apps.backoffice.actions.common_actions import locked
from apps.backoffice.forms.values import bind
from apps.concerts.admin.common import archiving, deleting, restoring
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
            "Announce this concert? Fans see it, but cannot buy tickets yet. If it was postponed, ticket "
            "holders get an email that it takes place as planned."
        ),
        done=_("Announced. Fans can see it now."),
        is_next=True,
        permission=P.CONCERTS_SELL,
        run=locked(ConcertRepository, services.announce),
        applies=may_be_announced,
        needless=_("Already announced, cancelled or archived."),
        concerns=is_postponed,
        many=True,
    ),
    Action(
        name="put-on-sale",
        title=_("Put on sale"),
        question=_(
            "Put this concert on sale? Ticket types with their own sale dates go on sale on those dates. If "
            "it was postponed, ticket holders get an email that it takes place as planned."
        ),
        done=_("The concert is on sale."),
        is_next=True,
        permission=P.CONCERTS_SELL,
        run=locked(ConcertRepository, services.put_on_sale),
        applies=may_become(ConcertState.on_sale),
        needless=_("Already on sale, not announced yet, cancelled or archived."),
        concerns=is_postponed,
        many=True,
    ),
    Action(
        name="stop-sale",
        title=_("Stop sales"),
        question=_("Stop sales? Tickets in carts cannot be bought either. Tickets that are paid for stay valid."),
        done=_("Sales are stopped."),
        permission=P.CONCERTS_SELL,
        run=locked(ConcertRepository, services.stop_sale),
        applies=services.is_selling,
        needless=_("Not on sale."),
        many=True,
    ),
    Action(
        name="postpone",
        title=_("Postpone"),
        question=_("Postpone this concert? Sales stop, tickets stay valid, and ticket holders get an email."),
        done=_("The concert is postponed. Ticket holders get an email in two minutes."),
        permission=P.CONCERTS_SELL,
        run=locked(ConcertRepository, services.postpone),
        applies=may_become(ConcertState.postponed),
        concerns=has_holders,
    ),
    Action(
        name="reschedule",
        title=_("Set a new date"),
        question=_(
            "What is the new date? Tickets stay valid, and ticket holders get an email. A postponed concert "
            "becomes announced again: press “Put on sale” afterwards."
        ),
        done=_(
            "The new date is set. Ticket holders get an email in two minutes. If sales were stopped, press "
            "“Put on sale” now."
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
        question=_("What is the date of the copy? It is a draft with the same ticket types, prices and places."),
        done=_("This is the copy, a draft."),
        permission=P.CONCERTS_EDIT,
        run=copy,
        form=NewDateForm,
    ),
    Action(
        name="call-off",
        needs_proof=True,
        title=_("Cancel concert"),
        question=_(
            "Cancel this concert? This cannot be undone. Unpaid orders are cancelled, and ticket holders get "
            "an email right away. Refund all tickets afterwards."
        ),
        done=_("The concert is cancelled. Refund the tickets now."),
        permission=P.CONCERTS_CANCEL,
        run=locked(ConcertRepository, services.cancel),
        applies=may_become(ConcertState.cancelled),
        is_dangerous=True,
    ),
    archiving(
        locked(ConcertRepository, services.archive_concert),
        _(
            "Archive this concert? Fans no longer see it. Tickets and orders stay. If it is cancelled, "
            "refund the tickets first."
        ),
    ),
    restoring(locked(ConcertRepository, services.restore_concert)),
    deleting(
        locked(ConcertRepository, delete_concert),
        _("Delete this draft and its ticket types? This cannot be undone."),
        applies=lambda concert: concert.state is ConcertState.draft,
    ),
)
