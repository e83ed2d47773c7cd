"""Actions on users in the back office: invite, set a password, reset the second factor, disable, sign out."""

from functools import partial
from uuid import UUID

from wtforms import Form

from apps.accounts.models import User
from apps.accounts.permissions import PeoplePermission
from apps.accounts.repositories import UserRepository
from apps.accounts.staff_schemas import UserPasswordIn
from apps.accounts.users.users import disable, enable, hash_for, invite_again, reset_factors, set_password, sign_out
from apps.backoffice import fields
from apps.backoffice.actions.action import Action, ActionContext
from apps.backoffice.actions.common_actions import locked_by_person
from apps.backoffice.forms.values import bind
from apps.core.db.database import Database
from apps.core.text.i18n import lazy as _


class PasswordForm(Form):
    password = fields.Password(_("New password"), required=True, help=_("Share it only with this user."))


async def hash_password(db: Database, user_id: UUID, form: PasswordForm) -> str:
    return await hash_for(db, user_id, bind(form, UserPasswordIn).password)


async def give_password(context: ActionContext, user: User, form: PasswordForm) -> None:
    found = await UserRepository(session=context.session).find_locked(user.id)
    await set_password(context.session, found, password_hash=context.prepared[user.id], by=context.current_user)


locked = partial(locked_by_person, UserRepository)


ACTIONS = (
    Action(
        name="invite",
        needs_proof=True,
        title=_("Send password link"),
        question=_("Email this user a link to set a password? It works once, for seven days."),
        done=_("The link is on its way."),
        permission=PeoplePermission.USERS_EDIT,
        run=locked(invite_again),
        applies=lambda user: user.disabled_at is None,
    ),
    Action(
        name="password",
        needs_proof=True,
        title=_("Set a password"),
        question=_("They are signed out everywhere and sign in with the new password."),
        done=_("Password changed."),
        permission=PeoplePermission.USERS_EDIT,
        before=hash_password,
        run=give_password,
        form=PasswordForm,
    ),
    Action(
        name="reset-factors",
        needs_proof=True,
        title=_("Reset second factor"),
        question=_(
            "Remove this user's authenticator app, passkeys and recovery codes? First make sure that it is really they"
            " who ask. They are told by email, and sign in with the password alone."
        ),
        done=_("The second factor is reset."),
        permission=PeoplePermission.USERS_EDIT,
        run=locked(reset_factors),
        is_dangerous=True,
    ),
    Action(
        name="end-sessions",
        title=_("Sign out everywhere"),
        question=_("Sign this user out on all devices?"),
        done=_("Signed out everywhere."),
        permission=PeoplePermission.USERS_EDIT,
        run=locked(sign_out),
        many=True,
    ),
    Action(
        name="deactivate",
        needs_proof=True,
        title=_("Deactivate"),
        question=_(
            "Deactivate this user? They are signed out right away and cannot sign in, and their API keys are revoked."
            " Their orders stay."
        ),
        done=_("The user is deactivated."),
        permission=PeoplePermission.USERS_EDIT,
        run=locked(disable),
        applies=lambda user: user.disabled_at is None,
        needless=_("Already deactivated."),
        many=True,
        is_dangerous=True,
    ),
    Action(
        name="reactivate",
        needs_proof=True,
        title=_("Reactivate"),
        question=_("Reactivate this user? They can sign in again."),
        done=_("The user is reactivated."),
        permission=PeoplePermission.USERS_EDIT,
        run=locked(enable),
        applies=lambda user: user.disabled_at is not None,
        needless=_("Already active."),
        many=True,
    ),
)
