"""Actions that record stock movements of a pool."""

from wtforms import Form

from apps.backoffice import fields
from apps.backoffice.actions.action import Action, ActionContext, Run
from apps.backoffice.forms.values import bind
from apps.core.text.i18n import Lazy
from apps.core.text.i18n import lazy as _
from apps.inventory.admin.movements import REASONS
from apps.inventory.models import MovementReason, Pool
from apps.inventory.permissions import StockPermission
from apps.inventory.repositories import PoolRepository
from apps.inventory.staff_schemas import CountedIn, MovementIn, PiecesIn
from apps.inventory.stock import move_stock

DONE = _("Stock updated.")


class PiecesForm(Form):
    units = fields.Number(_("Quantity"), empty=None, required=True)
    note = fields.Input(_("Note"), help=_("Where they came from or where they went."))


class CountedForm(Form):
    units = fields.Number(
        _("Quantity"), empty=None, required=True, help=_("What is on the shelf and neither reserved nor sold.")
    )
    note = fields.Input(_("Note"))


def moving(reason: MovementReason, *, sign: int) -> Run:
    """People say how many, and the action whether they came or went."""

    async def run(context: ActionContext, pool: Pool, form: Form) -> None:
        told = bind(form, PiecesIn)
        await _move(context, pool, MovementIn(delta=sign * told.units, reason=reason, note=told.note))

    return run


async def count(context: ActionContext, pool: Pool, form: Form) -> None:
    told = bind(form, CountedIn)
    await _move(context, pool, MovementIn(counted=told.units, reason=MovementReason.counted, note=told.note))


async def _move(context: ActionContext, pool: Pool, data: MovementIn) -> None:
    locked = await PoolRepository(session=context.session).find_locked(pool.id)
    await move_stock(context.session, locked, data, actor=context.actor)


def move_action(name: MovementReason, question: Lazy, run: Run, form: type[Form] = PiecesForm) -> Action:
    return Action(
        name=name.value,
        title=REASONS[name],
        question=question,
        done=DONE,
        permission=StockPermission.STOCK_MOVE,
        run=run,
        applies=lambda pool: pool.archived_at is None,
        form=form,
    )


MOVES = (
    move_action(
        MovementReason.received,
        _("How many were received?"),
        moving(MovementReason.received, sign=1),
    ),
    move_action(MovementReason.counted, _("How many are there?"), count, CountedForm),
    move_action(
        MovementReason.damaged,
        _("How many are damaged?"),
        moving(MovementReason.damaged, sign=-1),
    ),
    move_action(
        MovementReason.returned,
        _("How many were returned?"),
        moving(MovementReason.returned, sign=1),
    ),
)
